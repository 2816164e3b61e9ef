/** Layers over time beside the recurrent ones: convolution, pooling, padding, cropping and repeating. */
import {
  type Conv1dSettings,
  forward as convolve,
  stepsOf,
} from '../../kernels/convolution/conv1d-forward.js';
import {
  type GlobalPoolMode,
  forward as poolAll,
} from '../../kernels/pooling/global-pool-forward.js';
import {
  forward as pool,
  type Pool1dSettings,
  planOf as windowsOf,
} from '../../kernels/pooling/pool1d-forward.js';
import { computed, type Mask, type Run, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { type Activation, activationOf } from './activations.js';
import { Layer, lastSize, requireRank, type Settings, type Shape } from './layer.js';

/** A setting that is written alone or as a list of one. */
const only = (value: unknown) => Number([value].flat()[0]);

/** Refuses a layer whose features are not last. */
function requireChannelsLast(layer: Layer, { dataFormat }: Settings): void {
  if (dataFormat === 'channelsFirst') layer.refuse('has dataFormat channelsFirst');
}

export class Conv1d extends Layer {
  readonly #filters: number;
  readonly #size: number;
  readonly #hasBias: boolean;
  readonly #settings: Conv1dSettings;
  readonly #activation: Activation;
  #kernel: Tensor | undefined;
  #bias: Tensor | undefined;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    requireChannelsLast(this, settings);
    this.#filters = Number(settings.filters);
    this.#size = only(settings.kernelSize);
    this.#hasBias = settings.useBias !== false;
    const { strides = 1, dilationRate, padding = 'valid' } = settings;
    const dilation = only(dilationRate ?? 1);
    this.#settings = { strides: only(strides), dilation, padding: padding as 'valid' };
    this.#activation = activationOf(this, settings.activation);
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, time = null] = requireRank(this, input, 3);
    const steps = time === null ? null : stepsOf(time, this.#size, this.#settings).steps;
    if (steps !== null && steps < 1) this.refuse('has no window in a sequence so short', time);
    return [[batch, steps, this.#filters]];
  }

  override build([input]: Shape[], weights: Weights): void {
    const shape = [this.#size, lastSize(this, input!), this.#filters];
    this.#kernel = weights.take(this, 'kernel', shape);
    if (this.#hasBias) this.#bias = weights.take(this, 'bias', [this.#filters]);
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    this.outputShapes([x!.shape]);
    const inputs = { x, kernel: this.#kernel, bias: this.#bias };
    return [this.#activation(run, convolve(run, inputs, this.#settings) as Tensor)];
  }
}

/** The largest value or the mean of each window. */
export class Pooling1d extends Layer {
  readonly #settings: Pool1dSettings;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    requireChannelsLast(this, settings);
    const size = only(settings.poolSize ?? 2);
    this.#settings = {
      mode: className === 'MaxPooling1D' ? 'max' : 'average',
      size,
      strides: settings.strides == null ? size : only(settings.strides),
      padding: (settings.padding ?? 'valid') as 'valid',
    };
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, time = null, width = null] = requireRank(this, input, 3);
    const steps = time === null ? null : windowsOf(time, this.#settings).steps;
    if (steps !== null && steps < 1) this.refuse('has no window in a sequence so short', time);
    return [[batch, steps, width]];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    this.outputShapes([x!.shape]);
    return [pool(run, { x: x! }, this.#settings) as Tensor];
  }
}

/** The largest value or the mean of all steps, of those that count where a rule of Keras is set. */
export class GlobalPooling extends Layer {
  maskRule: unknown;
  readonly #mode: GlobalPoolMode;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    requireChannelsLast(this, settings);
    this.maskRule = settings.maskRule ?? null;
    this.#mode = className === 'GlobalMaxPooling1D' ? 'max' : 'average';
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, , width = null] = requireRank(this, input, 3);
    return [[batch, width]];
  }

  call(run: Run, [x]: Tensor[], [mask = null]: (Mask | null)[]): Tensor[] {
    const counts =
      mask && this.maskRule !== null
        ? run.tensor(Float32Array.from(mask.values), mask.shape)
        : undefined;
    return [poolAll(run, { x, ...(counts && { mask: counts }) }, { mode: this.#mode }) as Tensor];
  }
}

/** Steps of a sequence copied to other steps: `from` says which comes where, -1 for zeros. */
export class Steps extends Layer {
  readonly #count: (time: number) => number;
  readonly #from: (step: number, time: number) => number;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    const { padding, cropping, size } = settings;
    const [before = 0, after = 0] = ends(padding ?? cropping ?? 0);
    if (className === 'ZeroPadding1D') {
      this.#count = (time) => time + before + after;
      this.#from = (step, time) => (step - before < time ? Math.max(-1, step - before) : -1);
    } else if (className === 'Cropping1D') {
      this.#count = (time) => time - before - after;
      this.#from = (step) => step + before;
    } else {
      const times = only(size ?? 2);
      this.#count = (time) => time * times;
      this.#from = (step) => Math.floor(step / times);
    }
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, time = null, width = null] = requireRank(this, input, 3);
    const steps = time === null ? null : this.#count(time);
    if (steps !== null && steps < 1)
      this.refuse('would leave no step of a sequence so short', time);
    return [[batch, steps, width]];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const [batch, time, width] = x!.shape as [number, number, number];
    const [[, steps]] = this.outputShapes([x!.shape]) as [[number, number]];
    const output = computed(run, [batch, steps, width], [x!], (out, values) => {
      for (let row = 0; row < batch * steps; row++) {
        const step = this.#from(row % steps, time);
        const from = (Math.floor(row / steps) * time + step) * width;
        if (step < 0) out.fill(0, row * width, (row + 1) * width);
        else out.set(values!.subarray(from, from + width), row * width);
      }
    });
    return [output];
  }
}

function ends(setting: unknown): number[] {
  return Array.isArray(setting) ? setting.map(Number) : [Number(setting), Number(setting)];
}
