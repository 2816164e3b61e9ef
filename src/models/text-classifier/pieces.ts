/** Texts in pieces: a network that reads a hundred words learns from, and judges, texts of any length. */
import { permutation } from '../../training/permutation.js';
import { type Random, seededRandom } from '../../foundation/random.js';

/** How long pieces are, in words. */
export interface PieceLengths {
  least: number;
  most: number;
}

/** Shorter ones, at the ends of a text, say too little about its class. */
const FEWEST_WORDS = 20;

/** As few pieces of at most so many words as there can be, all equally long but for one word. */
export function evenPieces(sequence: readonly number[], most: number): number[][] {
  const count = Math.max(1, Math.ceil(sequence.length / most));
  const border = (piece: number) => Math.round((piece * sequence.length) / count);
  return Array.from({ length: count }, (_, i) => sequence.slice(border(i), border(i + 1)));
}

/**
 * All of a text in pieces whose lengths are drawn anew for each epoch, so that no words of a text are
 * always seen with the same others. The first border is drawn, too.
 */
export function randomPieces(
  sequence: readonly number[],
  { least, most }: PieceLengths,
  random: Random,
): number[][] {
  const pieces: number[][] = [];
  const fewest = Math.min(FEWEST_WORDS, sequence.length);
  let at = -Math.floor((random() * most) / 2);
  while (at < sequence.length) {
    const end = at + least + Math.floor(random() * (most - least + 1));
    const piece = sequence.slice(Math.max(0, at), Math.max(0, end));
    if (piece.length >= fewest && piece.length > 0) pieces.push(piece);
    at = end;
  }
  return pieces.length > 0 ? pieces : [sequence.slice(0, most)];
}

/** The pieces of all texts in a random order, each with the label of its text. */
export function randomPiecesOfAll(
  sequences: readonly (readonly number[])[],
  labels: Int32Array,
  lengths: PieceLengths,
  { seed, epoch }: { seed: number; epoch: number },
): { pieces: number[][]; labels: Int32Array } {
  const random = seededRandom(seed, epoch, 1); // apart from the order below
  const pieces: number[][] = [];
  const ofPieces: number[] = [];
  sequences.forEach((sequence, text) => {
    for (const piece of randomPieces(sequence, lengths, random)) {
      pieces.push(piece);
      ofPieces.push(labels[text]!);
    }
  });
  const order = permutation(pieces.length, seed, epoch);
  return {
    pieces: Array.from(order, (i) => pieces[i]!),
    labels: Int32Array.from(order, (i) => ofPieces[i]!),
  };
}
