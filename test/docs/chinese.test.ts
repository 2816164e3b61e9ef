/** Pages in Chinese say what those in English say: the same parts, code and pictures. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { examplesOf, read, root } from './examples.js';

const pagesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

const chinese = [...pagesIn('docs/zh'), ...pagesIn('docs/guide/zh')];
const englishOf = (page: string) => page.replace('/zh/', '/');

const withoutCode = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, '');

/** Levels of the headings, in order. */
const headingsOf = (file: string) =>
  [...withoutCode(read(file)).matchAll(/^(#+) /gm)].map(([, marks]) => marks);

/** Pictures by their names, in order. */
const picturesOf = (file: string) =>
  [...read(file).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => basename(path!));

const codeOf = (file: string) => examplesOf(file).map(({ kind, code }) => `${kind}\n${code}`);

/** Which snippets of a page run in the page, by their numbers. */
const editableOf = (file: string) =>
  [...read(file).matchAll(/^(<!-- editable -->\n)?```\S.*\n[\s\S]*?^```$/gm)].map(
    ([, mark]) => mark !== undefined,
  );

/** Rows of tables, each by how many cells it has. */
const rowsOf = (file: string) =>
  [...withoutCode(read(file)).matchAll(/^\|.*\|$/gm)].map(([row]) => row.split('|').length);

test('the theory and the first pages of the guides are there in Chinese', () => {
  expect(chinese).toEqual(expect.arrayContaining(['docs/zh/start.md', 'docs/guide/zh/README.md']));
});

describe.each(chinese)('%s', (page) => {
  const english = englishOf(page);

  test('has the same headings, code, pictures and tables as in English', () => {
    expect(headingsOf(page)).toEqual(headingsOf(english));
    expect(codeOf(page)).toEqual(codeOf(english));
    expect(editableOf(page)).toEqual(editableOf(english));
    expect(picturesOf(page)).toEqual(picturesOf(english));
    expect(rowsOf(page)).toEqual(rowsOf(english));
  });

  test('begins with a link to the other language, which leads back', () => {
    const name = basename(page);
    expect(read(page)).toMatch(new RegExp(`^\\[English\\]\\(\\.\\./${name}\\)`));
    expect(read(english)).toMatch(new RegExp(`^\\[中文\\]\\(zh/${name}\\)`));
    expect(dirname(page)).toBe(`${dirname(english)}/zh`);
  });

  test('has no half-width punctuation behind a Chinese character', () => {
    expect(withoutCode(read(page)).match(/[\u3400-\u9fff][,:;!?(]/g)).toBeNull();
  });
});
