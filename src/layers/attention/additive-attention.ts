/** layers.additiveAttention: attention by the tanh of sums (Bahdanau et al. 2015), as in Keras. */
import { tfl } from '../../foundation/tensorflow.js';
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

/** The arguments of {@link additiveAttention}. */
export interface AdditiveAttentionArgs extends CommonAttentionArgs {
  /** Whether each of the values that are summed up has a factor that is learned, true by default. */
  useScale?: boolean;
}

const WHERE = 'layers.additiveAttention';

/** The class of {@link additiveAttention}. */
export const AdditiveAttentionLayer = once(
  (): LayerClass<AdditiveAttentionArgs, tfl.layers.Layer> => {
    class AdditiveAttention extends AttentionLayerBase() {
      static readonly className: string = 'AdditiveAttention';
      readonly where = WHERE;
      private scale: AttentionWeight | null = null;

      constructor({ useScale = true, ...args }: AdditiveAttentionArgs) {
        super(WHERE, useScale, args);
      }

      override build(inputShape: tfl.Shape | tfl.Shape[]): void {
        const { query } = requireShapes(WHERE, inputShape);
        const width = query[2]!;
        if (this.useScale) {
          // Glorot's uniform for one dimension, as Keras has it; tf.layers takes the square root.
          const limit = Math.sqrt(3 / width);
          const seed = this.seed ?? undefined;
          const uniform = { minval: -limit, maxval: limit, ...(seed !== undefined && { seed }) };
          const initializer = tfl.initializers.randomUniform(uniform);
          this.scale = this.addWeight('scale', [width], 'float32', initializer);
        }
        this.built = true;
      }

      scoring(): ScoreOf {
        return { score: 'tanh', factors: this.scale?.read() };
      }
    }
    return AdditiveAttention as unknown as LayerClass<AdditiveAttentionArgs, tfl.layers.Layer>;
  },
);

/**
 * Additive attention: for each query the mean of all values, weighted by a small network that looks at
 * the query and at their keys. `keras.layers.AdditiveAttention`, which tf.layers lacks, fast on `cpu`
 * and `wasm`.
 *
 * It is applied as {@link attention} is, and its call takes the same arguments. Where Bahdanau et al.
 * project the states of the decoder and the encoder before they are added, put a Dense layer in front.
 *
 * @param args `useScale`, `dropout`, `seed`, as in Keras, and `kernel`: `'auto'` by default. The
 *   initial values of the factors follow from `seed`, too.
 * @returns A layer from [query, value] or [query, value, key] to [batch, queries, columns], and the
 *   weights [batch, queries, keys] where they are asked for.
 * @throws RecurrentError for arguments that do not exist or fit; when it is applied, for inputs whose
 *   shapes do not fit.
 * @see Bahdanau et al. 2015: softmax(Σ scale · tanh(query + key)) · value.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const query = tf.zeros([1, 1, 2]);
 * const value = tf.tensor3d([[[3, 3], [-3, -3]]]);
 * const attention = layers.additiveAttention({ useScale: false });
 * const output = attention.apply([query, value]) as tf.Tensor;
 * console.log(output.shape, output.dataSync()[0]!.toFixed(3));
 * // [ 1, 1, 2 ] 2.890
 * ```
 */
export function additiveAttention(args: AdditiveAttentionArgs = {}): tfl.layers.Layer {
  requireLayerArguments('additiveAttention', args);
  return new (AdditiveAttentionLayer())(args);
}
