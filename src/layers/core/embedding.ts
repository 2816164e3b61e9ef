/** layers.embedding: tf.layers.embedding with kernels for its rows and their gradient. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import {
  embeddingWithGradient,
  embedding as fusedEmbedding,
} from '../../kernels/embedding/embedding.js';
import { embeddingComposed } from '../../kernels/embedding/embedding-composed.js';
import { asIndices } from '../../kernels/embedding/indices.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { type KernelOption, kernelOption, useFused } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import {
  type CallArguments,
  type EmbeddingArgs,
  onlyTensor,
  stockEmbedding,
  type LayerClass,
  type StockEmbedding,
} from '../stock.js';
import { type Given, singleCall, type TrainingCall, type TrainsByCall } from '../training-call.js';

/** The arguments of `tf.layers.embedding`, and which kernel computes it. */
export type EmbeddingLayerArgs = EmbeddingArgs & { kernel?: KernelOption };

type EmbeddingClass = LayerClass<
  EmbeddingLayerArgs,
  StockEmbedding & TrainsByCall & { readonly kernel: KernelOption }
>;

let embeddingClass: EmbeddingClass | undefined;

/** Whether a layer turns words into vectors: ours, that of TensorFlow.js, or one normalized by frequency. */
export const isEmbedding = (layer: tfl.layers.Layer): boolean =>
  ['Embedding', 'NormalizedEmbedding'].includes(layer.getClassName());

/** The class of {@link embedding}. */
export function EmbeddingLayer(): EmbeddingClass {
  embeddingClass ??= defineEmbedding();
  return embeddingClass;
}

function defineEmbedding(): EmbeddingClass {
  return class Embedding extends stockEmbedding() {
    readonly kernel: KernelOption;

    constructor({ kernel, ...args }: EmbeddingLayerArgs) {
      super(args);
      this.kernel = kernelOption('layers.embedding', kernel);
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const table = this.embeddings.read() as tf.Tensor2D;
        const indices = asIndices(onlyTensor('layers.embedding', inputs), table.shape[0]);
        const obstacle = fusedObstacle();
        return useFused('layers.embedding', this.kernel, obstacle)
          ? fusedEmbedding(indices, table)
          : embeddingComposed(indices, table);
      });
    }

    hasTrainingCall({ values }: Given): boolean {
      return values.length === 1 && this.kernel !== 'composed';
    }

    trainingCall({ values: [x] }: Given): TrainingCall {
      const table = this.embeddings.read() as tf.Variable<tf.Rank.R2>;
      const { output, gradient } = embeddingWithGradient(asIndices(x!, table.shape[0]), table);
      return singleCall(output, (dy) => {
        return { input: null, weights: { [table.name]: gradient(dy) } };
      });
    }
  };
}

/**
 * Turns integers into vectors: `tf.layers.embedding`, fast, and with a gradient on
 * every backend (TensorFlow.js' own fails on `wasm`).
 *
 * @param args Those of `tf.layers.embedding` (`inputDim`, `outputDim`, `maskZero`,
 *   `inputLength`, …), and `kernel`: `'auto'` by default.
 * @returns A layer from integers [batch, time] to [batch, time, outputDim].
 * @throws RecurrentError for an unknown `kernel`; when called, for an index outside
 *   [0, inputDim) and for NaN, naming it and its position. Fractions are cut off, as Keras does.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const embedding = layers.embedding({ inputDim: 10, outputDim: 4 });
 * const output = embedding.apply(tf.tensor2d([[1, 2, 3]], [1, 3], 'int32')) as tf.Tensor;
 * console.log(output.shape);
 * // [ 1, 3, 4 ]
 * ```
 */
export function embedding(args: EmbeddingLayerArgs): tfl.layers.Layer {
  requireLayerArguments('embedding', args);
  return new (EmbeddingLayer())(args);
}
