import { scaleLinear } from 'd3-scale';
import { reject } from '../foundation/errors.js';
import { isList, requireKnownOptions } from '../foundation/option-checks.js';
import { valueAxis, valueTickCount, wholeNumberAxis } from './chart/axes.js';
import { band } from './chart/band.js';
import { curve, legend, legendWidth, type Series, showValue } from './chart/curve.js';
import { titled } from './chart/titled.js';
import { requireSize } from './chart/size.js';

/** A forecast of one column: lists of one length. */
export interface ChartedForecast {
  readonly values: ArrayLike<number>;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/** How {@link forecastChart} draws. */
export interface ForecastChartOptions {
  /** What came after all, from the first step of the forecast on; nothing when left out. */
  actual?: ArrayLike<number> | undefined;
  /** The heading; `forecast` when left out. */
  title?: string | undefined;
  /** The name of the vertical axis, such as the column and its unit; `value` when left out. */
  name?: string | undefined;
  /** The name of the horizontal axis, which counts from the forecast; `step` when left out. */
  step?: string | undefined;
  /** In pixels; 640 when left out. */
  width?: number | undefined;
  /** In pixels; 400 when left out. */
  height?: number | undefined;
}

const WHERE = 'forecastChart';
const MARGIN = { top: 52, right: 24, bottom: 58, left: 68 };
const SMALLEST = 200;
const OPTIONS = ['actual', 'title', 'name', 'step', 'width', 'height'];
// Pixels a letter of the heading takes at most, roughly.
const HEADING_LETTER = 9;

/**
 * Draws a forecast behind what was known, with its interval as a band, as SVG.
 *
 * The picture needs no page, no style sheet and no font, and follows the reader's preference for light or dark.
 * Step 1 is the first that is forecast; 0 and below are known.
 *
 * @param known What was observed before, by time: one column, as long as the chart is to reach back.
 * @param forecast What `TimeseriesForecaster.predict` returned, of one column.
 * @param options What came, names and size.
 * @returns One `<svg>` element.
 * @throws RecurrentError for lists that are empty, differ in length or hold anything but finite numbers, for
 *   an option that does not exist, and for a size below 200.
 *
 * @example
 * ```ts
 * import { forecastChart } from 'tfjs-recurrent';
 *
 * const forecast = { values: [4, 5], lower: [3.5, 4], upper: [4.5, 6] };
 * const svg = forecastChart([1, 2, 3], forecast, { title: 'Tide', actual: [4.2, 4.9] });
 * console.log(svg.match(/aria-label="([^"]*)"/)?.[1]);
 * // Tide. known: 3 steps, the last 3. forecast: 4 (3.5 to 4.5) in step 1, 5 (4 to 6) in step 2.
 * ```
 */
export function forecastChart(
  known: ArrayLike<number>,
  forecast: ChartedForecast,
  options: ForecastChartOptions = {},
): string {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { title = 'forecast', name = 'value', step = 'step', width = 640, height = 400 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  requireSize(WHERE, 'height', height, SMALLEST);
  const before = numbersOf('known', known);
  const { values, lower, upper } = Object(forecast) as ChartedForecast;
  const ahead = numbersOf('forecast.values', values);
  const low = numbersOf('forecast.lower', lower, ahead.length);
  const high = numbersOf('forecast.upper', upper, ahead.length);
  const came = options.actual === undefined ? [] : numbersOf('actual', options.actual);

  const last = before.at(-1)!;
  const points = (list: readonly number[], first: number) =>
    list.map((value, i) => ({ epoch: first + i, value }));
  const solid: Series = {
    ...{ name: 'actual', role: 'first', dashed: false, each: step },
    points: points([...before, ...came], 1 - before.length),
  };
  const dashed: Series = {
    ...{ name: 'forecast', role: 'second', dashed: true, each: step },
    points: points([last, ...ahead], 0),
  };
  const extents = [
    { at: 0, lower: last, upper: last },
    ...ahead.map((_, i) => ({ at: i + 1, lower: low[i]!, upper: high[i]! })),
  ];

  const right = width - MARGIN.right - legendWidth([solid, dashed]);
  const below = MARGIN.left + title.length * HEADING_LETTER + 20 > right;
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top + (below ? 22 : 0),
    bottom: height - MARGIN.bottom,
  };
  const end = Math.max(ahead.length, came.length);
  const x = scaleLinear([1 - before.length, end], [plot.left + 12, plot.right - 12]);
  const y = scaleLinear(domain([...before, ...came, ...ahead, ...low, ...high]), [
    plot.bottom,
    plot.top,
  ]).nice(valueTickCount(plot));

  return titled(
    {
      width,
      height,
      title,
      description: describe(before, ahead, low, high, step),
      left: plot.left,
    },
    legend([solid, dashed], below ? plot.left : right, below ? 54 : 30),
    valueAxis(y, plot, name),
    wholeNumberAxis(x, plot, step),
    band(extents, 'second', x, y),
    curve(solid, x, y),
    curve(dashed, x, y),
  );
}

function describe(
  known: readonly number[],
  values: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
  step: string,
): string {
  const tell = (i: number) =>
    `${showValue(values[i]!)} (${showValue(lower[i]!)} to ${showValue(upper[i]!)}) in ${step} ${i + 1}`;
  const ends = values.length === 1 ? [0] : [0, values.length - 1];
  const count = `${known.length} ${step}${known.length === 1 ? '' : 's'}`;
  return `known: ${count}, the last ${showValue(known.at(-1)!)}. forecast: ${ends.map(tell).join(', ')}.`;
}

function numbersOf(name: string, list: unknown, length?: number): number[] {
  if (!isList(list) || list.length === 0) {
    reject({
      where: WHERE,
      expected: `${name} must be a list of numbers, at least one`,
      received: list,
      remedy: 'Of several columns, give one: forecast.values.map((row) => row.tide).',
    });
  }
  if (length !== undefined && list.length !== length) {
    reject({
      where: WHERE,
      expected: `${name} must be as long as forecast.values, ${length}`,
      received: list.length,
      see: 'uneven-data',
    });
  }
  return Array.from(list, (value, i) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return reject({
      where: WHERE,
      expected: `${name}[${i}] must be a finite number`,
      received: value,
      remedy: 'Of several columns, give one: forecast.values.map((row) => row.tide).',
      see: 'not-a-number',
    });
  });
}

/** Least and greatest value; a single one gets some room. */
function domain(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (low < high) return [low, high];
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}
