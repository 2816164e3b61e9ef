/** The marks that every diagram of the guide is made of, in the colours of the charts. */
import { element, escapeText, round } from '../../../src/inspect/chart/svg.js';
import {
  darkStyle,
  type Frame,
  fill,
  frame,
  type Role,
  stroke,
} from '../../../src/inspect/chart/theme.js';

export type Point = readonly [x: number, y: number];

/** Where text stands, and how. */
export interface TextStyle {
  anchor?: 'start' | 'middle' | 'end';
  role?: Role;
  size?: number;
  bold?: boolean;
}

/** How a line or an outline is drawn. */
export interface LineStyle {
  role?: Role;
  width?: number;
  dashed?: boolean;
}

// A telephone shows a picture of this width with letters of twelve pixels.
export const WIDTH = 400;
const LETTERS = 14;
const INDEX_SIZE = 0.72;
const HEAD = 8;
const HEAD_HALF = 4;

/** A whole picture, of {@link WIDTH}. */
export function picture(words: Omit<Frame, 'width'>, ...children: string[]): string {
  const { height, title } = words;
  const svg = frame(
    { width: WIDTH, ...words },
    element('title', {}, escapeText(title)),
    darkStyle(),
    element('rect', { width: WIDTH, height, rx: 6, ...fill('background') }),
    element('g', { 'font-size': LETTERS }, ...children),
  );
  return `${svg}\n`;
}

/** Text around a middle line; `h_{t−1}` has an index below it. */
export function write([x, y]: Point, text: string, style: TextStyle = {}): string {
  const { anchor = 'middle', role = 'text', size = LETTERS, bold } = style;
  const attributes = { x, y: y + size * 0.36, 'text-anchor': anchor, 'font-size': size };
  const weight = bold ? { 'font-weight': 600 } : {};
  return element('text', { ...attributes, ...weight, ...fill(role) }, ...withIndices(text, size));
}

function withIndices(text: string, size: number): string[] {
  const below = round(size * 0.25);
  return text.split(/(_\{[^}]*\})/).flatMap((part, place, parts) => {
    if (part === '') return [];
    const index = /^_\{(.*)\}$/.exec(part)?.[1];
    if (index !== undefined) {
      const attributes = { dy: below, 'font-size': round(size * INDEX_SIZE) };
      return [element('tspan', attributes, escapeText(index))];
    }
    return [
      element('tspan', place > 0 && parts[place - 1] ? { dy: -below } : {}, escapeText(part)),
    ];
  });
}

/** A box around its middle, with text. */
export function box(
  [x, y]: Point,
  [width, height]: readonly [number, number],
  text: string,
  { role = 'muted', ...style }: LineStyle & TextStyle = {},
): string {
  const place = { x: x - width / 2, y: y - height / 2, width, height, rx: 5 };
  return [
    element('rect', { ...place, ...fill('background') }),
    element('rect', { ...place, ...fill(role), 'fill-opacity': 0.1 }),
    element('rect', { ...place, ...stroke(role), ...strokeOf(style) }),
    write([x, y], text, { size: style.size, bold: style.bold }),
  ].join('');
}

/** A circle with a sign: an operation on each number by itself. */
export function operation(at: Point, sign: string, role: Role = 'muted'): string {
  const [cx, cy] = at;
  return [
    element('circle', { cx, cy, r: 13, ...fill('background') }),
    element('circle', { cx, cy, r: 13, ...stroke(role), 'stroke-width': 1.5 }),
    write(at, sign, { size: 17 }),
  ].join('');
}

/** A line through points. */
export function line(points: readonly Point[], { role = 'muted', ...style }: LineStyle = {}) {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return element('path', { d, ...stroke(role), 'stroke-linejoin': 'round', ...strokeOf(style) });
}

/** A line through points, with a head at its end. */
export function arrow(points: readonly Point[], style: LineStyle = {}): string {
  const [[fromX, fromY], [x, y]] = points.slice(-2) as [Point, Point];
  const length = Math.hypot(x - fromX, y - fromY);
  const [ahead, aside] = [(x - fromX) / length, (y - fromY) / length];
  const neck: Point = [x - ahead * HEAD, y - aside * HEAD];
  const corners: Point[] = [
    [x, y],
    [neck[0] - aside * HEAD_HALF, neck[1] + ahead * HEAD_HALF],
    [neck[0] + aside * HEAD_HALF, neck[1] - ahead * HEAD_HALF],
  ];
  const head = corners.map((corner) => corner.map(round).join(' ')).join('L');
  return [
    line([...points.slice(0, -1), neck], style),
    element('path', { d: `M${head}Z`, ...fill(style.role ?? 'muted') }),
  ].join('');
}

/** A place where a line parts. */
export function joint([cx, cy]: Point, role: Role = 'muted'): string {
  return element('circle', { cx, cy, r: 3, ...fill(role) });
}

function strokeOf({ width = 1.5, dashed }: LineStyle) {
  return { 'stroke-width': width, 'stroke-dasharray': dashed ? '4 4' : undefined };
}
