/**
 * Rows of a table, as an embedding returns them, dropped out or not, that nobody has asked for
 * yet: a next kernel that knows the words behind its input can do better than read their vectors.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { type Dropping, dropsRows, runDropout } from '../dropout/dropout-jobs.js';
import { JobFields, ranges, runJobs } from '../bridge/jobs.js';
import type { Call, Deferred, Held, Workplace } from '../bridge/call.js';

// The fields of GatherJob in assembly/embedding/embedding.ts, in its order.
const FIELDS = new JobFields(['first', 'count', 'width', 'indices', 'table', 'out']);

/** out[i] = table[indices[i]], not written yet. */
export class Gathered implements Deferred {
  /** [rows, width] */
  readonly table: tf.TensorInfo;
  /** Its data. */
  readonly rows: Held;
  /** int32, all of them rows of the table. */
  readonly indices: Held;
  readonly count: number;
  /** What is dropped of them. */
  readonly dropping: Dropping | null;
  /** The same before dropout. */
  readonly whole: Gathered;
  /** How many kernels took them by words while a gradient was recorded. */
  readers = 0;
  #written = false;
  #holders = 1;

  constructor(
    table: tf.TensorInfo,
    rows: Held,
    indices: Held,
    count: number,
    dropped?: { whole: Gathered; dropping: Dropping },
  ) {
    this.table = table;
    this.rows = rows;
    this.indices = indices;
    this.count = count;
    this.dropping = dropped?.dropping ?? null;
    this.whole = dropped?.whole ?? this;
  }

  get width(): number {
    return this.table.shape[1]!;
  }

  /** Whether a single kernel has seen them, and only by words. */
  get unshared(): boolean {
    return this.readers <= 1 && !this.#written && (this.whole === this || this.whole.unshared);
  }

  /** The same with dropout. */
  dropped(dropping: Dropping): Gathered {
    this.readers++;
    this.#holders++;
    return new Gathered(this.table, this.rows, this.indices, this.count, { whole: this, dropping });
  }

  write(place: Workplace, address: number): void {
    this.#written = true;
    const { count, width, dropping } = this;
    const values = { width, indices: this.indices.address, table: this.rows.address };
    if (dropping && dropsRows(width)) {
      runDropout(place, dropping, count * width, values, address);
      return;
    }
    const shards = ranges(count, place.runtime.threads, count * width, 1);
    const jobs = shards.map((shard) => [shard, values, { out: address }] as const);
    runJobs(place, 'embeddingGather', FIELDS, jobs);
    if (dropping) runDropout(place, dropping, count * width, { x: address }, address);
  }

  release(): void {
    if (this.whole !== this) {
      this.whole.release();
      return;
    }
    if (--this.#holders > 0) return;
    this.rows.release();
    this.indices.release();
  }
}

/** The words behind a tensor, if it holds rows of a table that were not written yet. */
export function gatheredFrom(
  call: Pick<Call, 'deferredOf'>,
  tensor: tf.TensorInfo,
): Gathered | null {
  const deferred = call.deferredOf(tensor);
  return deferred instanceof Gathered ? deferred : null;
}
