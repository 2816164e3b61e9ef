/** How the rows of an LSTM are laid out and shared, as assembly/lstm.ts expects it. */
const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Bytes of one row, and of the packed weights. */
export function layout(inputs: number, units: number) {
  const paddedUnits = roundUp(units, 4);
  const columns = 4 * paddedUnits;
  const depth = roundUp(inputs, 4) + paddedUnits;
  const outColumns = roundUp(depth, 8);
  return {
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

// Fewer rows than this a shard, and waking a thread costs more than it saves.
const FEWEST_ROWS = 4;

/** Into how many shards a batch is split. */
export function shardCount(batch: number, threads: number): number {
  return Math.max(1, Math.min(threads, Math.floor(batch / FEWEST_ROWS)));
}
