import { line } from 'd3-shape';
import { element, escapeText, round } from './svg.js';
import { fill, type Role, stroke } from './theme.js';

/** A named list of points; a value that is not finite leaves a gap. */
export interface Series {
  name: string;
  role: Role;
  dashed: boolean;
  /** What each point is one of; `epoch` when left out. */
  each?: string;
  points: readonly Point[];
}

/** A value of an epoch, or at another place of the horizontal axis. */
export interface Point {
  epoch: number;
  value: number;
}

// Beyond this many, dots run into each other and hide the line.
const MOST_DOTS = 40;

/** Where a value is, in pixels. */
type Position = (value: number) => number;

/** The line through a series, and dots on its points, which tell their values when pointed at. */
export function curve(series: Series, x: Position, y: Position): string {
  const { points, role } = series;
  const path = line<Point>()
    .defined(isShown)
    .x((point) => round(x(point.epoch)))
    .y((point) => round(y(point.value)))(points);
  const dots = points.filter(
    (point, index) => isShown(point) && (points.length <= MOST_DOTS || isAlone(points, index)),
  );
  return element(
    'g',
    {},
    element('path', { d: path ?? '', ...lineStyle(series) }),
    ...dots.map(({ epoch, value }) =>
      element(
        'circle',
        { cx: x(epoch), cy: y(value), r: 3.2, ...fill(role) },
        element(
          'title',
          {},
          escapeText(`${series.name}, ${series.each ?? 'epoch'} ${epoch}: ${showValue(value)}`),
        ),
      ),
    ),
  );
}

/** The names of all series in a row from `left` on, each after a piece of its line. */
export function legend(allSeries: readonly Series[], left: number, baseline: number): string {
  let start = left;
  const entries = allSeries.map((series) => {
    const middle = baseline - 4.5;
    const entry = [
      element('line', { x1: start, x2: start + 28, y1: middle, y2: middle, ...lineStyle(series) }),
      element('circle', { cx: start + 14, cy: middle, r: 3.2, ...fill(series.role) }),
      element('text', { x: start + 35, y: baseline, ...fill('text') }, escapeText(series.name)),
    ];
    start += entryWidth(series) + GAP;
    return entry.join('');
  });
  return entries.join('');
}

/** How wide {@link legend} is, roughly. */
export function legendWidth(allSeries: readonly Series[]): number {
  return allSeries.reduce((width, series) => width + entryWidth(series) + GAP, -GAP);
}

const GAP = 18;

// Widths of text are unknown without a font; at size 13 a letter takes less than this.
function entryWidth(series: Series): number {
  return 35 + Math.ceil(series.name.length * 6.8);
}

/** Whether a point has a place on the chart. */
export function isShown(point: Point): boolean {
  return Number.isFinite(point.value);
}

/** The series in as many rows as a legend of that width takes. */
export function legendRows(allSeries: readonly Series[], width: number): Series[][] {
  const rows: Series[][] = [];
  for (const series of allSeries) {
    const row = rows.at(-1);
    if (row && legendWidth([...row, series]) <= width) row.push(series);
    else rows.push([series]);
  }
  return rows;
}

/** A value with the digits that matter. */
export function showValue(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function isAlone(points: readonly Point[], index: number): boolean {
  const [before, after] = [points[index - 1], points[index + 1]];
  return !(before && isShown(before)) && !(after && isShown(after));
}

function lineStyle({ role, dashed }: Series) {
  return {
    ...stroke(role),
    'stroke-width': 2,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
    'stroke-dasharray': dashed ? '1 5' : undefined,
  };
}
