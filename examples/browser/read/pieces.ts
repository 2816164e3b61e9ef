/** A text as the page shows it: pieces, each with the numbers of its words. */
import type { Tokenizer } from 'tfjs-recurrent';
import { segmentsOf } from './segments.js';

export interface Piece {
  /** As it is written. */
  text: string;
  /** Where it begins in the text. */
  start: number;
  /** Numbers of its words, those that the vocabulary has. */
  indices: number[];
  leftOut: boolean;
}

/** The pieces of a text. */
export function piecesOf(
  text: string,
  tokenizer: Tokenizer,
  leftOut: ReadonlySet<number>,
): Piece[] {
  const segments = segmentsOf(text);
  const sequences = tokenizer.textsToSequences(segments.map(({ word }) => word));
  return segments.map((segment, place) => ({
    text: segment.text,
    start: segment.start,
    indices: sequences[place]!,
    leftOut: leftOut.has(place),
  }));
}

/** The numbers that a network reads, the last `length`, and which piece each comes from. */
export function numbersOf(pieces: readonly Piece[], length: number | null) {
  const numbers = pieces.flatMap(({ indices, leftOut }, piece) =>
    leftOut ? [] : indices.map((index) => ({ index, piece })),
  );
  return length === null ? numbers : numbers.slice(-length);
}
