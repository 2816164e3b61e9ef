/** How well writing is read, and a reader without a network to compare with. */
import { FEATURES, type Writing } from './strokes.js';

/**
 * How many labels must be put in, left out or exchanged to make one row of another (Levenshtein), over
 * all rows, for each label that is right.
 */
export function labelErrorRate(
  right: readonly (readonly number[])[],
  read: readonly (readonly number[])[],
): number {
  const errors = right.reduce((sum, labels, row) => sum + distance(labels, read[row]!), 0);
  return errors / right.reduce((sum, labels) => sum + labels.length, 0);
}

function distance(a: readonly number[], b: readonly number[]): number {
  let before = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, label] of a.entries()) {
    const row = [i + 1];
    for (const [k, other] of b.entries()) {
      row.push(Math.min(row[k]! + 1, before[k + 1]! + 1, before[k]! + Number(label !== other)));
    }
    before = row;
  }
  return before.at(-1)!;
}

/**
 * The baseline: the frame and its neighbours are compared with the mean of every part of every digit, and the
 * nearest names the frame's digit; frames that name the same are one. It is told where each digit of the
 * writings to learn from is, which the network never is.
 */
export class NearestFrames {
  readonly #labels: number[] = [];
  readonly #means: Float64Array[] = [];

  constructor(writings: readonly Writing[]) {
    const sums = new Map<string, { label: number; count: number; sum: Float64Array }>();
    for (const { frames, places } of writings) {
      for (const [t, { label, part }] of places.entries()) {
        const key = `${label} ${part}`;
        const known = sums.get(key) ?? { label, count: 0, sum: new Float64Array(WIDTH) };
        sums.set(key, known);
        known.count++;
        for (const [i, value] of around(frames, t).entries()) known.sum[i]! += value;
      }
    }
    for (const { label, count, sum } of sums.values()) {
      this.#labels.push(label);
      this.#means.push(sum.map((value) => value / count));
    }
  }

  read({ frames }: Writing): number[] {
    const labels = frames.map((_, t) => {
      const values = around(frames, t);
      const distances = this.#means.map((mean) =>
        values.reduce((sum, value, i) => sum + (value - mean[i]!) ** 2, 0),
      );
      return this.#labels[distances.indexOf(Math.min(...distances))]!;
    });
    // A single frame that differs from both sides is noise.
    const calm = labels.filter((label, t) => label === labels[t - 1] || label === labels[t + 1]);
    return calm
      .filter((label, t) => label !== 0 && label !== calm[t - 1])
      .map((label) => label - 1);
  }
}

const SIDE = 4;
const WIDTH = (2 * SIDE + 1) * FEATURES;

/** The frame and its neighbours; beyond the ends the pen stands still. */
function around(frames: readonly number[][], t: number): Float64Array {
  return Float64Array.from(
    { length: WIDTH },
    (_, i) => frames[t - SIDE + Math.floor(i / FEATURES)]?.[i % FEATURES] ?? 0,
  );
}
