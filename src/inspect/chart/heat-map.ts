import { element, escapeText } from './svg.js';
import { fill } from './theme.js';

/** The box that the cells are drawn in, in pixels. */
export interface HeatPlot {
  left: number;
  top: number;
  /** Of a cell. */
  width: number;
  height: number;
}

/** A row of cells with its name. A value lies between -1 and 1; null has no cell of a colour. */
export interface HeatRow {
  name: string;
  values: readonly (number | null)[];
  /** What a cell tells when it is pointed at. */
  tell(column: number): string;
}

const SPACE = 1; // between cells, where they are wide enough
const FAINTEST = 0.05;

/** Rows of cells, the stronger the colour the larger the value: blue above 0, orange below. */
export function heatMap(rows: readonly HeatRow[], plot: HeatPlot): string {
  const space = plot.width > 4 ? SPACE : 0;
  return rows
    .map(({ name, values, tell }, row) => {
      const y = plot.top + row * plot.height;
      const cells = values.map((value, column) => {
        const colour = value === null ? fill('grid') : fill(value < 0 ? 'second' : 'first');
        const strength = value === null ? 0.5 : Math.max(FAINTEST, Math.min(1, Math.abs(value)));
        return element(
          'rect',
          {
            x: plot.left + column * plot.width,
            y,
            width: plot.width - space,
            height: plot.height - SPACE,
            ...colour,
            'fill-opacity': Math.round(strength * 1000) / 1000,
          },
          element('title', {}, escapeText(tell(column))),
        );
      });
      const middle = y + plot.height / 2 + 4.5;
      const label = { x: plot.left - 9, y: middle, 'text-anchor': 'end', ...fill('text') };
      return element('g', {}, element('text', label, escapeText(name)), ...cells);
    })
    .join('');
}

/** The words or numbers of the columns, as many as there is room for, read upwards or as they are. */
export function columnNames(
  names: readonly string[],
  plot: HeatPlot,
  baseline: number,
  isTurned = true,
): string {
  const every = Math.max(1, Math.ceil(LINE / plot.width));
  return names
    .map((name, column) => {
      if (column % every > 0) return '';
      const middle = plot.left + (column + 0.5) * plot.width;
      if (!isTurned) {
        const label = { x: middle, y: baseline, 'text-anchor': 'middle', ...fill('muted') };
        return element('text', label, escapeText(name));
      }
      const x = middle + 4.5;
      const turned = { transform: `rotate(-90 ${x} ${baseline})` };
      return element('text', { x, y: baseline, ...turned, ...fill('muted') }, escapeText(name));
    })
    .join('');
}

// Pixels that a line of letters is high.
const LINE = 14;

/** A bar of the colours from `low` to `high`, with their numbers; `strongest` is the opacity at the ends. */
export function colourScale(
  { low, high }: { low: number; high: number },
  right: number,
  baseline: number,
  strongest = 1,
): string {
  const left = right - BAR;
  const steps = Array.from({ length: STEPS }, (_, i) => low + ((high - low) * (i + 0.5)) / STEPS);
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [
    ...steps.map((value, i) =>
      element('rect', {
        x: left + (i * BAR) / STEPS,
        y: baseline - 11,
        width: BAR / STEPS,
        height: 12,
        ...fill(value < 0 ? 'second' : 'first'),
        'fill-opacity':
          Math.round(Math.max(FAINTEST, (strongest * Math.abs(value)) / most) * 1000) / 1000,
      }),
    ),
    element(
      'text',
      { x: left - 6, y: baseline, 'text-anchor': 'end', ...fill('muted') },
      show(low),
    ),
    element('text', { x: right + 6, y: baseline, ...fill('muted') }, show(high)),
  ].join('');
}

const BAR = 90;
const STEPS = 15;

const show = (value: number) => String(Number(value.toPrecision(2)));
