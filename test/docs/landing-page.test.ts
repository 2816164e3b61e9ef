/** The landing pages of the site say nothing about speed that the README does not say. */
import { expect, test } from 'vitest';
import { read } from './examples.js';

/** The table with this heading, as the cells of each row by their columns. */
function tableBelow(file: string, heading: string): Record<string, Record<string, string>> {
  const [, rest] = read(file).split(`\n## ${heading}\n`);
  const lines = rest!.slice(rest!.indexOf('\n|') + 1).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const [head, , ...rows] = lines.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return Object.fromEntries(
    rows.map(([name, ...cells]) => [
      name!,
      Object.fromEntries(cells.map((cell, i) => [head![i + 1]!, cell])),
    ]),
  );
}

test('the figures of speed are those of the README', () => {
  const measured = tableBelow('README.md', 'How fast');
  const shown = tableBelow('site/pages/index.md', 'How fast');
  expect(Object.keys(shown).length).toBeGreaterThan(2);
  expect(measured).toMatchObject(shown);
});
