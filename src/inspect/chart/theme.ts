/**
 * Colours for light and dark. The light ones are attributes, which every reader
 * of SVG knows; the dark ones a style sheet, which browsers apply when the
 * reader prefers dark. The background is painted, so that a picture stays
 * readable on a page that has another opinion.
 */
import { element } from './svg.js';

/** A part of a chart that has a colour of its own. */
export type Role = 'background' | 'text' | 'muted' | 'grid' | Curve;

/** The parts that tell curves apart. */
export type Curve = 'first' | 'second' | 'third' | 'fourth';

// Contrast with the background: text at least 14:1, muted 6:1, the two
// curves at least 4.5:1 in both; blue and orange differ for every kind of colour vision.
const LIGHT: Record<Role, string> = {
  background: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  grid: '#e4e7eb',
  first: '#1f6feb',
  second: '#bc4c00',
  third: '#8250df',
  fourth: '#1a7f37',
};

const DARK: Record<Role, string> = {
  background: '#16191f',
  text: '#e6e9ee',
  muted: '#9aa4b2',
  grid: '#2d333d',
  first: '#79b0ff',
  second: '#ff9d4d',
  third: '#c8a6ff',
  fourth: '#5fd38d',
};

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** Attributes that fill with the colour of a role. */
export function fill(role: Role) {
  return { fill: LIGHT[role], class: `tfjsr-fill-${role}` };
}

/** Attributes that draw lines in the colour of a role. */
export function stroke(role: Role) {
  return { fill: 'none', stroke: LIGHT[role], class: `tfjsr-stroke-${role}` };
}

const COMMON: readonly Role[] = ['background', 'text', 'muted', 'grid', 'first', 'second'];

/** The style sheet with the dark colours, those of more than two curves where they are needed. */
export function darkStyle(more: readonly Curve[] = []): string {
  const rules = [...COMMON, ...more].map(
    (role) => `.tfjsr-fill-${role}{fill:${DARK[role]}}.tfjsr-stroke-${role}{stroke:${DARK[role]}}`,
  );
  return element('style', {}, `@media (prefers-color-scheme:dark){${rules.join('')}}`);
}

/** The outer element: background, title and description for screen readers, then the drawing. */
export function frame({ width, height, title, description }: Frame, ...children: string[]): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': `${title}. ${description}`,
      'font-family': FONT,
      'font-size': 13,
    },
    ...children,
  );
}

/** Size and words of {@link frame}. */
export interface Frame {
  width: number;
  height: number;
  title: string;
  description: string;
}
