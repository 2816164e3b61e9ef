import type { ScaleLinear } from 'd3-scale';
import { element, escapeText } from './svg.js';
import { fill, stroke } from './theme.js';

/** A scale from numbers to pixels. */
export type Scale = ScaleLinear<number, number>;

const PIXELS_A_TICK_X = 56;
const PIXELS_A_TICK_Y = 48;

/** The horizontal axis of whole numbers below the plot, with its name. */
export function wholeNumberAxis(x: Scale, bottom: number, name: string): string {
  const [left, right] = x.range() as [number, number];
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

/** The vertical axis left of the plot, with its name and lines across the plot. */
export function valueAxis(y: Scale, left: number, right: number, name: string): string {
  const [bottom, top] = y.range() as [number, number];
  const count = Math.max(2, Math.round((bottom - top) / PIXELS_A_TICK_Y));
  const format = y.tickFormat(count);
  const middle = (top + bottom) / 2;
  return [
    ...y
      .ticks(count)
      .flatMap((tick) => [
        element('line', { x1: left, x2: right, y1: y(tick), y2: y(tick), ...stroke('grid') }),
        label(format(tick), left - 9, y(tick) + 4.5, 'end'),
      ]),
    axisName(name, 18, middle, `rotate(-90 18 ${middle})`),
  ].join('');
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
