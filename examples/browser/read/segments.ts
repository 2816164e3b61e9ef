/** Where a text has its words: at spaces, and in Chinese and Japanese, which have none, where the browser finds them. */

export interface Segment {
  /** As it is written, with the marks behind it. */
  text: string;
  start: number;
  /** Without marks that no tokenizer knows. */
  word: string;
}

const WITHOUT_SPACES = /[\u3040-\u30ff\u3400-\u9fff]/;
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

export function segmentsOf(text: string): Segment[] {
  return Array.from(text.matchAll(/\S+/g)).flatMap(({ 0: piece, index }) =>
    WITHOUT_SPACES.test(piece) ? cut(piece, index) : [{ text: piece, start: index, word: piece }],
  );
}

/** The text with a space between its words, as a tokenizer expects it. */
export function spaced(text: string): string {
  return segmentsOf(text)
    .map(({ word }) => word)
    .join(' ');
}

function cut(piece: string, start: number): Segment[] {
  const found: Segment[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(piece)) {
    const last = found.at(-1);
    if (isWordLike || !last) found.push({ text: segment, start: start + index, word: segment });
    else last.text += segment;
  }
  return found;
}
