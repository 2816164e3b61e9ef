/** gradientNormChart: how far the gradient of a loss reaches back in time. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { reject } from '../foundation/errors.js';
import { isList, requireKnownOptions } from '../foundation/option-checks.js';
import { powersAxis, wholeNumberAxis } from './chart/axes.js';
import { curve, legend, legendRows, type Series, showValue } from './chart/curve.js';
import { titled } from './chart/titled.js';
import { requireSize } from './chart/size.js';
import type { Curve } from './chart/theme.js';

/** Norms by the names of what they are of: `{ LSTM: norms }`; or one list alone. */
export type ChartedNorms = ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;

/** How {@link gradientNormChart} draws. */
export interface GradientNormChartOptions {
  /** The heading; `gradient over time` when left out. */
  title?: string | undefined;
  /** The name of the vertical axis; `|∂loss/∂h|` when left out. */
  name?: string | undefined;
  /** The name of the horizontal axis, which counts from 1; `step` when left out. */
  step?: string | undefined;
  /** In pixels; 640 when left out. */
  width?: number | undefined;
  /** In pixels; 400 when left out. */
  height?: number | undefined;
}

const WHERE = 'gradientNormChart';
const OPTIONS = ['title', 'name', 'step', 'width', 'height'];
const MARGIN = { top: 74, right: 24, bottom: 58, left: 74 };
const ROW = 22;
const SMALLEST = 200;
const ROLES: readonly Curve[] = ['first', 'second', 'third', 'fourth'];

/**
 * Draws norms of gradients over the steps of time, on a scale of powers of ten, as SVG.
 *
 * Zeros, which have no place on such a scale, and steps that are masked leave gaps. The picture needs no
 * page, no style sheet and no font, and follows the reader's preference for light or dark.
 *
 * @param norms What {@link gradientNorms} returned; up to four of them, by their names.
 * @param options Names and size.
 * @returns One `<svg>` element.
 * @throws RecurrentError for what is no list of numbers, for more than four lists, for norms of which none
 *   is above 0, for an option that does not exist, and for a size below 200.
 *
 * @example
 * ```ts
 * import { gradientNormChart } from 'tfjs-recurrent';
 *
 * const svg = gradientNormChart({ LSTM: [0.5, 0.8, 1], SimpleRNN: [1e-6, 1e-3, 1] });
 * console.log(svg.match(/aria-label="([^"]*)"/)?.[1]);
 * // gradient over time. LSTM: 0.5 in step 1, 1 in step 3. SimpleRNN: 0.000001 in step 1, 1 in step 3.
 * ```
 */
export function gradientNormChart(
  norms: ChartedNorms,
  options: GradientNormChartOptions = {},
): string {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { title = 'gradient over time', name = '|∂loss/∂h|', step = 'step' } = options;
  const { width = 640, height = 400 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  requireSize(WHERE, 'height', height, SMALLEST);
  const allSeries = seriesOf(norms, step);
  const shown = allSeries.flatMap(({ points }) => points).filter(({ value }) => value > 0);
  if (shown.length === 0) {
    reject({
      where: WHERE,
      expected: 'one of the norms must be above 0',
      received: norms,
      remedy: 'Where all are 0, nothing of what the layer returns reaches the loss.',
    });
  }

  const rows = legendRows(allSeries, width - MARGIN.left - MARGIN.right);
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top + (rows.length - 1) * ROW,
    bottom: height - MARGIN.bottom,
  };
  const last = Math.max(2, ...allSeries.map(({ points }) => points.length));
  const x = scaleLinear([1, last], [plot.left + 12, plot.right - 12]);
  const y = scaleLog(powersAround(shown.map(({ value }) => value)), [plot.bottom, plot.top]);
  return titled(
    {
      width,
      height,
      title,
      description: allSeries.map((one) => describe(one, step)).join(' '),
      left: plot.left,
      more: ROLES.slice(2, allSeries.length),
    },
    ...rows.map((row, i) => legend(row, plot.left, 54 + i * ROW)),
    powersAxis(y, plot, name),
    wholeNumberAxis(x, plot, step),
    ...allSeries.map((one) => curve(one, x, y)),
  );
}

function seriesOf(norms: unknown, each: string): Series[] {
  const named = isList(norms) ? { gradient: norms } : Object(norms);
  const lists = Object.entries(named as Record<string, unknown>);
  if (lists.length === 0 || lists.length > ROLES.length) {
    reject({
      where: WHERE,
      expected: `norms must be a list of numbers, or up to ${ROLES.length} of them by their names`,
      received: norms,
    });
  }
  return lists.map(([name, list], i) => {
    if (!isList(list) || list.length === 0 || !Array.from(list).every(isNorm)) {
      const expected = `${name} must be a list of numbers from 0 on, at least one`;
      reject({ where: WHERE, expected, received: list });
    }
    const points = Array.from(list as ArrayLike<number>, (value, t) => ({
      epoch: t + 1,
      value: value > 0 ? value : Number.NaN,
    }));
    return { name, role: ROLES[i]!, dashed: i % 2 === 1, each, points };
  });
}

const isNorm = (value: unknown) => typeof value === 'number' && !(value < 0);

/** The powers of ten around finite values, at least two of them. */
function powersAround(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  const low = Math.floor(Math.log10(finite.reduce((a, b) => Math.min(a, b), 1e38)));
  const high = Math.ceil(Math.log10(finite.reduce((a, b) => Math.max(a, b), 0)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

function describe({ name, points }: Series, step: string): string {
  const shown = points.filter(({ value }) => Number.isFinite(value));
  if (shown.length === 0) return `${name}: 0 in every ${step}.`;
  const tell = ({ epoch, value }: (typeof shown)[number]) =>
    `${showValue(value)} in ${step} ${epoch}`;
  const ends = shown.length === 1 ? [shown[0]!] : [shown[0]!, shown.at(-1)!];
  return `${name}: ${ends.map(tell).join(', ')}.`;
}
