/** The baseline, and how taggers are compared. */
import type { Sentence } from './sentences.js';

/** Shares of words that got the right kind, and of sentences whose words all did. */
export interface Scores {
  words: number;
  /** Words that training sentences show as several kinds. */
  ambiguous: number;
  /** Words that no training sentence has. */
  unseen: number;
  sentences: number;
}

/** What the training sentences say about each word. */
export class SeenWords {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #all = new Map<string, number>();

  constructor(sentences: readonly Sentence[]) {
    for (const { word, tag } of sentences.flat()) {
      const counts = this.#counts.get(word) ?? new Map<string, number>();
      this.#counts.set(word, counts);
      for (const map of [counts, this.#all]) map.set(tag, (map.get(tag) ?? 0) + 1);
    }
  }

  /** The baseline: the commonest kind of the word, or of all words where it is new. */
  commonest(word: string): string {
    const counts = [...(this.#counts.get(word) ?? this.#all)];
    return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
  }

  isAmbiguous(word: string): boolean {
    return (this.#counts.get(word)?.size ?? 0) > 1;
  }

  isSeen(word: string): boolean {
    return this.#counts.has(word);
  }
}

/** Compares what a tagger said with what is right. */
export function judge(
  sentences: readonly Sentence[],
  said: readonly (readonly string[])[],
  seen: SeenWords,
): Scores {
  const answers = sentences.flatMap((sentence, row) =>
    sentence.map(({ word, tag }, step) => ({ word, isRight: said[row]![step] === tag })),
  );
  const share = (some: readonly { isRight: boolean }[]) =>
    some.length === 0 ? 0 : some.filter(({ isRight }) => isRight).length / some.length;
  return {
    words: share(answers),
    ambiguous: share(answers.filter(({ word }) => seen.isAmbiguous(word))),
    unseen: share(answers.filter(({ word }) => !seen.isSeen(word))),
    sentences: share(
      sentences.map((sentence, row) => ({
        isRight: sentence.every(({ tag }, step) => said[row]![step] === tag),
      })),
    ),
  };
}
