/** Attention and AdditiveAttention: the mean of values, weighted by scores of queries and keys. */
import { forward as context } from '../../kernels/attention/context-jobs.js';
import { forward as weigh } from '../../kernels/attention/weights-jobs.js';
import type { Mask, Run, Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { Layer, lastSize, requireRank, type Settings, type Shape } from './layer.js';

export class Attention extends Layer {
  readonly #isAdditive: boolean;
  readonly #useScale: boolean;
  readonly #isConcat: boolean;
  readonly #weights: { scale?: Tensor; factors?: Tensor } = {};

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#isAdditive = className === 'AdditiveAttention';
    this.#useScale = (settings.useScale ?? this.#isAdditive) === true;
    this.#isConcat = settings.scoreMode === 'concat';
  }

  outputShapes(inputs: Shape[]): Shape[] {
    const [query, value] = inputs.map((shape) => requireRank(this, shape, 3));
    if (!value) this.refuse('must have two inputs or three', inputs.length);
    const scores = [query![0]!, query![1]!, value[1]!];
    return [[query![0]!, query![1]!, value[2]!], scores];
  }

  /** Readers of Keras know by the call whether the scores are wanted. */
  override computeOutputShape(shapes: Shape[]): Shape {
    return this.outputShapes(shapes)[0]!;
  }

  override build([query]: Shape[], weights: Weights): void {
    if (this.#isAdditive) {
      const shape = [lastSize(this, query!)];
      if (this.#useScale) this.#weights.factors = weights.take(this, 'scale', shape);
      return;
    }
    if (this.#useScale) this.#weights.scale = weights.take(this, 'scale', []);
    if (this.#isConcat) this.#weights.factors = weights.take(this, 'concat_score_weight', []);
  }

  call(run: Run, inputs: Tensor[], masks: (Mask | null)[], own: Settings): Tensor[] {
    const [query, value, key = value] = inputs as [Tensor, Tensor, Tensor?];
    if (query.shape[2] !== key!.shape[2] || value.shape[1] !== key!.shape[1]) {
      this.refuse(
        'has inputs whose shapes do not fit',
        inputs.map(({ shape }) => `${shape}`),
      );
    }
    const tensorOf = (mask: Mask | null | undefined) =>
      mask ? { mask: run.tensor(mask.values, mask.shape) } : {};
    const score = this.#isAdditive || this.#isConcat ? 'tanh' : 'dot';
    const scoring = { score, causal: own.useCausalMask === true } as const;
    const given = { query, key: key!, ...this.#weights, ...tensorOf(masks[1]) };
    const weights = weigh(run, given, scoring) as Tensor;
    const output = context(run, { weights, value, ...tensorOf(masks[0]) }) as Tensor;
    return [output, weights];
  }

  /** That of the query; the scores have none. */
  override masks(_: Run, __: Tensor[], [query = null]: (Mask | null)[]): (Mask | null)[] {
    return [query, null];
  }
}
