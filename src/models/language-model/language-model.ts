/** createLanguageModel: the probabilities of what comes next, after every token of a text. */
import { reject } from '../../foundation/errors.js';
import { requireBoolean, requireInteger } from '../../foundation/option-checks.js';
import { tfl } from '../../foundation/tensorflow.js';
import { embedding } from '../../layers/layers.js';
import { type TopologyOptions, topologySettings } from '../topologies/options.js';
import { compiled, Parts } from '../topologies/parts.js';

/** The options of {@link createLanguageModel}. */
export interface LanguageModelOptions extends TopologyOptions {
  /** Tokens of the vocabulary: characters or words, counting 0, which a Tokenizer leaves free. */
  vocabularySize: number;
  /**
   * Whether a token is a one among zeros instead of a vector that is learned. It is then a row of
   * an embedding that does not train, so that inputs are tokens in either case. Default false.
   */
  oneHot?: boolean | undefined;
  /** Tokens of a sequence. Default: any number, the same in all sequences of a batch. */
  sequenceLength?: number | undefined;
  /**
   * Whether the states stay from batch to batch, so that each sequence goes on where the one at its
   * place in the batch before ended. Default false.
   */
  stateful?: boolean | undefined;
  /** Sequences of a batch; only with `stateful`, which needs it. */
  batchSize?: number | undefined;
}

const OTHERS = ['vocabularySize', 'oneHot', 'sequenceLength', 'stateful', 'batchSize'];

/**
 * Builds a model that says after every token of a text how likely each token of the vocabulary is to
 * come next: Embedding, recurrent layers, Dense with softmax at each step, compiled with Adam and
 * sparse categorical cross-entropy. It is the model of Keras's tutorials on text generation.
 *
 * ```text
 *   p(x₂)  p(x₃)  p(x₄)  p(x₅)
 *   ↑      ↑      ↑      ↑
 *   h₁ ──→ h₂ ──→ h₃ ──→ h₄         hₜ = cell(xₜ, hₜ₋₁)     p(xₜ₊₁) = softmax(W·hₜ + b)
 *   ↑      ↑      ↑      ↑
 *   x₁     x₂     x₃     x₄
 * ```
 *
 * It is a `tf.Sequential` in everything. Trained on `x`, tokens [batch, time], and `y`, the tokens
 * that follow each, [batch, time, 1], its loss is the cross-entropy of a token in nats; divided by
 * ln 2, it is bits. {@link generateText} writes with it.
 *
 * @param options Sizes and settings; `vocabularySize` must be given.
 * @returns A model from tokens [batch, time] to probabilities [batch, time, vocabularySize].
 * @throws RecurrentError for an option that does not exist or is out of its range, for `oneHot` with
 *   `embeddingDim`, and for `stateful` without `batchSize` or the other way round.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createLanguageModel } from 'tfjs-recurrent';
 *
 * const model = createLanguageModel({ vocabularySize: 60, units: [64, 64], cell: 'gru' });
 * console.log(model.layers.map((layer) => layer.name).join(' → '));
 * // embedding → gru → gru_1 → dense
 * console.log(model.outputs[0]?.shape);
 * // [ null, null, 60 ]
 * ```
 */
export function createLanguageModel(options: LanguageModelOptions): tfl.Sequential {
  const where = 'createLanguageModel';
  const settings = topologySettings(where, options, OTHERS, true);
  const { vocabularySize, oneHot = false, sequenceLength, stateful = false, batchSize } = options;
  requireInteger(where, 'vocabularySize', vocabularySize, 2, 'It counts 0, which is no word.');
  requireBoolean(where, 'oneHot', oneHot);
  if (oneHot && options.embeddingDim !== undefined) {
    reject({
      where,
      expected: 'oneHot and embeddingDim exclude each other',
      remedy: 'Leave embeddingDim out: a token is then vocabularySize numbers.',
      see: 'conflicting-options',
    });
  }
  requireBoolean(where, 'stateful', stateful);
  if (sequenceLength !== undefined) requireInteger(where, 'sequenceLength', sequenceLength, 1);
  if (batchSize !== undefined) requireInteger(where, 'batchSize', batchSize, 1);
  if (stateful !== (batchSize !== undefined)) {
    reject({
      where,
      expected: 'stateful and batchSize belong together',
      remedy: stateful
        ? 'Give the number of sequences whose states are kept.'
        : 'A model that is not stateful takes batches of any size.',
      see: 'conflicting-options',
    });
  }
  const parts = new Parts(settings);
  const { units, dropoutRate } = settings;
  const layers = [
    oneHot
      ? oneHotTokens(vocabularySize, sequenceLength, batchSize)
      : parts.embedding(vocabularySize, settings.embeddingDim, false, sequenceLength, batchSize),
    ...units.flatMap((each, i) => [
      parts.recurrent({ units: each, returnSequences: true, stateful }),
      ...(dropoutRate > 0 ? [parts.dropout(dropoutRate, 1, i)] : []),
    ]),
    parts.output(vocabularySize, 'classification'),
  ];
  return compiled(tfl.sequential({ layers }), {
    ...settings,
    outputs: vocabularySize,
    task: 'classification',
  });
}

/** Each token as a one among zeros, which is a table that does not train. */
function oneHotTokens(
  vocabularySize: number,
  inputLength: number | undefined,
  batchSize: number | undefined,
): tfl.layers.Layer {
  return embedding({
    name: 'embedding',
    inputDim: vocabularySize,
    outputDim: vocabularySize,
    ...(inputLength !== undefined && { inputLength }),
    ...(batchSize !== undefined && { batchSize }),
    embeddingsInitializer: 'identity',
    trainable: false,
  });
}
