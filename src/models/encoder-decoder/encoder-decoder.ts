/** createEncoderDecoder: from sequences of one kind to sequences of another, such as translations. */
import { reject } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { ready } from '../../kernels/bridge/ready.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import { appendHistory, type TrainingHistory } from '../../training/history.js';
import { splitRows } from './split-rows.js';
import { nextTurn } from '../../foundation/turn.js';
import { fitSettings, type SentimentFitOptions } from '../sentiment/sentiment-options.js';
import type { Decoded } from '../decoding/step-model.js';
import { type EncoderDecoderState, loadEncoderDecoder, saveEncoderDecoder } from './artifacts.js';
import { attentionWeights } from './attention-weights.js';
import { buildEncoderDecoder } from './build.js';
import { DecoderSteps } from './decoder-steps.js';
import {
  GENERATE_OPTIONS,
  type GenerateOptions,
  requireGenerateOptions,
  writeSequences,
} from '../decoding/write-sequences.js';
import {
  type EncoderDecoderOptions,
  encoderDecoderSettings,
  type SideVocabularies,
} from './options.js';
import { padded, type SideOfModel, taught, type TokenSequence, tokensOf } from './sequences.js';
import { textOf } from './text.js';

/** Pairs of sequences: texts, where the model has vocabularies, or lists of tokens. */
export interface SequencePairs {
  /** At least one; tokens from 1 to `source.vocabularySize - 1`. */
  sources: readonly TokenSequence[];
  /** As many, without start and end token. */
  targets: readonly TokenSequence[];
}

/** How {@link EncoderDecoder.fit} trains. */
export interface EncoderDecoderFitOptions extends SentimentFitOptions {
  /** Pairs that the model is tested on after each epoch, in place of a `validationSplit`. */
  validationData?: SequencePairs | undefined;
}

/** What {@link EncoderDecoder.generate} writes for a source. */
export interface Generated {
  /** The tokens, without the start and the end token. */
  tokens: number[];
  /** The same as a text; empty where the model has no vocabularies. */
  text: string;
  /** The sum of the log-probabilities of the tokens, that of the end token included. */
  logProbability: number;
  /** Whether the end token was written, rather than the greatest length reached. */
  ended: boolean;
}

/** Sources that are read at once. */
const BATCH = 256;

/**
 * An encoder that reads a sequence, a decoder that writes another one, and the vocabularies of both;
 * made by {@link createEncoderDecoder}, or by {@link EncoderDecoder.load}.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createEncoderDecoder } from 'tfjs-recurrent';
 *
 * const untrained = createEncoderDecoder({
 *   source: { vocabularySize: 6, length: 4 },
 *   target: { vocabularySize: 8, length: 5 },
 *   units: 4,
 * });
 * const weights = await untrained.attentionWeights([4, 5, 1], [2, 3]);
 * console.log(weights.length, weights[0]?.length);
 * // 3 3
 * ```
 */
export class EncoderDecoder {
  /**
   * The model, with teacher forcing: from [source, target], int32 [batch, length] each, the target with
   * its start token in front, to probabilities [batch, target.length, target.vocabularySize] of what
   * follows at each step.
   */
  readonly model: tfl.LayersModel;
  /** What turns texts into tokens and back, where the model was made with it. */
  readonly vocabularies: SideVocabularies | undefined;
  /** Loss and accuracy of all epochs, without padding. */
  readonly history: TrainingHistory;

  readonly #state: EncoderDecoderState;
  readonly #steps: DecoderSteps;

  /** @internal */
  constructor(model: tfl.LayersModel, state: EncoderDecoderState) {
    this.model = model;
    this.vocabularies = state.vocabularies;
    this.history = state.history;
    this.#state = state;
    this.#steps = new DecoderSteps(model, [0, state.startToken]);
  }

  /**
   * Trains with teacher forcing: at each step the decoder reads the right token, whatever it would have
   * written itself, and is told the next one. The start token, the end token and the padding are added;
   * padding counts neither in the loss nor in the accuracy.
   *
   * @param data `sources` and `targets`.
   * @param options `epochs` (1), `batchSize` (100), `validationSplit` (0) or `validationData`, `shuffle`,
   *   `seed`, `callbacks`.
   * @returns What these epochs logged, which is also appended to `history`.
   * @throws RecurrentError for lists of different length, empty sources, sequences that are too long, tokens
   *   beyond the vocabulary, start or end tokens among the targets, and texts without vocabularies.
   */
  async fit(data: SequencePairs, options: EncoderDecoderFitOptions = {}): Promise<TrainingHistory> {
    const where = 'EncoderDecoder.fit';
    const { validationData, ...others } = Object(options) as EncoderDecoderFitOptions;
    requireKnownOptions(where, options, [...FIT_OPTIONS]);
    const defaults = { epochs: 1, validationSplit: 0, seed: this.#state.seed };
    const settings = fitSettings(where, others, defaults);
    const { validationSplit, shuffle, seed = 0, callbacks, epochs, batchSize } = settings;
    const all = this.#pairs(where, 'data', data);
    const given = validationData && this.#pairs(where, 'validationData', validationData);
    if (given && validationSplit > 0) {
      reject({
        where,
        expected: 'validationSplit and validationData exclude each other',
        remedy: 'Leave one of them out.',
        see: 'conflicting-options',
      });
    }
    const parts = splitRows(where, all.sources.length, { validationSplit, shuffle, seed });
    const train = this.#tensors(rowsOf(all, parts.train));
    const validation = given ?? (parts.validation && rowsOf(all, parts.validation));
    const tested = validation && this.#tensors(validation);
    await ready();
    const done = this.history.epoch.length;
    try {
      const history = await fitWithSeed(this.model, train.x, train.y, {
        ...{ batchSize, initialEpoch: done, epochs: done + epochs, seed, shuffle },
        ...(tested && { validationData: [tested.x, tested.y] }),
        ...(callbacks && { callbacks }),
      });
      appendHistory(this.history, history);
      return history;
    } finally {
      tf.dispose([train, tested ?? []]);
    }
  }

  /**
   * Writes the target of a source, or of each source of a list: the likeliest token at each step, by beam
   * search, or drawn. The source is read once; each step goes on from the states of the one before.
   *
   * @param source A text, where the model has vocabularies; a list of tokens; or a list of either.
   * @param options `beams` and `lengthPenalty`; or `temperature`, `topK`, `topP` and `seed`; `maxLength`:
   *   `target.length` when left out.
   * @throws RecurrentError for an empty source, one that is too long, tokens beyond the vocabulary, and
   *   options that do not exist, are out of their range or exclude each other.
   */
  async generate(source: TokenSequence, options?: GenerateOptions): Promise<Generated>;
  async generate(
    sources: readonly TokenSequence[],
    options?: GenerateOptions,
  ): Promise<Generated[]>;
  async generate(
    source: TokenSequence | readonly TokenSequence[],
    options: GenerateOptions = {},
  ): Promise<Generated | Generated[]> {
    const where = 'EncoderDecoder.generate';
    requireKnownOptions(where, options, GENERATE_OPTIONS);
    requireGenerateOptions(where, options);
    await ready();
    if (isOne(source)) {
      return this.#write(tokensOf(where, this.#side('source'), [source]), options)[0]!;
    }
    const sources = tokensOf(where, this.#side('source'), source);
    const written: Generated[] = [];
    for (let first = 0; first < sources.length; first += BATCH) {
      if (first > 0) await nextTurn();
      written.push(...this.#write(sources.slice(first, first + BATCH), options));
    }
    return written;
  }

  /**
   * How much each step of the target looks at each step of the source: rows of weights that sum to 1.
   *
   * @param source A text, where the model has vocabularies, or tokens.
   * @param target Likewise, such as what {@link EncoderDecoder.generate} wrote: `text` or `tokens`.
   * @returns A row for each token of the target and one for its end, a weight for each token of the source.
   * @throws RecurrentError for a model without attention, and as {@link EncoderDecoder.fit} does.
   */
  async attentionWeights(source: TokenSequence, target: TokenSequence): Promise<number[][]> {
    const where = 'EncoderDecoder.attentionWeights';
    await ready();
    const pair = this.#pairs(where, 'data', { sources: [source], targets: [target] });
    const { x, y } = this.#tensors(pair);
    try {
      const weights = attentionWeights(where, this.model, x);
      return weights
        .slice(0, pair.targets[0]!.length + 1)
        .map((row) => row.slice(0, pair.sources[0]!.length));
    } finally {
      tf.dispose([x, y]);
    }
  }

  /**
   * Saves model, vocabularies and special tokens together, as a model that every loader of TensorFlow.js
   * reads and whose metadata {@link EncoderDecoder.load} understands. {@link saveKerasModel} writes `model`
   * for Keras.
   *
   * @param ioHandler A handler, such as `fileSystem(directory)` of `tfjs-recurrent/node` or those of
   *   `tf.io`, or a URL such as `indexeddb://dates`.
   * @param options `includeOptimizer`: whether what Adam remembers is saved too; false when left out.
   * @returns What the handler returned.
   * @throws RecurrentError when the handler cannot save.
   */
  async save(
    ioHandler: tf.io.IOHandler | string,
    options: { includeOptimizer?: boolean | undefined } = {},
  ): Promise<tf.io.SaveResult> {
    const where = 'EncoderDecoder.save';
    requireKnownOptions(where, options, ['includeOptimizer']);
    const { includeOptimizer = false } = options;
    requireBoolean(where, 'includeOptimizer', includeOptimizer);
    return saveEncoderDecoder(where, this.model, this.#state, ioHandler, includeOptimizer);
  }

  /**
   * Loads what {@link EncoderDecoder.save} saved; it writes what the saved one wrote, and can be trained on.
   *
   * @param ioHandler What it was saved to, or a URL of its `model.json`.
   * @throws RecurrentError when the handler cannot load, or when what it loads was not saved so or is damaged.
   */
  static async load(ioHandler: tf.io.IOHandler | string): Promise<EncoderDecoder> {
    await ready();
    const { model, state } = await loadEncoderDecoder('EncoderDecoder.load', ioHandler);
    return new EncoderDecoder(model, state);
  }

  /** Frees the memory of the model and of its optimizer; it is of no use afterwards. */
  dispose(): void {
    this.model.dispose();
  }

  #side(name: 'source' | 'target'): SideOfModel {
    const { model, vocabularies } = this;
    const { startToken, endToken } = this.#state;
    const { inputDim } = model.getLayer(`${name}_embedding`).getConfig();
    const length = model.inputs[name === 'source' ? 0 : 1]!.shape[1]!;
    const isSource = name === 'source';
    return {
      name,
      vocabularySize: inputDim as number,
      most: isSource ? length : length - 1,
      reserved: isSource
        ? []
        : [
            [startToken, 'start'],
            [endToken, 'end'],
          ],
      tokenizer: vocabularies?.[name],
    };
  }

  #pairs(where: string, name: string, data: SequencePairs): TokenPairs {
    const { sources, targets } = Object(data) as Partial<SequencePairs>;
    if (!Array.isArray(sources) || !Array.isArray(targets)) {
      reject({
        where,
        expected: `${name} must hold sources and targets`,
        received: data,
        remedy: 'Pass { sources, targets }, two lists of one length.',
      });
    }
    if (sources.length !== targets.length || sources.length === 0) {
      reject({
        where,
        expected:
          'sources and targets must have one entry for each pair, and at least one, but sources has ' +
          `${sources.length} and targets has ${targets.length}`,
        remedy: 'Give every source one target.',
        see: 'uneven-data',
      });
    }
    return {
      sources: tokensOf(where, this.#side('source'), sources),
      targets: tokensOf(where, this.#side('target'), targets),
    };
  }

  #tensors({ sources, targets }: TokenPairs): { x: tf.Tensor[]; y: tf.Tensor } {
    const [{ shape: read }, { shape: written }] = this.model.inputs as [
      tfl.SymbolicTensor,
      tfl.SymbolicTensor,
    ];
    const { target, labels } = taught(targets, { ...this.#state, length: written[1]! });
    return { x: [padded(sources, read[1]!), target], y: labels };
  }

  #write(sources: readonly ArrayLike<number>[], options: GenerateOptions): Generated[] {
    const { startToken, endToken } = this.#state;
    const [{ shape: read }, { shape: written }] = this.model.inputs as [
      tfl.SymbolicTensor,
      tfl.SymbolicTensor,
    ];
    const tokens = new Int32Array(sources.length).fill(startToken);
    const x = padded(sources, read[1]!);
    const state = this.#steps.encode(x);
    try {
      const limits = { maxLength: options.maxLength ?? written[1]!, endToken };
      return writeSequences(this.#steps, { tokens, state }, limits, options).map((row) =>
        this.#generated(row),
      );
    } finally {
      this.#steps.dispose(state);
      x.dispose();
    }
  }

  #generated({ tokens, logProbability, ended }: Decoded): Generated {
    const text = this.vocabularies ? textOf(tokens, this.vocabularies.target) : '';
    return { tokens: Array.from(tokens), text, logProbability, ended };
  }
}

const FIT_OPTIONS = [
  ...['epochs', 'batchSize', 'validationSplit', 'validationData', 'shuffle', 'seed', 'callbacks'],
];

interface TokenPairs {
  sources: ArrayLike<number>[];
  targets: ArrayLike<number>[];
}

function rowsOf({ sources, targets }: TokenPairs, rows: Int32Array): TokenPairs {
  return {
    sources: Array.from(rows, (row) => sources[row]!),
    targets: Array.from(rows, (row) => targets[row]!),
  };
}

/** Whether it is one sequence, not a list of them. */
function isOne(source: TokenSequence | readonly TokenSequence[]): source is TokenSequence {
  if (typeof source === 'string' || !Array.isArray(source)) return true;
  return source.length > 0 && source.every((each) => typeof each === 'number');
}

/**
 * Builds a model that reads a sequence and writes another one: an encoder, a decoder that begins with its
 * last states, and between them attention, by which each step of the decoder looks back at all steps of
 * the source.
 *
 * @param options Sizes of both sides and `units`; the rest has defaults.
 * @returns The model, with what trains it and has it write.
 * @throws RecurrentError for sizes that are not positive integers, a start token that is missing from the
 *   vocabulary, tokenizers that do not fit it, and options that do not exist.
 * @see Sutskever et al. 2014 for the encoder-decoder, Bahdanau et al. 2015 and Luong et al. 2015 for
 *   attention.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createEncoderDecoder } from 'tfjs-recurrent';
 *
 * const reverse = createEncoderDecoder({
 *   source: { vocabularySize: 6, length: 4 },
 *   target: { vocabularySize: 8, length: 5 },
 *   units: 16,
 *   learningRate: 0.02,
 *   seed: 1,
 * });
 * const sources = [[1, 2, 3], [3, 1], [4, 5, 1, 2], [2, 5]];
 * const targets = sources.map((tokens) => [...tokens].reverse());
 * await reverse.fit({ sources, targets }, { epochs: 80, batchSize: 4 });
 * const { tokens } = await reverse.generate([4, 5, 1, 2]);
 * console.log(tokens);
 * // [ 2, 1, 5, 4 ]
 * ```
 */
export function createEncoderDecoder(options: EncoderDecoderOptions): EncoderDecoder {
  const settings = encoderDecoderSettings(options);
  const { target, vocabularies, seed } = settings;
  const { startToken, endToken } = target;
  return new EncoderDecoder(buildEncoderDecoder(settings), {
    ...{ startToken, endToken, vocabularies, seed },
    history: { epoch: [], history: {} },
  });
}
