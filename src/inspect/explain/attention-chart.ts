/** attentionChart: which steps of a source were looked at for each step of a target. */
import { reject } from '../../foundation/errors.js';
import { isList, requireKnownOptions } from '../../foundation/option-checks.js';
import { colourScale, columnNames, heatMap } from '../chart/heat-map.js';
import { titled } from '../chart/titled.js';
import { requireSize } from '../chart/size.js';
import { element } from '../chart/svg.js';
import { fill } from '../chart/theme.js';

/** How {@link attentionChart} draws. */
export interface AttentionChartOptions {
  /** What was read: a word or a character for each column. */
  source: readonly string[];
  /** What was written: one for each row. */
  target: readonly string[];
  /** The heading; `attention` when left out. */
  title?: string;
  /** In pixels, at most; 720 when left out. */
  width?: number;
}

const WHERE = 'attentionChart';
const OPTIONS = ['source', 'target', 'title', 'width'];
const SMALLEST = 320;
const MARGIN = { top: 76, right: 36, left: 44, bottom: 16 };
const CELL = { width: 40, height: 22 };
// Pixels that a letter takes, roughly.
const LETTER = 7.2;
const MOST_LETTERS = 16;
// Weights are rounded floats.
const MORE_THAN_ONE = 1 + 1e-4;

/**
 * Draws where a model looked, as a heat map in SVG: a row for each step that was written, a column for each
 * that was read, the stronger the colour the larger the weight.
 *
 * The picture needs no page, no style sheet and no font, and follows the reader's preference for light or dark.
 *
 * @param weights A list for each step of the target, with a weight from 0 to 1 for each step of the source.
 * @param options What was read and written, the heading, the width.
 * @returns One `<svg>` element.
 * @throws RecurrentError for lists of other lengths, for what is no weight from 0 to 1, and for a width below 320.
 *
 * @example
 * ```ts
 * import { attentionChart } from 'tfjs-recurrent';
 *
 * const weights = [[0.9, 0.1], [0.2, 0.8]];
 * const svg = attentionChart(weights, { source: ['good', 'film'], target: ['guter', 'Film'] });
 * console.log(svg.match(/aria-label="([^"]*)"/)?.[1]);
 * // attention. guter looks most at good (0.9). Film looks most at film (0.8).
 * ```
 */
export function attentionChart(
  weights: readonly (readonly number[])[],
  options: AttentionChartOptions,
): string {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { title = 'attention', width: most = 720 } = Object(options) as AttentionChartOptions;
  requireSize(WHERE, 'width', most, SMALLEST);
  const source = namesOf('source', options?.source);
  const target = namesOf('target', options?.target);
  requireWeights(weights, target.length, source.length);

  const longest = (names: readonly string[]) =>
    names.reduce((letters, name) => Math.max(letters, [...name].length), 0);
  const left = MARGIN.left + Math.ceil(longest(target) * LETTER);
  const room = (most - left - MARGIN.right) / source.length;
  const cell = { width: Math.min(CELL.width, room), height: CELL.height };
  const isTurned = longest(source) * LETTER > cell.width;
  const top = MARGIN.top + (isTurned ? Math.ceil(longest(source) * LETTER) : LETTER);
  const plot = { left, top, ...cell };
  const end = { x: left + source.length * cell.width, y: top + target.length * cell.height };
  const width = Math.min(most, Math.max(SMALLEST, Math.ceil(end.x) + MARGIN.right));
  const height = end.y + MARGIN.bottom;
  const rows = target.map((name, row) => ({
    name,
    values: weights[row]!,
    tell: (column: number) => `${name} looks at ${source[column]}: ${show(weights[row]![column]!)}`,
  }));
  const middle = (top + end.y) / 2;
  return titled(
    { width, height, title, description: describe(weights, source, target) },
    colourScale({ low: 0, high: 1 }, width - MARGIN.right, 30),
    axisName('source', (left + end.x) / 2, 56),
    axisName('target', 20, middle, `rotate(-90 20 ${middle})`),
    columnNames(source, plot, top - 8, isTurned),
    heatMap(rows, plot),
  );
}

function axisName(name: string, x: number, y: number, transform?: string): string {
  return element('text', { x, y, transform, 'text-anchor': 'middle', ...fill('muted') }, name);
}

/** Names that can be seen, and are not longer than there is room for. */
function namesOf(option: string, names: unknown): string[] {
  if (!isList(names) || names.length === 0) {
    reject({
      where: WHERE,
      expected: `${option} must be a list of words or characters, at least one`,
      received: names,
    });
  }
  return Array.from(names, (name) => {
    const letters = [...String(name)];
    if (letters.length > MOST_LETTERS) return `${letters.slice(0, MOST_LETTERS - 1).join('')}…`;
    return letters.join('').replaceAll(' ', '␣');
  });
}

function requireWeights(weights: unknown, rows: number, columns: number): void {
  if (!isList(weights) || weights.length !== rows) {
    reject({
      where: WHERE,
      expected: `weights must have a list for each of target, ${rows}`,
      received: isList(weights) ? weights.length : weights,
      see: 'wrong-shape',
    });
  }
  Array.from(weights).forEach((row, i) => {
    const given = isList(row) ? row : [];
    if (given.length !== columns) {
      reject({
        where: WHERE,
        expected: `weights[${i}] must have a number for each of source, ${columns}`,
        received: isList(row) ? given.length : row,
        see: 'wrong-shape',
      });
    }
    const wrong = Array.from(given).find(
      (weight) => !(typeof weight === 'number' && weight >= 0 && weight <= MORE_THAN_ONE),
    );
    if (wrong !== undefined) {
      const expected = `weights[${i}] must hold numbers from 0 to 1`;
      reject({ where: WHERE, expected, received: wrong });
    }
  });
}

const show = (weight: number) => String(Number(weight.toPrecision(3)));

/** For a reader who does not see: what each step looks at most. */
function describe(
  weights: readonly (readonly number[])[],
  source: readonly string[],
  target: readonly string[],
): string {
  return target
    .map((name, row) => {
      const most = Math.max(...weights[row]!);
      return `${name} looks most at ${source[weights[row]!.indexOf(most)]} (${show(most)}).`;
    })
    .join(' ');
}
