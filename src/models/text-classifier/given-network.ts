/** Whether a network of somebody else can be the deep path of a text classifier, and with which words. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { checkTokenizerOptions } from '../../preprocessing/tokenizer/tokenizer-options.js';
import { ofWordList } from './saved-names.js';

/** The logits of so many classes as a network gives them: that of class 1 for two classes, else one a class. */
export const outputsFor = (classes: number): number => (classes === 2 ? 1 : classes);

/** Whether a model takes rows of so many words, of one length, to a probability of each class. */
export function judgesWords(model: tfl.LayersModel, words: number, classes: number): boolean {
  const { inputs, outputs } = model;
  const [length, ...others] = inputs[0]?.shape.slice(1) ?? [];
  const sizes = model.layers.map((layer) => layer.getConfig().inputDim);
  return (
    inputs.length === 1 &&
    outputs.length === 1 &&
    length != null &&
    others.length === 0 &&
    outputs[0]!.shape.length === 2 &&
    outputs[0]!.shape[1] === outputsFor(classes) &&
    sizes.every((size) => typeof size !== 'number' || words < size)
  );
}

/** Throws unless a model is one that {@link judgesWords}. */
export function requireWordModel(
  where: string,
  model: tfl.LayersModel,
  words: number,
  classes: number,
): void {
  if (typeof model?.getWeights !== 'function') {
    const expected = 'model must be a model of tf.layers';
    reject({ where, expected, received: model, see: 'not-a-model' });
  }
  if (judgesWords(model, words, classes)) return;
  const shapes = (tensors: tfl.SymbolicTensor[]) => tensors.map(({ shape }) => shape);
  const outputs = outputsFor(classes);
  reject({
    where,
    expected:
      `model must take [batch, words], the number of words fixed, to [batch, ${outputs}], the ` +
      `probability of ${outputs === 1 ? 'class 1' : 'each class'}, and its embedding must have ` +
      `more rows than the ${words} words of the tokenizer`,
    received: { inputs: shapes(model.inputs), outputs: shapes(model.outputs) },
    remedy:
      'Build it with inputLength or tf.input({ shape: [300] }), and end it with a dense layer.',
    see: 'unsuitable-model',
  });
}

/**
 * A tokenizer that numbers words as the given one does, and keeps none that it leaves out.
 *
 * @throws RecurrentError unless its words are those that n-grams are made of.
 */
export function plainTokenizer(where: string, tokenizer: Tokenizer): Tokenizer {
  if (typeof tokenizer?.textsToSequences !== 'function') {
    const remedy = 'Give the one that numbered the words that the model learned from.';
    const expected = 'tokenizer must be a Tokenizer';
    reject({ where, expected, received: tokenizer, remedy });
  }
  const plain = checkTokenizerOptions('Tokenizer', {});
  const odd = (['filters', 'lower', 'split', 'charLevel', 'oovToken', 'analyzer'] as const).find(
    (name) => tokenizer[name] !== plain[name],
  );
  if (odd !== undefined) {
    reject({
      where,
      expected: `tokenizer must split texts as one without options does, apart from numWords, but its ${odd} is another`,
      received: tokenizer[odd],
      remedy:
        'N-grams are made of the same words as sequences. Fit a Tokenizer with numWords alone.',
    });
  }
  const { numWords, wordIndex } = tokenizer;
  const words = [...wordIndex].sort(([, a], [, b]) => a - b).map(([word]) => word);
  const known = numWords ? words.slice(0, numWords - 1) : words;
  return ofWordList(known, (options) => new Tokenizer(options));
}
