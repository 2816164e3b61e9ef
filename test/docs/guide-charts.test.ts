import { expect, test } from 'vitest';
import { read } from './examples.js';

// What chapters 6 and 7 of the guide say of the charts that are drawn there. Where training changes,
// `npm run guide:figures` draws others, and the text must follow.
const WORDS = 'red green blue remember yellow blue red blue red green green'.split(' ');
const REMEMBER = WORDS.indexOf('remember');
const COLOUR = REMEMBER + 1;

/** What the cells of a chart tell: [units][time]. */
function valuesOf(chart: string): number[][] {
  const svg = read(`docs/guide/figures/${chart}.svg`);
  const told = [...svg.matchAll(/<title>(\w+), unit (\d): ([^<]+)<\/title>/g)];
  const units = [0, 1, 2, 3].map((unit) => told.filter(([, , of]) => Number(of) === unit));
  for (const row of units) expect(row.map(([, word]) => word)).toEqual(WORDS);
  return units.map((row) => row.map(([, , , value]) => Number(value)));
}

const at = (values: number[][], step: number) => values.map((row) => row[step]!);
const behind = (values: number[][], step: number) => values.flatMap((row) => row.slice(step + 1));

test('the forget gate shuts at remember and stays open behind the colour', () => {
  const gate = valuesOf('lstm-forget-gate');
  expect(Math.max(...at(gate, REMEMBER))).toBeLessThan(0.02);
  const later = behind(gate, COLOUR);
  expect(Math.min(...later)).toBeGreaterThan(0.7);
  expect(later.filter((value) => value > 0.9).length).toBeGreaterThan(0.75 * later.length);
});

test('the input gate of unit 3 shuts behind remember, and that of unit 2 opens', () => {
  const gate = valuesOf('lstm-input-gate');
  const [, , second, third] = gate;
  expect(third![REMEMBER]).toBeGreaterThan(0.99);
  expect(Math.max(...behind([third!], REMEMBER))).toBeLessThan(0.17);
  expect(second![REMEMBER]).toBeLessThan(0.01);
  expect(second![COLOUR]).toBeGreaterThan(0.99);
});

test('unit 1 alone speaks at remember', () => {
  const [zero, one, two, three] = at(valuesOf('lstm-output-gate'), REMEMBER);
  expect(Math.max(zero!, two!, three!)).toBeLessThan(0.01);
  expect(one).toBeGreaterThan(0.9);
});

test('the cell of unit 3 moves from −0.96 to −1.36', () => {
  const [, , , third] = valuesOf('lstm-cell-state');
  expect(third![REMEMBER]).toBeCloseTo(-0.96, 2);
  expect(third!.at(-1)).toBeCloseTo(-1.36, 2);
});

test('the update gate of the GRU lets the colour in, and unit 1 keeps it', () => {
  const gate = valuesOf('gru-update-gate');
  expect(Math.max(...at(gate, COLOUR))).toBeLessThan(0.05);
  expect(Math.min(...behind([gate[1]!], COLOUR))).toBeGreaterThan(0.98);
});
