import { area } from 'd3-shape';
import type { Scale } from './axes.js';
import { element, round } from './svg.js';
import { fill, type Role } from './theme.js';

/** From where to where a value may be at a place of the horizontal axis. */
export interface Extent {
  at: number;
  lower: number;
  upper: number;
}

/** The area between the ends of intervals, through which lines and the grid can be seen. */
export function band(extents: readonly Extent[], role: Role, x: Scale, y: Scale): string {
  const path = area<Extent>()
    .x(({ at }) => round(x(at)))
    .y0(({ lower }) => round(y(lower)))
    .y1(({ upper }) => round(y(upper)))(extents);
  return element('path', { d: path ?? '', ...fill(role), 'fill-opacity': 0.2 });
}
