import '@tensorflow/tfjs-backend-cpu';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sayIn } from '../../examples/guide/drawing/language.js';
import { DIAGRAMS } from '../../examples/guide/figures.js';
import { recallCharts } from '../../examples/guide/recall.js';
import { examplesOf, read, root } from './examples.js';

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder)).filter((name) => name.endsWith(ending));

const pages = filesIn('docs/guide', '.md');
const english = (page: string) => `docs/guide/${page}`;

/** Pictures by their place from the folder of the page, in order. */
const picturesOf = (file: string) =>
  [...read(file).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path!);

/** Without the blanks at the beginning of lines, which quotes leave out. */
const flush = (code: string) => code.replace(/^ +/gm, '');

test('the guide has the same pages in English and Chinese', () => {
  expect(pages).toContain('README.md');
  expect(filesIn('docs/guide/zh', '.md')).toEqual(pages);
});

describe.each(pages)('%s', (page) => {
  test('quotes lines that are in the source', () => {
    for (const { kind, code, where } of examplesOf(english(page))) {
      const source = /^ts ((?:src|assembly)\/\S+)$/.exec(kind)?.[1];
      if (source === undefined) continue;
      const isThere = flush(read(source)).includes(flush(`\n${code}\n`));
      expect(isThere, `${where}, quoted from ${source}`).toBe(true);
      expect(read(english(page)), `${where} has a link to it`).toContain(`](../../${source})`);
    }
  });
});

const shown = pages
  .map(english)
  .flatMap(picturesOf)
  .map((path) => basename(path, '.svg'));

test('every diagram is on a page', () => {
  expect(shown).toEqual(expect.arrayContaining(Object.keys(DIAGRAMS)));
});

describe('npm run guide:figures draws again, to the byte', () => {
  test.each(Object.entries(DIAGRAMS))('%s', (name, draw) => {
    expect(draw(sayIn('english'))).toBe(read(`docs/guide/figures/${name}.svg`));
    expect(draw(sayIn('chinese'))).toBe(read(`docs/guide/zh/figures/${name}.svg`));
  });

  // Other processors round otherwise, and training makes much of it: on one machine alone.
  test('the charts of trained networks', async () => {
    const charts = await recallCharts();
    expect(await recallCharts()).toEqual(charts);
    expect(shown).toEqual(expect.arrayContaining(Object.keys(charts)));
  });
});
