/**
 * How work is described to the kernels of assembly/: a job a shard, its fields 32-bit
 * words in the order of the class of the same name there.
 */
import type { ShardKernel } from './runtime.js';
import type { Workplace } from './tensors.js';

/**
 * Writes a job a shard and runs them.
 *
 * @param common The fields that are equal in all jobs. To spread many fields into an object costs
 *   V8 kilobytes.
 */
export function runJobs<Field extends string, Own extends Field>(
  place: Workplace,
  kernel: ShardKernel,
  order: readonly Field[],
  jobs: readonly Record<Own, number>[],
  common: Record<Exclude<Field, Own>, number>,
): void {
  const addresses = jobs.map((job) => writeJob(place, order, job, common));
  place.runtime.run(kernel, addresses);
}

/** Writes the fields of a job, or of a part of one, and returns where. */
export function writeJob<Field extends string, Own extends Field>(
  place: Workplace,
  order: readonly Field[],
  own: Record<Own, number>,
  common: Record<Exclude<Field, Own>, number>,
): number {
  const address = place.scratch(4 * order.length);
  const words = place.runtime.memory.integers(address, order.length);
  const [job, rest] = [own, common] as Partial<Record<Field, number>>[];
  order.forEach((field, i) => {
    words[i] = (job![field] ?? rest![field])!;
  });
  return address;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** A float as the word that a job holds. */
export function floatBits(value: number): number {
  float[0] = value;
  return bits[0]!;
}

// Fewer values than this a thread, and waking it costs more than it saves.
const FEWEST_VALUES = 131_072;
// So many ranges a thread: while one wakes, which can take as long as all its work here, another
// is through with a range and takes the next.
const RANGES = 4;

/**
 * Even ranges of `count` items, some for each thread that is worth waking.
 *
 * @param values How many values all items stand for.
 * @param multiple Of which every range begins at one.
 */
export function ranges(
  count: number,
  threads: number,
  values: number,
  multiple: number,
): { first: number; count: number }[] {
  const worth = Math.min(threads, Math.floor(values / FEWEST_VALUES));
  const wanted = worth > 1 ? RANGES * worth : 1;
  const size = multiple * Math.ceil(count / wanted / multiple);
  return Array.from({ length: Math.ceil(count / size) || 1 }, (_, i) => ({
    first: i * size,
    count: Math.min(size, count - i * size),
  }));
}
