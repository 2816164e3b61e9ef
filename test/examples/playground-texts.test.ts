/** The playground speaks two languages: nothing of one may be missing in the other. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { segmentsOf, spaced } from '../../examples/browser/read/segments.js';
import { EN } from '../../examples/browser/texts/en.js';
import { ZH, ZH_PAGE } from '../../examples/browser/texts/zh.js';

const page = readFileSync(new URL('../../examples/browser/index.html', import.meta.url), 'utf8');
const gapsOf = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort();

test('whatever stands in the page has its Chinese, and nothing else has', () => {
  const named = new Set(Array.from(page.matchAll(/data-text="(\w+)"/g), ([, name]) => name!));
  expect(Object.keys(ZH_PAGE).sort()).toEqual([...named].sort());
});

test.each(Object.keys(EN) as (keyof typeof EN)[])('%s has the same gaps in both', (name) => {
  expect(gapsOf(ZH[name])).toEqual(gapsOf(EN[name]));
});

test('words are found at spaces, and in Chinese where there are none', () => {
  expect(segmentsOf('Not  bad, really.')).toEqual([
    { text: 'Not', start: 0, word: 'Not' },
    { text: 'bad,', start: 5, word: 'bad,' },
    { text: 'really.', start: 10, word: 'really.' },
  ]);
  const text = '好看 电影很好，真的！';
  const found = segmentsOf(text);
  expect(found.map(({ text: piece }) => piece).join('')).toBe(text.replace(' ', ''));
  for (const { text: piece, start } of found)
    expect(text.slice(start)).toMatch(RegExp(`^${piece}`));
  expect(found.find(({ text: piece }) => piece.endsWith('，'))!.word).not.toContain('，');
  expect(spaced(text)).not.toMatch(/[，！]/);
  expect(spaced(text).replaceAll(' ', '')).toBe('好看电影很好真的');
});
