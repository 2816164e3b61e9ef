/** How the rows of an LSTM are laid out and shared, as assembly/lstm.ts expects it. */
const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Padded sizes, and the bytes of one row and of the packed weights. */
export function layout(inputs: number, units: number) {
  const paddedUnits = roundUp(units, 4);
  const columns = 4 * paddedUnits;
  const paddedInputs = roundUp(inputs, 4);
  const depth = paddedInputs + paddedUnits;
  const outColumns = roundUp(depth, 8);
  return {
    paddedInputs,
    depth,
    xh: 4 * (depth + 4),
    gates: 4 * (columns + 8),
    state: 4 * paddedUnits,
    nearState: 16 + Math.max(4 * paddedUnits, 128),
    dxh: 4 * outColumns,
    folded: 4 * columns,
    panels: 4 * columns * depth,
    packedBias: 4 * columns,
    transposedPanels: 4 * columns * outColumns,
  };
}

/** Rows of gate gradients that a backward pass gathers, as in assembly/lstm.ts. */
export const OUTER_ROWS = 256;

// Fewer rows than this a shard, and waking a thread costs more than it saves.
const FEWEST_ROWS = 4;

/** Into how many shards a batch is split. */
export function shardCount(batch: number, threads: number): number {
  return Math.max(1, Math.min(threads, Math.floor(batch / FEWEST_ROWS)));
}

/** Even ranges of rows, one a thread. */
export function shardsOf(batch: number, threads: number): { firstRow: number; rows: number }[] {
  const count = shardCount(batch, threads);
  return Array.from({ length: count }, (_, i) => {
    const firstRow = Math.floor((i * batch) / count);
    return { firstRow, rows: Math.floor(((i + 1) * batch) / count) - firstRow };
  });
}
