/** Invented handwriting: digits joined in one line of a pen that never lifts, as a sequence of its movements. */
import { type Random, seededRandom } from '../shared/random.js';

/** What was written, and how the pen moved: [frames][features]. */
export interface Writing {
  /** Digits, 0 to 9. */
  digits: number[];
  /** The pen's movement right and up. */
  frames: number[][];
  /** Which digit's label each frame belongs to, 0 between digits, and which part of it: the baseline alone is told. */
  places: Place[];
}

/** A part of the line that is a digit. */
export interface Place {
  label: number;
  part: number;
}

/** The numbers of a frame. */
export const FEATURES = 2;
/** The digits 0 to 9 are the labels 1 to 10; 0 is the blank. */
export const CLASSES = 11;

type Point = readonly [x: number, y: number];

/** Where the pen passes in each digit, in a box of one by one and a half. */
const SHAPES: readonly (readonly Point[])[] = [
  [
    [0.6, 1.4],
    [0.1, 1],
    [0.1, 0.4],
    [0.5, 0],
    [0.9, 0.5],
    [0.9, 1.1],
    [0.6, 1.4],
  ],
  [
    [0.2, 1.1],
    [0.6, 1.5],
    [0.6, 0.8],
    [0.6, 0],
  ],
  [
    [0.1, 1.1],
    [0.5, 1.5],
    [0.9, 1.1],
    [0.5, 0.5],
    [0.1, 0],
    [0.9, 0],
  ],
  [
    [0.1, 1.4],
    [0.8, 1.3],
    [0.4, 0.8],
    [0.9, 0.5],
    [0.6, 0],
    [0.1, 0.1],
  ],
  [
    [0.5, 1.5],
    [0.1, 0.6],
    [0.9, 0.6],
    [0.7, 1],
    [0.7, 0],
  ],
  [
    [0.9, 1.5],
    [0.2, 1.5],
    [0.2, 0.9],
    [0.8, 0.7],
    [0.8, 0.2],
    [0.1, 0],
  ],
  [
    [0.8, 1.5],
    [0.2, 0.9],
    [0.1, 0.3],
    [0.5, 0],
    [0.9, 0.4],
    [0.5, 0.7],
    [0.2, 0.4],
  ],
  [
    [0.1, 1.5],
    [0.9, 1.5],
    [0.6, 0.8],
    [0.3, 0],
  ],
  [
    [0.8, 1.3],
    [0.3, 1.4],
    [0.2, 1],
    [0.8, 0.5],
    [0.5, 0],
    [0.1, 0.3],
    [0.8, 1.2],
  ],
  [
    [0.8, 1.1],
    [0.4, 0.8],
    [0.2, 1.2],
    [0.6, 1.5],
    [0.8, 1.1],
    [0.8, 0.5],
    [0.6, 0],
  ],
];

/** Writings that differ from each other; the same for a seed. */
export function inventWritings(count: number, seed: number): Writing[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const digits = Array.from({ length: random.between(2, 5) }, () => random.between(0, 9));
    return write(digits, random);
  });
}

/** Writes digits in a hand of its own: slant, size, pace and tremor differ from one to the next. */
export function write(digits: readonly number[], random: Random): Writing {
  const spread = (width: number) => width * (2 * random.next() - 1);
  const slant = spread(0.35);
  const stretch = 1 + spread(0.25);
  const hand = (point: Point): Point => [stretch * point[0] + slant * point[1], point[1]];
  const frames: number[][] = [];
  const places: Place[] = [];
  let at: Point = [0, 0];
  const go = (to: Point, steps: number, place: Place) => {
    for (let step = 0; step < steps; step++) {
      const part = (to[0] - at[0]) / (steps - step);
      const rise = (to[1] - at[1]) / (steps - step);
      const next: Point = [at[0] + part + spread(0.06), at[1] + rise + spread(0.06)];
      frames.push([4 * (next[0] - at[0]), 4 * (next[1] - at[1])]);
      places.push(place);
      at = next;
    }
  };
  for (const digit of digits) {
    const points = SHAPES[digit]!.map(([x, y]) => hand([x + spread(0.14), y + spread(0.14)]));
    // From the end of the digit before to the beginning of this one.
    go(points[0]!, random.between(1, 3), { label: 0, part: 0 });
    for (const [part, point] of points.slice(1).entries()) {
      go(point, random.between(1, 3), { label: digit + 1, part });
    }
    at = [at[0] - 1.2, at[1]];
  }
  return { digits: [...digits], frames, places };
}
