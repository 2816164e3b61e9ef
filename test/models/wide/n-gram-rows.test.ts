import { describe, expect, test } from 'vitest';
import { hashesOfText, nGramRows } from '../../../src/models/wide/n-gram-rows.js';
import { NGramTable } from '../../../src/models/wide/n-gram-table.js';

describe('a table of n-grams', () => {
  test('numbers hashes as they come, like a Map, however many there are', () => {
    const table = new NGramTable();
    const twin = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const hash = Math.imul(i % 15_000, 0x9e3779b1); // the last 5,000 again
      if (!twin.has(hash)) twin.set(hash, twin.size);
      expect(table.add(hash)).toBe(twin.get(hash));
    }
    expect(table.size).toBe(15_000);
    expect([...table.toHashes()]).toEqual([...twin.keys()]);
    expect(table.numberOf(0)).toBe(0);
    expect(table.numberOf(1)).toBe(-1);
  });
});

describe('rows of n-grams', () => {
  const texts = ['good good film', 'a good film', 'dull', ''];

  test('have each n-gram of a text once', async () => {
    const { rows, hashes } = await nGramRows(texts, 1);
    texts.forEach((text, row) => {
      const columns = rows.columns.subarray(rows.starts[row], rows.starts[row + 1]);
      const found = Array.from(columns, (column) => hashes[column]);
      expect(found).toEqual([...new Set(hashesOfText(text))]);
    });
    expect(rows.width).toBe(hashes.length);
  });

  test('leave n-grams out that are in too few texts', async () => {
    const { rows, hashes } = await nGramRows(texts, 2);
    const [good, film, goodFilm] = ['good', 'film', 'good film'].map((text) =>
      hashesOfText(text).at(-1),
    );
    expect([...hashes]).toEqual([good, film, goodFilm]);
    expect([...rows.starts]).toEqual([0, 3, 6, 6, 6]);
  });
});
