/** createSentimentLstm: the model of the classic IMDb experiment. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import {
  requireBoolean,
  requireDropped,
  requireKnownOptions,
  requirePositive,
} from '../../foundation/option-checks.js';
import { adam } from '../../layers/optimizers/adam.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import { manyToOne } from '../topologies/many-to-one.js';

/** The settings of {@link createSentimentLstm}. */
export interface SentimentLstmOptions {
  /** Rows of the embedding: the words of the tokenizer, counting 0 for padding. Default 4000. */
  vocabularySize?: number;
  /** Length to which the texts are padded. Default 300. */
  sequenceLength?: number;
  /** Width of a word's vector. Default 32. */
  embeddingDim?: number;
  /** Units of the LSTM. Default 32. */
  lstmUnits?: number;
  /** Units of the hidden dense layer. Default 256. */
  denseUnits?: number;
  /** Fraction dropped after the embedding and after the dense layer. Default 0.2. */
  dropoutRate?: number;
  /** `'sigmoid'` (default), as Keras since 2.3, or `'hardSigmoid'`, as Keras before. */
  recurrentActivation?: 'sigmoid' | 'hardSigmoid';
  /** Whether the LSTM skips the padding. Default false. */
  maskZero?: boolean;
  /** Whether a second LSTM reads the text backwards. Default false. */
  bidirectional?: boolean;
  /** Of Adam. Default 0.001. */
  learningRate?: number;
  /** Whether to compile it with Adam, binary cross-entropy and accuracy. Default true. */
  compile?: boolean;
  /** Fixes the initial weights and the dropout masks. Default: different every time. */
  seed?: number;
}

/**
 * Builds the sentiment classifier of the IMDb tutorials: Embedding, Dropout, LSTM,
 * Dense with relu, Dropout, Dense with sigmoid, compiled with Adam and binary
 * cross-entropy.
 *
 * Layers, initial weights and defaults are those of Keras: uniform embeddings, Glorot
 * uniform kernels, an orthogonal recurrent kernel, a forget bias of one.
 *
 * It is {@link createManyToOne} with an LSTM, a hidden dense layer and one output, under names of its own.
 *
 * It is a `tf.Sequential` in everything; its `fit` copies the rows of a batch, which is faster than
 * to gather them value by value.
 *
 * @param options Sizes and settings; the defaults are the tutorial's.
 * @returns A model from integers [batch, sequenceLength] to probabilities [batch, 1].
 * @throws RecurrentError for a size that is not a positive integer, a rate outside
 *   [0, 1), or a learning rate that is not positive.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createSentimentLstm } from 'tfjs-recurrent';
 *
 * const model = createSentimentLstm();
 * console.log(model.layers.map((layer) => layer.name).join(' → '));
 * // embedding → dropout → lstm → dense → dropout_1 → dense_1
 * console.log(model.countParams());
 * // 145025
 * ```
 */
export function createSentimentLstm(options: SentimentLstmOptions = {}): tfl.Sequential {
  const settings = withDefaults(options);
  const { lstmUnits, ...shared } = settings;
  return manyToOne({
    ...shared,
    cell: 'lstm',
    units: [lstmUnits],
    inputs: undefined,
    outputs: 1,
    task: 'classification',
  });
}

/** Compiles a model of {@link createSentimentLstm}, also one that was saved without its optimizer. */
export function compileForSentiment(model: tfl.LayersModel, learningRate: number): void {
  model.compile({
    optimizer: adam(learningRate),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  ownOptimizer(model);
}

type Settings = Required<Omit<SentimentLstmOptions, 'seed'>> & { seed: number | undefined };

/** The names of the settings. */
export const SENTIMENT_LSTM_OPTIONS = [
  ...['vocabularySize', 'sequenceLength', 'embeddingDim', 'lstmUnits', 'denseUnits'],
  ...['dropoutRate', 'recurrentActivation', 'maskZero', 'bidirectional', 'learningRate'],
  ...['compile', 'seed'],
] as const;

function withDefaults(options: SentimentLstmOptions): Settings {
  requireKnownOptions('createSentimentLstm', options, SENTIMENT_LSTM_OPTIONS);
  const settings: Settings = {
    vocabularySize: 4000,
    sequenceLength: 300,
    embeddingDim: 32,
    lstmUnits: 32,
    denseUnits: 256,
    dropoutRate: 0.2,
    recurrentActivation: 'sigmoid',
    maskZero: false,
    bidirectional: false,
    learningRate: 0.001,
    compile: true,
    seed: undefined,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const where = 'createSentimentLstm';
  for (const name of [
    'vocabularySize',
    'sequenceLength',
    'embeddingDim',
    'lstmUnits',
    'denseUnits',
  ] as const) {
    const received: unknown = settings[name];
    if (!Number.isInteger(received) || (received as number) < 1) {
      reject({ where, expected: `${name} must be a positive integer`, received });
    }
  }
  for (const name of ['maskZero', 'bidirectional', 'compile'] as const) {
    requireBoolean(where, name, settings[name]);
  }
  const { dropoutRate, recurrentActivation, learningRate, seed } = settings;
  requireDropped(
    where,
    'dropoutRate',
    dropoutRate,
    'It is the fraction that is dropped; 0 drops nothing.',
  );
  if (recurrentActivation !== 'sigmoid' && recurrentActivation !== 'hardSigmoid') {
    reject({
      where,
      expected: "recurrentActivation must be 'sigmoid' or 'hardSigmoid'",
      received: recurrentActivation,
    });
  }
  requirePositive(where, 'learningRate', learningRate);
  if (seed !== undefined && !Number.isInteger(seed)) {
    reject({ where, expected: 'seed must be an integer', received: seed });
  }
  return settings;
}
