/** How the rows of a recurrent layer are laid out and shared, as assembly/recurrent expects it. */
import type { CellFacts } from './cell.js';

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Padded sizes, and the bytes of one row and of the packed weights. */
export function layout(cell: CellFacts, inputs: number, units: number) {
  const { gates, vectors, multiple } = cell;
  const paddedUnits = roundUp(units, multiple);
  const paddedInputs = roundUp(inputs, 4);
  const recurrent = gates.joint + gates.state;
  /** Rows of packed weights. */
  const depth = paddedInputs + (recurrent > 0 ? paddedUnits : 0);
  const ofInputs = gates.inputs * paddedUnits;
  /** Columns of the gates that weigh the inputs, which come first. */
  const inputColumns = ofInputs + gates.joint * paddedUnits;
  const columns = inputColumns + (gates.state + vectors) * paddedUnits;
  const dh = 4 * roundUp(paddedUnits, 8);
  return {
    paddedInputs,
    depth,
    columns,
    inputColumns,
    /** Where in a packed bias that of the joint gates begins, and that of the gates of the state. */
    jointBias: 4 * ofInputs,
    stateBias: 4 * inputColumns,
    xh: 4 * (paddedInputs + paddedUnits + 4),
    gates: 4 * (columns + 8),
    state: 4 * paddedUnits,
    nearState: 16 + Math.max(4 * paddedUnits, 128),
    dh,
    /** A row of inputs, padded to eight. */
    wideInputs: 4 * roundUp(inputs, 8),
    folded: 4 * columns,
    panelBytes: 32 * depth,
    panels: 4 * columns * depth,
    packedBias: 4 * columns,
    transposedInputs: 4 * inputColumns * roundUp(inputs, 8),
    transposedState: recurrent > 0 ? columns * dh : 0,
  };
}

/** The most rows of gate gradients that a backward pass gathers, as in assembly/recurrent/backward.ts. */
export const OUTER_ROWS = 256;

// So few rows go through a product as one tile.
const FEWEST_ROWS = 4;

/**
 * From how many multiply-adds on a thread is worth waking. Tests lower it, so that small layers
 * have several shards, too.
 */
export const worthOfAThread = { multiplyAdds: 1_000_000 };

// What the gates of a unit take beside its products, in multiply-adds: measured at 32 units.
const OF_A_GATE = 8;

// Each thread has one large shard, and of its part this much is left for whoever is through first:
// two processors are seldom equally fast, and other work runs on them, too.
const LEFT = 0.16;
const FEWEST_ROWS_TO_LEAVE_SOME = 20; // a thread
const TILE = 4; // rows; small shards are whole tiles of the plain binary

/** About how many multiply-adds a step of a row takes, with `depth` values for each column of the gates. */
export function workOfAStep(depth: number, columns: number): number {
  return columns * (depth + OF_A_GATE);
}

/** Whether some work is worth more than one thread. */
export function isWorthThreads(work: number): boolean {
  return work >= 2 * worthOfAThread.multiplyAdds;
}

/** How many threads a batch is worth, by its rows and by the multiply-adds of all of them. */
export function shardCount(batch: number, threads: number, work: number): number {
  const { multiplyAdds } = worthOfAThread;
  const byWork = multiplyAdds > 0 ? Math.floor(work / multiplyAdds) : threads;
  return Math.max(1, Math.min(threads, Math.floor(batch / FEWEST_ROWS), byWork));
}

/**
 * Ranges of rows, those of a thread one behind the other, its large one first, as threads begin
 * with them; they depend on nothing but the batch, the work and the threads.
 *
 * @param work Multiply-adds of all rows.
 * @param directions How many layers share the threads.
 */
export function shardsOf(
  batch: number,
  threads: number,
  work: number,
  directions = 1,
): { firstRow: number; rows: number }[] {
  const count = shardCount(batch, Math.ceil(threads / directions), work);
  const share = batch / count;
  const left =
    threads === 1 || share < FEWEST_ROWS_TO_LEAVE_SOME || !isWorthThreads(directions * work)
      ? 0
      : TILE * Math.round((LEFT * share) / TILE);
  const first = (i: number) => Math.floor((i * batch) / count);
  return Array.from({ length: count }, (_, i) => {
    const small = first(i + 1) - left;
    const large = { firstRow: first(i), rows: small - first(i) };
    return left > 0 ? [large, { firstRow: small, rows: left }] : [large];
  }).flat();
}
