import { describe, expect, test } from 'vitest';
import { RankedWords } from '../../../src/preprocessing/tokenizer/ranked-words.js';

function ranked(counts: readonly number[]): string[] {
  const words = counts.map((_, place) => `word ${place}`);
  return [...new RankedWords({ words, counts, documents: counts }, null).wordIndex().keys()];
}

/** What `sort(key=itemgetter(1), reverse=True)` of Keras does, which keeps the order of equals. */
function sorted(counts: readonly number[]): string[] {
  const places = counts.map((_, place) => place);
  places.sort((a, b) => counts[b]! - counts[a]!);
  return places.map((place) => `word ${place}`);
}

describe('RankedWords', () => {
  test('puts the most common words first, equally common ones in their order', () => {
    expect(ranked([2, 7, 2, 1, 7])).toEqual(['word 1', 'word 4', 'word 0', 'word 2', 'word 3']);
  });

  test('orders counts of every size alike', () => {
    const counts = Array.from({ length: 5000 }, (_, place) => (place * 7919) % 2500);
    counts.push(1023, 1024, 1025, 1_000_000, 1024, 0, 1023);
    expect(ranked(counts)).toEqual(sorted(counts));
  });

  test.each([
    ['below zero', [3, -1, 2000, -5, 3, 0]],
    ['that are no integers', [0.5, 2.5, 2000, 1, 0.5, 2]],
  ])('orders counts %s, which only a hand-made map has', (_, counts) => {
    expect(ranked(counts)).toEqual(sorted(counts));
  });
});
