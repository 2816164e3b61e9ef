/** layers.normalizedEmbedding: vectors of words, normalized over the vocabulary by how frequent words are. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { embeddingWithGradient } from '../../kernels/embedding/embedding.js';
import { embeddingComposed } from '../../kernels/embedding/embedding-composed.js';
import { asIndices } from '../../kernels/embedding/indices.js';
import {
  normalizedTable,
  normalizedTableComposed,
} from '../../kernels/embedding/normalized-table.js';
import { once } from '../keras-only/once.js';
import { useFused } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { type CallArguments, type LayerClass, onlyTensor } from '../stock.js';
import { type Given, singleCall, type TrainingCall } from '../training-call.js';
import { EmbeddingLayer, type EmbeddingLayerArgs } from './embedding.js';

/** The arguments of {@link normalizedEmbedding}. */
export type NormalizedEmbeddingArgs = EmbeddingLayerArgs & {
  /** How often each word comes, by its number: [inputDim], counts or shares. Padding counts 0. */
  frequencies: ArrayLike<number>;
};

const WHERE = 'layers.normalizedEmbedding';

type Weight = { read(): tf.Tensor };
type Base = InstanceType<ReturnType<typeof EmbeddingLayer>>;
// Named: what TypeScript would write in its place names a file of TensorFlow.js that is not found in all resolutions.
type NormalizedEmbeddingClass = LayerClass<
  EmbeddingLayerArgs & Partial<NormalizedEmbeddingArgs>,
  Base
>;

/** The class of {@link normalizedEmbedding}. One that was saved has its frequencies among its weights. */
export const NormalizedEmbeddingLayer: () => NormalizedEmbeddingClass = once(
  (): NormalizedEmbeddingClass => {
    class NormalizedEmbedding extends EmbeddingLayer() {
      static override readonly className: string = 'NormalizedEmbedding';
      readonly #given: Float32Array | null;
      #frequencies: Weight | null = null;

      constructor({ frequencies, ...args }: EmbeddingLayerArgs & Partial<NormalizedEmbeddingArgs>) {
        super(args);
        this.#given = frequencies ? sharesOf(frequencies, args.inputDim) : null;
      }

      override build(inputShape: tfl.Shape | tfl.Shape[]): void {
        super.build(inputShape);
        const { inputDim } = this.getConfig() as { inputDim: number };
        const given = this.#given;
        const zeros = tfl.initializers.zeros();
        this.#frequencies = this.addWeight(
          'frequencies',
          [inputDim],
          'float32',
          zeros,
          undefined,
          false,
        );
        if (given)
          tf.tidy(() => (this.#frequencies!.read() as tf.Variable).assign(tf.tensor1d(given)));
      }

      override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor {
        return tf.tidy(() => {
          this.invokeCallHook(inputs, kwargs);
          const { table, frequencies } = this.tables();
          const indices = asIndices(onlyTensor(WHERE, inputs), table.shape[0]);
          const isFused = useFused(WHERE, this.kernel, fusedObstacle());
          if (isFused && !tf.engine().isTapeOn()) {
            const { normalized } = normalizedTable(table, frequencies);
            return embeddingWithGradient(indices, normalized).output;
          }
          const normalized = normalizedTableComposed(table, frequencies);
          return isFused
            ? embeddingWithGradient(indices, normalized).output
            : embeddingComposed(indices, normalized);
        });
      }

      override trainingCall({ values: [x] }: Given): TrainingCall {
        const { table, frequencies } = this.tables();
        const { normalized, gradient } = normalizedTable(table, frequencies);
        const lookup = embeddingWithGradient(asIndices(x!, table.shape[0]), normalized);
        return singleCall(lookup.output, (dy) => {
          return { input: null, weights: { [table.name]: gradient(lookup.gradient(dy)) } };
        });
      }

      private tables() {
        return {
          table: this.embeddings.read() as tf.Variable<tf.Rank.R2>,
          frequencies: this.#frequencies!.read() as tf.Tensor1D,
        };
      }
    }
    return NormalizedEmbedding;
  },
);

/** Shares of all words, which add up to 1. */
function sharesOf(frequencies: ArrayLike<number>, inputDim: number): Float32Array {
  const shares = Float64Array.from(frequencies);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const isEach = shares.every((share) => share >= 0) && Number.isFinite(total);
  if (shares.length !== inputDim || !isEach || total === 0) {
    reject({
      where: WHERE,
      expected: `frequencies must be ${inputDim} numbers of at least 0, not all of them 0, one for each of inputDim`,
      received: frequencies,
    });
  }
  return Float32Array.from(shares, (share) => share / total);
}

/**
 * An embedding whose vectors are normalized over the vocabulary: ē = (e − E(e)) / √Var(e), with the mean and
 * the variance of each number of a vector weighted by how frequent the words are. So vectors keep their
 * length, and a model cannot escape {@link adversarialTraining} by making them longer. The weights are the
 * table before that, which is trained, and the frequencies, which are not.
 *
 * Everything else is as in {@link embedding}: inputs stay words for the kernels behind it. Keras has no such
 * layer: `saveKerasModel` refuses it by name.
 *
 * @param args Those of `layers.embedding` (`inputDim`, `outputDim`, `maskZero`, …), and `frequencies`, how
 *   often each word comes.
 * @returns A layer from integers [batch, time] to [batch, time, outputDim].
 * @throws RecurrentError for arguments that do not exist, for frequencies that are not `inputDim` numbers of at
 *   least 0; when called, for an index outside [0, inputDim).
 * @see Miyato, Dai & Goodfellow 2017, equation 1; 1e-6 is added to the variance, as in their code.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const words = layers.normalizedEmbedding({ inputDim: 3, outputDim: 1, frequencies: [0, 3, 1] });
 * words.build([null, 2]);
 * words.setWeights([tf.tensor2d([[9], [1], [5]]), words.getWeights()[1]!]);
 * // Mean (3 · 1 + 1 · 5) / 4 = 2, variance (3 · 1 + 1 · 9) / 4 = 3.
 * const output = words.apply(tf.tensor2d([[1, 2]], [1, 2], 'int32')) as tf.Tensor;
 * console.log(Array.from(output.dataSync(), (x) => x.toFixed(3)).join(' '));
 * // -0.577 1.732
 * ```
 */
export function normalizedEmbedding(args: NormalizedEmbeddingArgs): tfl.layers.Layer {
  requireLayerArguments('normalizedEmbedding', args);
  const { frequencies } = args;
  if (!isList(frequencies)) {
    reject({
      where: WHERE,
      expected: 'frequencies must be a list of numbers, one for each word',
      received: frequencies,
      remedy: 'The counts of a Tokenizer are in its wordCounts.',
    });
  }
  return new (NormalizedEmbeddingLayer())(args);
}
