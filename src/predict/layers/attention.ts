/** The mean of values, weighted by scores of queries and keys, or of all steps by a query that is learned. */
import { forward as context } from '../../kernels/attention/context-jobs.js';
import { forward as weigh } from '../../kernels/attention/weights-jobs.js';
import { sizeOf } from '../../kernels/bridge/call.js';
import { forward as dense } from '../../kernels/dense/dense-forward.js';
import { computed, type Mask, type Run, reshaped, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { type Activation, activationOf } from './activations.js';
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

/** AttentionPooling1D */
export class AttentionPooling extends Layer {
  readonly #units: number | null;
  readonly #tanh: Activation;
  #kernel: Tensor | undefined;
  #bias: Tensor | undefined;
  #query: Tensor | undefined;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#units = settings.units == null ? null : Number(settings.units);
    this.#tanh = activationOf(this, 'tanh');
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch, , columns] = requireRank(this, input, 3);
    return [[batch!, columns!]];
  }

  override build([input]: Shape[], weights: Weights): void {
    const columns = lastSize(this, input!);
    const units = this.#units ?? columns;
    this.#kernel = weights.take(this, 'kernel', [columns, units]);
    this.#bias = weights.take(this, 'bias', [units]);
    this.#query = weights.take(this, 'query', [units]);
  }

  call(run: Run, [x]: Tensor[], [mask = null]: (Mask | null)[]): Tensor[] {
    const [batch, time, columns] = x!.shape as [number, number, number];
    const rows = reshaped(x!, [batch * time, columns]);
    const product = dense(
      run,
      { x: rows, kernel: this.#kernel, bias: this.#bias },
      { relu: false },
    );
    const units = sizeOf(this.#query!.shape);
    const key = reshaped(this.#tanh(run, product as Tensor), [batch, time, units]);
    const query = computed(run, [batch, 1, units], [this.#query!], (out, values) => {
      for (let at = 0; at < out.length; at += units) out.set(values!, at);
    });
    const counts = mask && { mask: run.tensor(mask.values, mask.shape) };
    const weights = weigh(run, { query, key, ...counts }, { score: 'dot', causal: false });
    // Of a sample without a step that counts, zeros come out.
    const some = mask && { mask: run.tensor(someOf(mask), [batch, 1]) };
    const pooled = context(run, { weights: weights as Tensor, value: x!, ...some }) as Tensor;
    return [reshaped(pooled, [batch, columns])];
  }
}

/** Whether any step counts, of each sample. */
function someOf({ values, shape: [batch, time] }: Mask): Uint8Array {
  return Uint8Array.from({ length: batch! }, (_, sample) =>
    Number(values.subarray(sample * time!, (sample + 1) * time!).includes(1)),
  );
}
