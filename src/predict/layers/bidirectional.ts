/** A recurrent layer in both directions. */
import type { MergeMode } from '../../kernels/recurrent/bidirectional-inputs.js';
import { mergedForward } from '../../kernels/recurrent/bidirectional-forward.js';
import { computed, type Mask, type Run, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { Layer, type Settings, type Shape } from './layer.js';
import { Recurrent } from './recurrent.js';

const { fround } = Math;

export class Bidirectional extends Layer {
  readonly forwardLayer: Recurrent;
  readonly backwardLayer: Recurrent;
  readonly #mode: MergeMode;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    const { className: inner, config } = writtenIn(settings.layer);
    const direction = (goBackwards: boolean) => new Recurrent(inner, { ...config, goBackwards });
    this.forwardLayer = direction(config.goBackwards === true);
    this.backwardLayer = direction(config.goBackwards !== true);
    const { mergeMode = 'concat' } = settings;
    if (![null, 'concat', 'sum', 'ave', 'mul'].includes(mergeMode as string)) {
      this.refuse('has an unknown mergeMode', mergeMode);
    }
    this.#mode = mergeMode as MergeMode;
  }

  outputShapes([input, ...states]: Shape[]): Shape[] {
    const half = states.length / 2;
    const [output, ...last] = this.forwardLayer.outputShapes([input!, ...states.slice(0, half)]);
    const merged =
      this.#mode === 'concat' ? [...output!.slice(0, -1), 2 * (output!.at(-1) as number)] : output!;
    return [...(this.#mode === null ? [output!, output!] : [merged]), ...last, ...last];
  }

  override build([input]: Shape[], weights: Weights): void {
    this.forwardLayer.build([input!], weights);
    this.backwardLayer.build([input!], weights);
  }

  call(run: Run, [x, ...states]: Tensor[], [mask = null]: (Mask | null)[]): Tensor[] {
    const half = states.length / 2;
    const initial = [states.slice(0, half), states.slice(half)] as const;
    const pair = [this.forwardLayer, this.backwardLayer] as const;
    const [cell, ...others] = pair[0].cells;
    const { setting } = cell!;
    const hasKernel = others.length === 0 && typeof setting === 'number';
    if (!hasKernel || this.#masksApart(mask, half > 0)) {
      return this.#apart(run, x!, initial, mask);
    }
    const inputs: Record<string, Tensor> = { x: x! };
    if (mask) inputs.mask = run.tensor(mask.values, mask.shape);
    pair.forEach(({ weights: [weights] }, i) => {
      const [initialH, initialC] = initial[i]!;
      const own = { ...weights, ...(initialH && { initialH }), ...(initialC && { initialC }) };
      for (const [name, tensor] of Object.entries(own)) inputs[`${name}${i}`] = tensor;
    });
    const { returnSequences, returnState, zeroOutputForMask } = this.forwardLayer;
    const settingOf = ({ goBackwards }: Recurrent) => ({ goBackwards, setting });
    return mergedForward(run, cell!.facts, inputs, {
      mergeMode: this.#mode,
      returnSequences,
      returnState,
      zeroMasked: mask !== null && zeroOutputForMask === true,
      directions: [settingOf(pair[0]), settingOf(pair[1])],
      activations: null,
    }) as Tensor[];
  }

  /** Whether masked steps give something that the kernel does not write. */
  #masksApart(mask: Mask | null, hasStates: boolean): boolean {
    const { zeroOutputForMask: zero, returnSequences } = this.forwardLayer;
    if (!mask || zero === false) return false;
    return zero === true ? !returnSequences : hasStates;
  }

  /** Each direction by itself. */
  #apart(
    run: Run,
    x: Tensor,
    initial: readonly (readonly Tensor[])[],
    mask: Mask | null,
  ): Tensor[] {
    const [[a, ...first], [b, ...second]] = [this.forwardLayer, this.backwardLayer].map(
      (layer, i) => layer.call(run, [x, ...initial[i]!], [mask]),
    ) as [[Tensor, ...Tensor[]], [Tensor, ...Tensor[]]];
    const turned = this.forwardLayer.returnSequences ? turnedRound(run, b) : b;
    const merged = this.#mode === null ? [a, turned] : [this.#merged(run, a, turned)];
    return [...merged, ...first, ...second];
  }

  #merged(run: Run, a: Tensor, b: Tensor): Tensor {
    const mode = this.#mode;
    const units = a.shape.at(-1)!;
    const shape = mode === 'concat' ? [...a.shape.slice(0, -1), 2 * units] : a.shape;
    return computed(run, shape, [a, b], (out, left, right) => {
      for (let i = 0; i < left!.length; i++) {
        const [x, y] = [left![i]!, right![i]!];
        if (mode === 'concat') {
          const at = i + units * Math.floor(i / units);
          out[at] = x;
          out[at + units] = y;
        } else if (mode === 'mul') out[i] = x * y;
        else out[i] = mode === 'ave' ? 0.5 * fround(x + y) : x + y;
      }
    });
  }

  override masks(_: Run, __: Tensor[], [mask = null]: (Mask | null)[]): (Mask | null)[] {
    const own = this.forwardLayer.returnSequences ? mask : null;
    return this.#mode === null ? [own, own] : [own];
  }
}

/** The layer inside, as it is written, or as it was read already. */
function writtenIn(layer: unknown): { className: string; config: Settings } {
  if (!(layer instanceof Recurrent)) return layer as { className: string; config: Settings };
  return { className: layer.className, config: layer.settings };
}

/** A sequence [batch, time, units] with its last step first. */
function turnedRound(run: Run, x: Tensor): Tensor {
  const [batch, time, units] = x.shape as [number, number, number];
  return computed(run, x.shape, [x], (out, values) => {
    for (let row = 0; row < batch * time; row++) {
      const step = row % time;
      const from = (row - step + (time - 1 - step)) * units;
      out.set(values!.subarray(from, from + units), row * units);
    }
  });
}
