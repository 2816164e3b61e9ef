/**
 * Rows of a table, as an embedding returns them, that nobody has asked for yet: a next
 * kernel that knows the words behind its input can do better than read their vectors.
 */
import type { tf } from '../foundation/tensorflow.js';
import { ranges, runJobs } from './jobs.js';
import { type Deferred, deferredOf, type Held, type Workplace } from './tensors.js';

// The fields of GatherJob in assembly/embedding.ts, in its order.
const FIELDS = ['first', 'count', 'width', 'indices', 'table', 'out'] as const;

/** out[i] = table[indices[i]], not written yet. */
export class Gathered implements Deferred {
  /** [rows, width] */
  readonly table: tf.TensorInfo;
  /** Its data. */
  readonly rows: Held;
  /** int32, all of them rows of the table. */
  readonly indices: Held;
  readonly count: number;

  constructor(table: tf.TensorInfo, rows: Held, indices: Held, count: number) {
    this.table = table;
    this.rows = rows;
    this.indices = indices;
    this.count = count;
  }

  get width(): number {
    return this.table.shape[1]!;
  }

  write(place: Workplace, address: number): void {
    const { count, width } = this;
    const common = {
      width,
      indices: this.indices.address,
      table: this.rows.address,
      out: address,
    };
    const shards = ranges(count, place.runtime.threads, count * width, 1);
    runJobs(
      place,
      'embeddingGather',
      FIELDS,
      shards.map((range) => ({ ...range, ...common })),
    );
  }

  release(): void {
    this.rows.release();
    this.indices.release();
  }
}

/** The words behind a tensor, if it holds rows of a table that were not written yet. */
export function gatheredFrom(tensor: tf.TensorInfo): Gathered | null {
  const deferred = deferredOf(tensor);
  return deferred instanceof Gathered ? deferred : null;
}
