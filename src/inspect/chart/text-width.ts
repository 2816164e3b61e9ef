/**
 * How wide a word is, without a font to measure it by. Letters fall into a few widths in every sans-serif
 * face; `textLength` then makes a word as wide as it was taken to be.
 */

// Of the size of the font, as in DejaVu Sans, the widest of the usual ones, less a tenth.
const NARROW = 0.3;
const MIDDLE = 0.56;
const WIDE = 0.86;
const CAPITAL = 0.68;
const SQUARE = 1;

/** Pixels that a text takes at a size, roughly. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return Math.ceil(width * size);
}

function letterWidth(letter: string): number {
  if ("iljtfrI.,'!|:;()[] -".includes(letter)) return NARROW;
  if ('mwMW@%—…'.includes(letter)) return WIDE;
  // Chinese, Japanese, Korean and pictures fill a square.
  if (letter.codePointAt(0)! >= 0x2e80) return SQUARE;
  return letter === letter.toLowerCase() ? MIDDLE : CAPITAL;
}
