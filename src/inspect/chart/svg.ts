/** SVG as text, so that charts need no page to be drawn in. */

/** Names and values of an element's attributes; `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its children, which are elements or escaped text. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(value)}"`)
    .join('');
  return children.length === 0
    ? `<${name}${pairs}/>`
    : `<${name}${pairs}>${children.join('')}</${name}>`;
}

/** Text as it may stand in an element or in the quotes of an attribute. */
export function escapeText(text: unknown): string {
  return (typeof text === 'number' ? String(round(text)) : String(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(UNPRINTABLE, '\ufffd');
}

// What XML 1.0 forbids even when escaped: one such character, and no reader
// shows the picture.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to replace
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu;

/** A hundredth of a pixel is more than anybody sees. */
export function round(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}
