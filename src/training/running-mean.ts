import type { BaseCallback } from './callbacks.js';

/** The logs that callback objects get: numbers, or scalars that hold them. */
export type BatchLogs = Parameters<BaseCallback['onBatchEnd']>[1];

/** Loss and metrics over the batches so far, each batch counting by its size, as model.fit logs them. */
export class RunningMean {
  private seen = 0;
  private readonly totals = new Map<string, number>();

  /** Adds what onBatchEnd was given; its scalars stay with their owner. */
  async add(logs: BatchLogs): Promise<void> {
    const { batch: _batch, size, ...metrics } = await readLogs(logs);
    const weight = size ?? 1;
    this.seen += weight;
    for (const [name, value] of Object.entries(metrics)) {
      this.totals.set(name, (this.totals.get(name) ?? 0) + value * weight);
    }
  }

  /** Name and mean of every quantity, in the order in which they are logged. */
  means(): [string, number][] {
    return Array.from(this.totals, ([name, total]) => [name, total / this.seen]);
  }
}

/** The numbers in logs, without disposing the scalars that hold them. */
export async function readLogs(logs: BatchLogs): Promise<Record<string, number>> {
  const read: Record<string, number> = {};
  for (const [name, value] of Object.entries(logs ?? {})) {
    read[name] = typeof value === 'number' ? value : (await value.data())[0]!;
  }
  return read;
}
