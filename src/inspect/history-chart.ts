import { scaleLinear } from 'd3-scale';
import { reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';
import { valueAxis, valueTickCount, wholeNumberAxis } from './chart/axes.js';
import {
  curve,
  isShown,
  legend,
  legendWidth,
  type Point,
  type Series,
  showValue,
} from './chart/curve.js';
import { displayName } from './chart/metric-names.js';
import { titled } from './chart/titled.js';
import { requireSize } from './chart/size.js';

/** The logged quantities of a run, one list each; null and NaN are gaps. */
export type HistoryLists = Readonly<Record<string, readonly unknown[]>>;

/**
 * What {@link historyChart} draws: what `model.fit` or `fitWithSeed` returned,
 * or its lists alone, for example read from a JSON file.
 */
export type ChartedHistory =
  | { readonly epoch?: readonly number[]; readonly history: object }
  | HistoryLists;

/** How {@link historyChart} draws. */
export interface HistoryChartOptions {
  /** The quantity to draw: `'loss'` when left out; `'accuracy'` and `'acc'` are the same. */
  metric?: string;
  /** The heading; `model loss` or `model accuracy` when left out. */
  title?: string;
  /** In pixels; 640 when left out. */
  width?: number;
  /** In pixels; 400 when left out. */
  height?: number;
}

const WHERE = 'historyChart';
const MARGIN = { top: 52, right: 24, bottom: 58, left: 68 };
const SMALLEST = 200;
// Pixels a letter of the heading takes at most, roughly.
const HEADING_LETTER = 9;

/**
 * Draws how a quantity went over the epochs, in training and in validation, as SVG.
 *
 * The picture needs no page, no style sheet and no font: write it to a file or
 * put it into HTML as it is. It follows the reader's preference for light or
 * dark and carries a description for screen readers. Epochs count from 1.
 *
 * @param history What `model.fit` or `fitWithSeed` returned, or its lists of numbers alone.
 *   Validation is drawn when `val_` and the metric's name are there; NaN, null and infinite values
 *   leave gaps.
 * @param options The metric, the heading, the size.
 * @returns One `<svg>` element.
 * @throws RecurrentError when the metric was not logged, naming those that were, or has no finite
 *   value, when lists hold anything but numbers or differ in length from the epochs, or when the
 *   size is no number of at least 200.
 *
 * @example
 * ```ts
 * import { historyChart } from 'tfjs-recurrent';
 *
 * const svg = historyChart({ acc: [0.62, 0.81, 0.9], val_acc: [0.6, 0.78, 0.8] }, { metric: 'accuracy' });
 * console.log(svg.match(/aria-label="([^"]*)"/)?.[1]);
 * // model accuracy. train: 0.62 in epoch 1, 0.9 in epoch 3. validation: 0.6 in epoch 1, 0.8 in epoch 3.
 * ```
 */
export function historyChart(history: ChartedHistory, options: HistoryChartOptions = {}): string {
  requireKnownOptions(WHERE, options, ['metric', 'title', 'width', 'height']);
  const { metric = 'loss', width = 640, height = 400 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  requireSize(WHERE, 'height', height, SMALLEST);
  const allSeries = readSeries(history, metric);
  const name = displayName(metric);
  const title = options.title ?? `model ${name}`;

  const points = allSeries.flatMap(({ points }) => points);
  const values = points.filter(isShown).map(({ value }) => value);
  const epochs = points.map(({ epoch }) => epoch);
  // Beside the heading when there is room, else below it.
  const right = width - MARGIN.right - legendWidth(allSeries);
  const below = MARGIN.left + title.length * HEADING_LETTER + 20 > right;
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top + (below ? 22 : 0),
    bottom: height - MARGIN.bottom,
  };
  const x = scaleLinear(domain(epochs, aroundEpoch), [plot.left + 12, plot.right - 12]);
  const y = scaleLinear(domain(values, aroundValue), [plot.bottom, plot.top]).nice(
    valueTickCount(plot),
  );

  return titled(
    { width, height, title, description: allSeries.map(describe).join(' '), left: plot.left },
    legend(allSeries, below ? plot.left : right, below ? 54 : 30),
    valueAxis(y, plot, name),
    wholeNumberAxis(x, plot, 'epoch'),
    ...allSeries.map((series) => curve(series, x, y)),
  );
}

function readSeries(history: ChartedHistory, metric: string): Series[] {
  const { lists, epoch } = readLists(history);
  const logged = findMetric(lists, metric);
  const series: Series[] = [
    { name: 'train', role: 'first', dashed: false, points: readPoints(lists, logged, epoch) },
    {
      name: 'validation',
      role: 'second',
      dashed: true,
      points: readPoints(lists, `val_${logged}`, epoch),
    },
  ];
  const shown = series.filter(({ points }) => points.some(isShown));
  if (shown.length > 0) return shown;
  return reject({
    where: WHERE,
    expected: `${logged} must hold at least one finite number`,
    received: lists[logged] ?? lists[`val_${logged}`],
    remedy: 'Training that gives only NaN needs a smaller learning rate or cleaner data.',
    see: 'not-a-number',
  });
}

function readLists(history: ChartedHistory): { lists: HistoryLists; epoch?: readonly number[] } {
  const isObject = typeof history === 'object' && history !== null;
  const wrapped = isObject && 'history' in history && !Array.isArray(history.history);
  const lists: unknown = wrapped ? history.history : history;
  if (!isObject || typeof lists !== 'object' || lists === null || Array.isArray(lists)) {
    reject({
      where: WHERE,
      expected: 'history must be what model.fit returned or lists such as { loss: [0.7, 0.5] }',
      received: history,
    });
  }
  const { epoch } = history as { epoch?: readonly number[] };
  const result = { lists: lists as HistoryLists };
  return wrapped && epoch !== undefined ? { ...result, epoch } : result;
}

function findMetric(lists: HistoryLists, metric: string): string {
  const has = (name: string) => Object.hasOwn(lists, name) || Object.hasOwn(lists, `val_${name}`);
  const names = ACCURACY.includes(metric) ? [metric, ...ACCURACY] : [metric];
  const found = names.find(has);
  const isValidation = typeof metric === 'string' && metric.startsWith('val_');
  if (found !== undefined && !isValidation) return found;
  const known = new Set(Object.keys(lists).map((name) => displayName(name.replace(/^val_/, ''))));
  return reject({
    where: WHERE,
    expected: `metric must be one that was logged: ${[...known].join(', ') || 'there is none'}`,
    received: metric,
    remedy: isValidation
      ? `Ask for '${displayName(metric.slice(4))}': validation is drawn along with it.`
      : "Name it in model.compile({ metrics: ['accuracy'] }) to have it logged.",
  });
}

// TensorFlow.js logs the first, Keras the second.
const ACCURACY: readonly string[] = ['acc', 'accuracy'];

function readPoints(lists: HistoryLists, name: string, epoch?: readonly number[]): Point[] {
  const list = Object.hasOwn(lists, name) ? lists[name] : [];
  if (!Array.isArray(list)) {
    reject({ where: WHERE, expected: `${name} must be a list of numbers`, received: list });
  }
  // A run that was stopped within an epoch logs no validation for that one.
  if (epoch !== undefined && list.length > epoch.length) {
    reject({
      where: WHERE,
      expected: `${name} must have one value for each epoch, but has ${list.length} for ${epoch.length}`,
      see: 'uneven-data',
    });
  }
  return list.map((value: unknown, index) => {
    if (typeof value !== 'number' && value !== null) {
      reject({
        where: WHERE,
        expected: `${name}[${index}] must be a number`,
        received: value,
        remedy: 'Wait until model.fit has returned: it turns tensors into numbers.',
      });
    }
    return { epoch: (epoch?.[index] ?? index) + 1, value: value ?? Number.NaN };
  });
}

/** Least and greatest value; a single one gets the room that `around` leaves it. */
function domain(
  values: readonly number[],
  around: (value: number) => [number, number],
): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return low < high ? [low, high] : around(low);
}

function aroundEpoch(epoch: number): [number, number] {
  return [epoch - 0.5, epoch + 0.5];
}

/** An accuracy of 1 has nothing above it, a loss of 0 nothing below. */
function aroundValue(value: number): [number, number] {
  const room = Math.abs(value) * 0.1 || 1;
  return [value === 0 ? 0 : value - room, value === 1 ? 1 : value + room];
}

function describe({ name, points }: Series): string {
  const shown = points.filter(isShown);
  const tell = ({ epoch, value }: Point) => `${showValue(value)} in epoch ${epoch}`;
  const ends = shown.length === 1 ? [shown[0]!] : [shown[0]!, shown.at(-1)!];
  return `${name}: ${ends.map(tell).join(', ')}.`;
}
