/** Activations with settings or weights of their own, as layers. */
import { computed, type Run, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { ofValues, softmaxOfRow } from './activations.js';
import { ActivationLayer } from './core.js';
import { Layer, type Settings, type Shape } from './layer.js';
import { placesIn } from './merges.js';

const { exp, fround, max, min } = Math;

const relu = (x: number) => max(0, x);

/** Made of their settings alone. What is rounded again at the end is not rounded here. */
const FUNCTIONS: Readonly<Record<string, (settings: Settings) => (x: number) => number>> = {
  ELU({ alpha: given = 1 }) {
    const alpha = fround(Number(given));
    return (x) => fround(fround(exp(min(x, 0)) - 1) * alpha) + relu(x);
  },
  LeakyReLU({ alpha: given }) {
    const alpha = Number(given ?? 0.3);
    return (x) => (x < 0 ? alpha * x : x);
  },
  ReLU({ maxValue, negativeSlope = 0, threshold: given = 0 }) {
    const [slope, threshold] = [fround(Number(negativeSlope)), fround(Number(given))];
    const most = typeof maxValue === 'number' ? maxValue : Number.POSITIVE_INFINITY;
    return (x) => {
      const above = threshold === 0 ? relu(x) : x * Number(x > threshold);
      const clipped = most === Number.POSITIVE_INFINITY ? above : fround(max(0, min(most, above)));
      return slope === 0 ? clipped : clipped - fround(relu(fround(threshold - x)) * slope);
    };
  },
  ThresholdedReLU({ theta: given }) {
    const theta = fround(Number(given ?? 1));
    return (x) => x * Number(x > theta);
  },
};

export class AdvancedActivation extends ActivationLayer {
  constructor(className: string, settings: Settings) {
    super(className, settings, ofValues(FUNCTIONS[className]!(settings)));
  }
}

/** x, or alpha·x below 0, with an alpha for each value, or for each of some axes. */
export class Prelu extends Layer {
  override readonly passesMask = true;
  readonly #shared: readonly number[];
  #alpha: Tensor | undefined;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#shared = [settings.sharedAxes ?? []].flat() as number[];
  }

  outputShapes([input]: Shape[]): Shape[] {
    return [input!];
  }

  override build([input]: Shape[], weights: Weights): void {
    const sizes = input!.map((size, axis) => (this.#shared.includes(axis) ? 1 : size)).slice(1);
    if (sizes.includes(null)) this.refuse('needs an input of known sizes', input);
    this.#alpha = weights.take(this, 'alpha', sizes as number[]);
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const place = placesIn([1, ...this.#alpha!.shape], x!.shape);
    const output = computed(run, x!.shape, [x!, this.#alpha!], (out, values, alpha) => {
      for (let i = 0; i < out.length; i++) {
        const value = values![i]!;
        out[i] = relu(value) - fround(alpha![place(i)]! * relu(-value));
      }
    });
    return [output];
  }
}

/** The softmax along one axis. */
export class Softmax extends Layer {
  override readonly passesMask = true;
  readonly #axis: number;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    const axes = [settings.axis ?? -1].flat() as number[];
    if (axes.length !== 1) this.refuse('has a softmax along several axes', axes);
    this.#axis = axes[0]!;
  }

  outputShapes([input]: Shape[]): Shape[] {
    return [input!];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const { shape } = x!;
    const axis = this.#axis < 0 ? shape.length + this.#axis : this.#axis;
    const size = shape[axis]!;
    const apart = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const row = new Float32Array(size);
    const output = computed(run, shape, [x!], (out, values) => {
      for (let i = 0; i < out.length / size; i++) {
        const first = Math.floor(i / apart) * apart * size + (i % apart);
        for (let k = 0; k < size; k++) row[k] = values![first + k * apart]!;
        softmaxOfRow(row);
        for (let k = 0; k < size; k++) out[first + k * apart] = row[k]!;
      }
    });
    return [output];
  }
}
