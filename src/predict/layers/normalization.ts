/** Layer and batch normalization. */
import { normalized } from '../../kernels/normalization/normalize-forward.js';
import { computed, type Run, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { Layer, lastSize, type Settings, type Shape } from './layer.js';

abstract class Normalization extends Layer {
  override readonly passesMask = true;
  protected readonly epsilon: number;
  readonly #axis: unknown;
  protected readonly hasGamma: boolean;
  protected readonly hasBeta: boolean;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.epsilon = Number(settings.epsilon ?? 0.001);
    this.#axis = settings.axis ?? -1;
    this.hasGamma = settings.scale !== false;
    this.hasBeta = settings.center !== false;
  }

  outputShapes([input]: Shape[]): Shape[] {
    const axes = [this.#axis].flat();
    const isLast = axes[0] === -1 || axes[0] === input!.length - 1;
    if (axes.length !== 1 || !isLast || input!.length < 2) {
      this.refuse('must normalize the last axis', this.#axis);
    }
    return [input!];
  }
}

export class LayerNormalization extends Normalization {
  #weights: Record<string, Tensor> = {};

  override build([input]: Shape[], weights: Weights): void {
    const shape = [lastSize(this, input!)];
    if (this.hasGamma) this.#weights.gamma = weights.take(this, 'gamma', shape);
    if (this.hasBeta) this.#weights.beta = weights.take(this, 'beta', shape);
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const settings = { over: 'rows', epsilon: this.epsilon } as const;
    return [normalized(run, { x, ...this.#weights }, settings).y as Tensor];
  }
}

const ONE = Float32Array.of(1);
const ZERO = Float32Array.of(0);

/** By the means of what was trained on. */
export class BatchNormalization extends Normalization {
  #gamma = ONE;
  #beta = ZERO;
  #mean = ZERO;
  #variance = ONE;

  override build([input]: Shape[], weights: Weights): void {
    const shape = [lastSize(this, input!)];
    if (this.hasGamma) this.#gamma = weights.takeValues(this, 'gamma', shape) as typeof ONE;
    if (this.hasBeta) this.#beta = weights.takeValues(this, 'beta', shape) as typeof ONE;
    this.#mean = weights.takeValues(this, 'moving_mean', shape) as typeof ONE;
    this.#variance = weights.takeValues(this, 'moving_variance', shape) as typeof ONE;
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const width = x!.shape.at(-1)!;
    const of = (weights: Float32Array, column: number) => weights[weights.length > 1 ? column : 0]!;
    // As the cpu backend of TensorFlow.js computes it, in this order.
    const output = computed(run, x!.shape, [x!], (out, values) => {
      for (let i = 0; i < out.length; i++) {
        const column = i % width;
        const scaled = (values![i]! - of(this.#mean, column)) * of(this.#gamma, column);
        const deviation = Math.sqrt(of(this.#variance, column) + this.epsilon);
        out[i] = of(this.#beta, column) + scaled / deviation;
      }
    });
    return [output];
  }
}
