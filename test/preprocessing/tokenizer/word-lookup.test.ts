import { describe, expect, test } from 'vitest';
import { ByteScanner } from '../../../src/preprocessing/tokenizer/byte-scanner.js';
import { ScannedLookup, SKIP } from '../../../src/preprocessing/tokenizer/word-lookup.js';
import { ROOMS } from './rooms.js';

const itself = (index: number) => index;
const random = (below: number) => Math.floor(Math.random() * below);

/** Different words of 1 to 40 letters, many of which begin alike. */
function wordsOf(count: number): string[] {
  const words = new Set<string>();
  while (words.size < count) {
    const begin = ['', '', 'recurrent', 'embedding-of-', '日本'][random(5)]!;
    const letters = Array.from({ length: 1 + random(27) }, () => 'abcé'[random(4)]!);
    words.add(begin + letters.join(''));
  }
  return [...words];
}

function indexed(words: readonly string[]): Map<string, number> {
  return new Map(words.map((word, place) => [word, place + 1]));
}

describe.each(ROOMS)('words looked up by %s', (_, room) => {
  const scanner = ByteScanner.for('', false, ' ', room)!;
  const sequence = (lookup: ScannedLookup, text: readonly string[]) => {
    scanner.scan(text.join(' '));
    return lookup.sequence(scanner);
  };
  const all = wordsOf(9000);
  const texts = Array.from({ length: 300 }, (__, length) =>
    Array.from({ length }, () => all[random(all.length)]!),
  );

  test('are left out where they are not known', () => {
    const known = indexed(all.slice(0, 6000));
    const lookup = new ScannedLookup(known, itself, SKIP, scanner);
    for (const text of texts) {
      const expected = text.flatMap((word) => known.get(word) ?? []);
      expect(sequence(lookup, text)).toEqual(expected);
    }
  });

  test('become one index where they are not known, or are too rare', () => {
    const known = indexed(all);
    const lookup = new ScannedLookup(known, (index) => (index < 2500 ? index : 1), 1, scanner);
    for (const text of texts) {
      const expected = text.map((word) => (known.get(word)! < 2500 ? known.get(word)! : 1));
      expect(sequence(lookup, text)).toEqual(expected);
    }
  });

  test('may be looked up in two tables by turns', () => {
    const [some, others] = [indexed(all.slice(0, 3000)), indexed(all.slice(2000).reverse())];
    const lookups = [some, others].map((map) => new ScannedLookup(map, itself, SKIP, scanner));
    for (const text of texts) {
      const found = lookups.map((lookup) => sequence(lookup, text));
      expect(found).toEqual(
        [some, others].map((map) => text.flatMap((word) => map.get(word) ?? [])),
      );
    }
  });

  test('may be more than there is room for in a binary', () => {
    const words = Array.from({ length: 270_000 }, (__, place) => `word${place}`);
    const lookup = new ScannedLookup(indexed(words), itself, SKIP, scanner);
    const text = ['word0', 'word269999', 'word270000', 'word123456'];
    expect(sequence(lookup, text)).toEqual([1, 270_000, 123_457]);
  });
});
