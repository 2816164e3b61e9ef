/** From sentences to what the model takes, and back. */
import { expandDims, type Tensor2D, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { padSequences, Tokenizer } from 'tfjs-recurrent';
import { seededRandom } from '../shared/random.js';
import type { Sentence } from './sentences.js';

/** The words and the kinds that a model knows. */
export interface Vocabularies {
  words: Tokenizer;
  tags: Tokenizer;
}

const UNKNOWN = '<unknown>';

/** Numbers the words and the kinds of the training sentences; the others have no say in it. */
export function fitVocabularies(sentences: readonly Sentence[]): Vocabularies {
  // Lists are taken as they are: nothing is filtered out of them.
  const words = new Tokenizer({ oovToken: UNKNOWN });
  words.fitOnTexts(sentences.map((sentence) => sentence.map(({ word }) => word)));
  const tags = new Tokenizer();
  tags.fitOnTexts(sentences.map((sentence) => sentence.map(({ tag }) => tag)));
  return { words, tags };
}

/** How many of the words are hidden in training, so that the unknown word is one that it learns about. */
const HIDDEN = 0.08;

/** Sentences as words [sentences, time] and kinds [sentences, time, 1], padded at the end. */
export function toSamples(
  sentences: readonly Sentence[],
  { words, tags }: Vocabularies,
  hideWith?: number,
): { x: Tensor2D; y: Tensor3D } {
  const sequences = words.textsToSequences(
    sentences.map((sentence) => sentence.map(({ word }) => word)),
  );
  const numbers = hideWith === undefined ? sequences : hideWords(sequences, words, hideWith);
  const labels = tags.textsToSequences(sentences.map((sentence) => sentence.map(({ tag }) => tag)));
  const x = padSequences(numbers, { padding: 'post' });
  const y = tidy(() => expandDims(padSequences(labels, { padding: 'post' }), -1) as Tensor3D);
  return { x, y };
}

function hideWords(sequences: number[][], words: Tokenizer, seed: number): number[][] {
  const { chance } = seededRandom(seed);
  const unknown = words.wordIndex.get(UNKNOWN)!;
  return sequences.map((row) => row.map((word) => (chance(HIDDEN) ? unknown : word)));
}

/** The kind of each word, as the model sees it. */
export function tagWords(
  model: LayersModel,
  { words, tags }: Vocabularies,
  sentences: readonly (readonly string[])[],
): string[][] {
  const [classes, time, likeliest] = tidy(() => {
    const x = padSequences(words.textsToSequences(sentences), { padding: 'post' });
    const probabilities = model.predict(x) as Tensor3D; // [sentences, time, kinds]
    return [probabilities.shape[2], x.shape[1], probabilities.dataSync()] as const;
  });
  return sentences.map((sentence, row) =>
    sentence.map((_, step) => {
      const from = (row * time + step) * classes;
      const scores = likeliest.subarray(from + 1, from + classes); // 0 is padding
      return tags.indexWord.get(1 + scores.indexOf(Math.max(...scores)))!;
    }),
  );
}
