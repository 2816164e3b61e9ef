/** Random numbers that repeat for a seed. */
export interface SeededRandom {
  /** From 0 to below 1. */
  next(): number;
  /** An integer from 0 to below `end`. */
  below(end: number): number;
  /** Shuffles a list where it is. */
  shuffle(list: unknown[]): void;
}

/**
 * A generator of its own sequence for each seed, or of a new one each time without a seed.
 *
 * The numbers are sfc32 (Chris Doty-Humphrey, PractRand), 12 steps warmed up.
 *
 * @param seed Any safe integer.
 */
export function seededRandom(seed?: number): SeededRandom {
  let a = 0;
  let b = seed === undefined ? (Math.random() * 2 ** 32) | 0 : seed | 0;
  let c = seed === undefined ? (Math.random() * 2 ** 32) | 0 : Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const step = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) step();

  const next = () => step() / 2 ** 32;
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    // Fisher and Yates, in Durstenfeld's form.
    shuffle(list) {
      for (let last = list.length - 1; last > 0; last--) {
        const chosen = below(last + 1);
        [list[last], list[chosen]] = [list[chosen], list[last]];
      }
    },
  };
}
