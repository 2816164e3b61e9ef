/** Which words moved a classifier that adds up a network and a linear function of runs of words. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { stripHtmlTags } from '../../preprocessing/html.js';
import { ExplainedRow, type HowExplained } from './explained-row.js';
import { indexOf, splitText, type TextModel } from './explained-words.js';
import type { Explained } from './explain.js';
import { MixedModel } from './mixed-model.js';
import type { MixedLinear, Mixture } from './mixture.js';

/** The words of a text as a mixture reads them. */
export function mixedWords(where: string, { stripHtml, tokenizer }: TextModel, input: unknown) {
  if (typeof input !== 'string') {
    reject({
      where,
      expected: 'a classifier that reads runs of words takes a text',
      received: input,
      remedy: 'To explain its network alone, pass { model, tokenizer } of it.',
    });
  }
  return splitText(tokenizer, stripHtml ? stripHtmlTags(input) : input);
}

/**
 * The contributions of the network are means over the pieces that it reads; those of a run of words are shared out
 * equally among its words, and the places where it stands. Each part counts by its scale.
 *
 * @param classOf Picks the class that is explained, by the logits.
 */
export function explainMixture(
  words: readonly string[],
  { tokenizer }: TextModel,
  mixture: Mixture,
  how: HowExplained & { where: string; classOf(logits: ArrayLike<number>): number },
): Explained {
  const { linear, network } = mixture;
  const mixed = new MixedModel(how.where, mixture);
  const { model } = mixed;
  const [logits] = mixed.logits([words]);
  const classIndex = how.classOf(logits!);
  const empty = Float64Array.from(logits!, (_, i) =>
    linear ? linear.scale * linear.biases[i]! : 0,
  );
  const contributions = new Float64Array(words.length);
  const isRead = new Uint8Array(words.length);
  const pieces = mixed.piecesOf(words);
  const weight = network.scale / pieces.length;
  for (const piece of pieces) {
    tf.tidy(() => {
      const indices = mixed.write(words, piece, new Int32Array(model.time!));
      const row = new ExplainedRow(model, indices);
      const steps = piece.map((_, i) => indices.length - piece.length + i);
      const found = row.contributions(classIndex, steps, how);
      piece.forEach((word, i) => {
        contributions[word]! += weight * found[steps[i]!]!;
        isRead[word] = 1;
      });
      row.empty.forEach((logit, i) => {
        empty[i]! += weight * logit;
      });
    });
  }
  if (linear) addRuns(contributions, linear, words, classIndex, how.method === 'occlusion');
  return {
    words: [...words],
    indices: words.map((word, i) => (isRead[i] ? indexOf(tokenizer, word) : 0)),
    contributions: [...contributions],
    prefixes: mixed.logits(words.map((_, i) => words.slice(0, i + 1))),
    ...{ classIndex, logits: logits!, empty },
    probabilities: (all) => model.probabilities(all),
  };
}

/** Adds what runs add: shared out, or all of it to each word without which the text would not have the run. */
function addRuns(
  contributions: Float64Array,
  linear: MixedLinear,
  words: readonly string[],
  classIndex: number,
  isOcclusion: boolean,
): void {
  const places = new Map<number, { start: number; length: number; adds: number }[]>();
  for (const { id, start, length, adds } of linear.runs(words)) {
    const before = places.get(id) ?? [];
    places.set(id, [...before, { start, length, adds: linear.scale * adds[classIndex]! }]);
  }
  for (const all of places.values()) {
    const [{ length, adds }] = all as [(typeof all)[number]];
    const covered = all.flatMap(({ start }) => Array.from({ length }, (_, i) => start + i));
    const inAll = new Set(covered.filter((word) => all.every(isAround(word))));
    for (const word of isOcclusion ? inAll : covered) {
      contributions[word]! += isOcclusion ? adds : adds / covered.length;
    }
  }
}

const isAround = (word: number) => (run: { start: number; length: number }) =>
  word >= run.start && word < run.start + run.length;
