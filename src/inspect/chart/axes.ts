import type { ScaleLinear, ScaleLogarithmic } from 'd3-scale';
import { element, escapeText } from './svg.js';
import { fill, stroke } from './theme.js';

/** A scale from numbers to pixels. */
export type Scale = ScaleLinear<number, number>;

const PIXELS_A_TICK_X = 40;
const PIXELS_A_TICK_Y = 48;

/** The box that the curves are drawn in, in pixels. */
export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The horizontal axis of whole numbers below the plot, with its name. */
export function wholeNumberAxis(x: Scale, { left, right, bottom }: Plot, name: string): string {
  const ticks = wholeTicks(x, (right - left) / PIXELS_A_TICK_X);
  return [
    ...ticks.map((tick) => label(tick, x(tick), bottom + 20, 'middle')),
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, ...stroke('muted') }),
    ...ticks.map((tick) =>
      element('line', { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 5, ...stroke('muted') }),
    ),
    axisName(name, (left + right) / 2, bottom + 42),
  ].join('');
}

/** How many ticks fit on the vertical axis, roughly. */
export function valueTickCount({ top, bottom }: Plot): number {
  return Math.max(2, Math.round((bottom - top) / PIXELS_A_TICK_Y));
}

/** The vertical axis left of the plot, with its name and lines across the plot. */
export function valueAxis(y: Scale, plot: Plot, name: string): string {
  const { left, right, top, bottom } = plot;
  const count = valueTickCount(plot);
  const format = y.tickFormat(count, shortSpecifier(y));
  const middle = (top + bottom) / 2;
  return [
    ...y
      .ticks(count)
      .flatMap((tick) => [
        element('line', { x1: left, x2: right, y1: y(tick), y2: y(tick), ...stroke('grid') }),
        label(tick === 0 ? '0' : format(tick), left - 9, y(tick) + 4.5, 'end'),
      ]),
    axisName(name, 18, middle, `rotate(-90 18 ${middle})`),
  ].join('');
}

/** The vertical axis of a scale of powers of ten, as many of them as there is room for. */
export function powersAxis(y: ScaleLogarithmic<number, number>, plot: Plot, name: string): string {
  const { left, right, top, bottom } = plot;
  const [low, high] = y.domain().map((value) => Math.round(Math.log10(value))) as [number, number];
  const every = Math.max(1, Math.ceil((high - low) / valueTickCount(plot)));
  const powers = Array.from(
    { length: Math.floor((high - low) / every) + 1 },
    (_, i) => high - i * every,
  );
  const middle = (top + bottom) / 2;
  return [
    ...powers.flatMap((power) => {
      const at = y(10 ** power);
      return [
        element('line', { x1: left, x2: right, y1: at, y2: at, ...stroke('grid') }),
        label(power === 0 ? '1' : `1e${power}`, left - 9, at + 4.5, 'end'),
      ];
    }),
    axisName(name, 18, middle, `rotate(-90 18 ${middle})`),
  ].join('');
}

// Long numbers would run into the name of the axis: 20k, 2e-5.
function shortSpecifier(y: Scale): string | undefined {
  const largest = Math.max(...y.domain().map(Math.abs));
  if (largest >= 1e4) return 's';
  return largest < 1e-3 ? 'e' : undefined;
}

function wholeTicks(x: Scale, most: number): number[] {
  const [first, last] = x.domain() as [number, number];
  for (let count = Math.max(2, Math.floor(most)); count > 1; count--) {
    const ticks = x.ticks(count).filter(Number.isInteger);
    if (ticks.length >= 2 && ticks.length <= most) return ticks;
  }
  return [...new Set([Math.ceil(first), Math.floor(last)])].filter((t) => t >= first && t <= last);
}

function label(text: string | number, x: number, y: number, anchor: string): string {
  return element('text', { x, y, 'text-anchor': anchor, ...fill('muted') }, escapeText(text));
}

function axisName(name: string, x: number, y: number, transform?: string): string {
  const attributes = { x, y, transform, 'text-anchor': 'middle', ...fill('text') };
  return element('text', attributes, escapeText(name));
}
