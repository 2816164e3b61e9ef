/** generateText: a language model goes on with a text. */
import { reject } from '../../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { requireSeed } from '../../foundation/random.js';
import { tfl } from '../../foundation/tensorflow.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { DRAW_OPTIONS, type DrawOptions, drawSettings } from '../decoding/draw-token.js';
import { sample } from '../decoding/sample.js';
import { chainOf, endsInSoftmax } from './chain.js';
import { streamedSteps } from './streamed-steps.js';
import { plainSteps, type TokenSteps } from './token-steps.js';
import { type Vocabulary, vocabularyOf } from './vocabulary.js';

/** What {@link generateText} goes on from, how far, and how it draws. */
export interface GenerateTextOptions<Prompt extends string | readonly string[]>
  extends DrawOptions {
  /** The text to go on with; a list of them is gone on with side by side. */
  prompt: Prompt;
  /** The number of tokens to write: characters with `charLevel`, words without. */
  length: number;
  /** The tokenizer whose indices the model was trained on. */
  tokenizer: Tokenizer;
  /** A whole number, at least 0, that repeats what is drawn. Default 0. */
  seed?: number | undefined;
}

const OPTIONS = ['prompt', 'length', 'tokenizer', 'seed', ...DRAW_OPTIONS];

/** What users of Keras and others look for. */
const REMEDIES = {
  maxLength: 'Write length.',
  numGenerate: 'Write length.',
  vocabulary: 'Write tokenizer.',
  startString: 'Write prompt.',
};

/**
 * Writes on from a prompt, token by token, each drawn from what the model says of the text so far.
 *
 * The prompt is read once; after that, every token costs one step of the model, whose states are
 * carried along. The model is left as it is, also one with `stateful` layers. The same call gives the
 * same text; another `seed` gives another.
 *
 * @param model A model of embedding (or one-hot inputs), recurrent and dense layers, the last of them
 *   with softmax: one of {@link createLanguageModel}, or one of your own, or from a Keras file.
 * @param options `prompt`, `length`, `tokenizer`; `temperature`, `topK`, `topP` and `seed`.
 * @returns What was written behind the prompt; for a list of prompts, a list.
 * @throws RecurrentError for an empty prompt, a character (or word) that the vocabulary lacks where
 *   there is no OOV token, a `length` below 1, draw options out of range, a tokenizer with more words
 *   than the model, and a model whose output is not a distribution over its vocabulary.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createLanguageModel, generateText, Tokenizer } from 'tfjs-recurrent';
 *
 * const tokenizer = new Tokenizer({ charLevel: true });
 * tokenizer.fitOnTexts(['to be or not to be']);
 * const model = createLanguageModel({ vocabularySize: tokenizer.wordIndex.size + 1, units: 16 });
 * const text = await generateText(model, { prompt: 'to be', length: 12, tokenizer });
 * console.log(text.length);
 * // 12
 * ```
 */
export async function generateText<Prompt extends string | readonly string[]>(
  model: tfl.LayersModel,
  options: GenerateTextOptions<Prompt>,
): Promise<Prompt extends string ? string : string[]> {
  const where = WHERE;
  requireKnownOptions(where, options, OPTIONS, REMEDIES);
  const { length, seed = 0 } = options;
  requireInteger(where, 'length', length, 1);
  requireSeed(where, seed);
  if (!(model instanceof tfl.LayersModel)) {
    reject({
      where,
      expected: 'model must be a model of TensorFlow.js',
      received: model,
      see: 'not-a-model',
    });
  }
  const chain = chainOf(model);
  if (chain && !endsInSoftmax(chain)) {
    reject({
      where,
      expected: 'the output of the model must be a distribution over the vocabulary',
      remedy: "Its last layer is dense({ units: vocabularySize, activation: 'softmax' }).",
      see: 'unsuitable-model',
    });
  }
  const written = chain
    ? write(await plainSteps(chain), options)
    : write(streamedSteps(where, model), options);
  return (typeof options.prompt === 'string' ? written[0] : written) as never;
}

const WHERE = 'generateText';

/** Writes with the steps of a model, one text a prompt. */
function write<State>(
  steps: TokenSteps<State>,
  options: GenerateTextOptions<string | readonly string[]>,
): string[] {
  const where = WHERE;
  const { prompt, length, tokenizer, seed = 0 } = options;
  const draw = drawSettings(where, options, steps.vocabularySize);
  const sizes = { inputs: steps.inputs, outputs: steps.vocabularySize };
  const vocabulary = vocabularyOf(where, tokenizer, sizes);
  const prompts = promptsOf(where, prompt).map((text, i) =>
    vocabulary.tokensOf(text, typeof prompt === 'string' ? 'prompt' : `prompt[${i}]`),
  );
  const start = readPrompts(steps, prompts);
  try {
    const settings = { ...draw, seed, maxLength: length };
    const rows = sample(writingWords(steps, vocabulary), start, settings);
    return rows.map(({ tokens }) => vocabulary.textOf(tokens));
  } finally {
    steps.dispose(start.state);
  }
}

function promptsOf(where: string, prompt: unknown): readonly string[] {
  if (typeof prompt === 'string') return [prompt];
  if (Array.isArray(prompt) && prompt.length > 0) return prompt;
  return reject({
    where,
    expected: 'prompt must be a text, or a list of texts with at least one',
    received: prompt,
  });
}

/** The states behind each prompt but for its last token, with which writing begins. */
function readPrompts<State>(steps: TokenSteps<State>, prompts: readonly Int32Array[]) {
  const states: State[] = [];
  try {
    for (const tokens of prompts) {
      const row = states.push(steps.begin()) - 1;
      for (let at = 0; at < tokens.length - 1; at++) {
        const { state } = steps.step(tokens.subarray(at, at + 1), states[row]!);
        steps.dispose(states[row]!);
        states[row] = state;
      }
    }
    const tokens = Int32Array.from(prompts, (prompt) => prompt.at(-1)!);
    return { tokens, state: steps.join(states) };
  } finally {
    for (const state of states) steps.dispose(state);
  }
}

/** The same steps, in which no token comes that stands for no word: 0, of padding, for one. */
function writingWords<State>(steps: TokenSteps<State>, { isWord }: Vocabulary): TokenSteps<State> {
  const others = [...isWord.keys()].filter((token) => isWord[token] === 0);
  return {
    ...steps,
    step(tokens, state) {
      const stepped = steps.step(tokens, state);
      for (let row = 0; row < tokens.length; row++) {
        for (const token of others) {
          stepped.logProbabilities[row * isWord.length + token] = Number.NEGATIVE_INFINITY;
        }
      }
      return stepped;
    },
  };
}
