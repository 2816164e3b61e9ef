/** Times tasks in turn, so that what else the machine does slows all of them alike. */

/** Milliseconds of one task. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/**
 * Runs every task `runs` times, in turn, after `warmUp` rounds that do not count.
 *
 * @returns By the names of the tasks, in their order.
 */
export async function interleaved(
  tasks: Record<string, () => unknown>,
  runs: number,
  warmUp = 3,
): Promise<Record<string, Spread>> {
  const times = Object.fromEntries(Object.keys(tasks).map((name) => [name, [] as number[]]));
  for (let round = -warmUp; round < runs; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      const start = performance.now();
      await task();
      if (round >= 0) times[name]!.push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, spreadOf(list)]));
}

/** The least, the middle and the most of some times. */
export function spreadOf(times: number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! };
}

/** A line of a table: the name, then `median (min … max) ms`. */
export function line(name: string, { min, median, max }: Spread, note = ''): string {
  const cells = [median, min, max].map((ms) => ms.toFixed(1).padStart(8));
  return `${name.padEnd(38)}${cells.join('')}  ${note}`.trimEnd();
}

/** The head of the table of {@link line}. */
export const HEAD = `${'ms'.padEnd(38)}  median     min     max`;
