/** What every chart begins with: its size, its words for screen readers, its colours and its heading. */
import { element, escapeText } from './svg.js';
import { darkStyle, fill, type Curve, type Frame, frame } from './theme.js';

/** How {@link titled} begins a chart. */
export interface Titled extends Frame {
  /** Where the heading begins; 16 when left out. */
  left?: number;
  /** Colours that are used beside those of every chart. */
  more?: readonly Curve[];
}

// Of the heading.
const LEFT = 16;
const BASELINE = 30;

/** A chart with its heading, its background, and its drawing. */
export function titled(
  { left = LEFT, more = [], ...outer }: Titled,
  ...drawing: readonly string[]
): string {
  const { width, height, title } = outer;
  const text = escapeText(title);
  return frame(
    outer,
    element('title', {}, text),
    darkStyle(more),
    element('rect', { width, height, rx: 6, ...fill('background') }),
    element(
      'text',
      { x: left, y: BASELINE, 'font-size': 16, 'font-weight': 600, ...fill('text') },
      text,
    ),
    ...drawing,
  );
}
