/** Runs contestants in turn, so that whatever else the machine does slows all of them alike. */
import { setTimeout } from 'node:timers/promises';

/** What one contestant does when it is its turn. */
export interface Turn {
  name: string;
  /** @returns The figure of this round; rounds before 0 warm up and do not count. */
  run: (round: number) => Promise<number>;
}

/** The figures of one contestant, one a round. */
export interface Figures {
  name: string;
  rounds: number[];
}

// Threads of the peers spin for a while before they sleep, and would take from whoever is next.
const PAUSE = 250; // ms

/**
 * Gives everyone a turn in each of `rounds` rounds, after `warmUp` rounds that do not count.
 * Who begins changes from round to round.
 */
export async function inTurn(
  turns: readonly Turn[],
  rounds: number,
  warmUp = 1,
): Promise<Figures[]> {
  const figures = turns.map(({ name }): Figures => ({ name, rounds: [] }));
  for (let round = -warmUp; round < rounds; round++) {
    for (let place = 0; place < turns.length; place++) {
      const at = (place + round + warmUp) % turns.length;
      await setTimeout(PAUSE);
      const figure = await turns[at]!.run(round);
      if (round >= 0) figures[at]!.rounds.push(figure);
    }
  }
  return figures;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
