/** layers.attention: attention by dot products (Luong et al. 2015), as in Keras. */
import { requireOneOf } from '../../foundation/option-checks.js';
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { once } from '../keras-only/once.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { LayerClass } from '../stock.js';
import {
  AttentionLayerBase,
  type AttentionWeight,
  type CommonAttentionArgs,
} from './attention-layer.js';
import type { ScoreOf } from './attend.js';
import { requireShapes } from './attention-inputs.js';

/** The arguments of {@link attention}. */
export interface AttentionArgs extends CommonAttentionArgs {
  /** Whether the scores are multiplied with a number that is learned, false by default. */
  useScale?: boolean;
  /**
   * How a query and a key make a score: `'dot'` (default), their product, or `'concat'`, the tanh of
   * their sum, summed up and multiplied with a number that is learned.
   */
  scoreMode?: 'dot' | 'concat';
}

const WHERE = 'layers.attention';

/** The class of {@link attention}. */
export const AttentionLayer = once((): LayerClass<AttentionArgs, tfl.layers.Layer> => {
  class Attention extends AttentionLayerBase() {
    static readonly className: string = 'Attention';
    override readonly where = WHERE;
    readonly scoreMode: 'dot' | 'concat';
    private scale: AttentionWeight | null = null;
    private concatScoreWeight: AttentionWeight | null = null;

    constructor({ useScale = false, scoreMode = 'dot', ...args }: AttentionArgs) {
      super(WHERE, useScale, args);
      requireOneOf(WHERE, 'scoreMode', scoreMode, ['dot', 'concat']);
      this.scoreMode = scoreMode;
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      requireShapes(WHERE, inputShape);
      const one = (name: string) => this.addWeight(name, [], 'float32', tfl.initializers.ones());
      if (this.useScale) this.scale = one('scale');
      if (this.scoreMode === 'concat') this.concatScoreWeight = one('concat_score_weight');
      this.built = true;
    }

    override scoring(): ScoreOf {
      return {
        score: this.scoreMode === 'dot' ? 'dot' : 'tanh',
        scale: this.scale?.read(),
        factors: this.concatScoreWeight?.read(),
      };
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), scoreMode: this.scoreMode };
    }
  }
  return Attention as unknown as LayerClass<AttentionArgs, tfl.layers.Layer>;
});

/**
 * Attention by dot products: for each query the mean of all values, weighted by how well their keys fit
 * it. `keras.layers.Attention`, which tf.layers lacks, fast on `cpu` and `wasm`.
 *
 * It is applied to `[query, value]` or `[query, value, key]`: query [batch, queries, width], value
 * [batch, keys, columns], key [batch, keys, width], the value itself where left out. In the call,
 * `useCausalMask: true` lets query i see no key behind the i-th, and `returnAttentionScores: true`
 * returns the weights, too. Masked steps of the value weigh nothing, and for masked steps of the query
 * zeros come out.
 *
 * @param args `useScale`, `scoreMode` (`'dot'` or `'concat'`), `dropout`, `seed`, as in Keras, and
 *   `kernel`: `'auto'` by default.
 * @returns A layer from these inputs to [batch, queries, columns], and the weights
 *   [batch, queries, keys] where they are asked for.
 * @throws RecurrentError for arguments that do not exist or fit; when it is applied, for inputs whose
 *   shapes do not fit.
 * @see Luong et al. 2015: softmax(query · keyᵀ) · value.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const query = tf.tensor3d([[[9, 0]]]);
 * const value = tf.tensor3d([[[1, 0], [0, 1]]]);
 * const [output, weights] = layers
 *   .attention({})
 *   .apply([query, value], { returnAttentionScores: true }) as tf.Tensor[];
 * console.log(output!.shape, (weights!.arraySync() as number[][][])[0]![0]!.map((w) => w.toFixed(4)));
 * // [ 1, 1, 2 ] [ '0.9999', '0.0001' ]
 * ```
 */
export function attention(args: AttentionArgs = {}): tfl.layers.Layer {
  requireLayerArguments('attention', args);
  return new (AttentionLayer())(args);
}
