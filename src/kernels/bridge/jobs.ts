/**
 * How work is described to the kernels of assembly/: a job a shard, its fields 32-bit
 * words in the order of the class of the same name there.
 */
import type { Machine, ShardKernel } from '../../engine/machine.js';
import type { Workplace } from './call.js';

/** The fields of a job, in the order of its class. */
export class JobFields<Field extends string> {
  readonly names: readonly Field[];
  /** Where each stands, in words. */
  readonly places: ReadonlyMap<string, number>;

  constructor(names: readonly Field[]) {
    this.names = names;
    this.places = new Map(names.map((name, place) => [name, place]));
  }
}

type Part<Field extends string> = { readonly [Name in Field]?: number };
type NamesOf<Parts> = Parts extends readonly (infer One)[]
  ? One extends unknown
    ? keyof One
    : never
  : never;
/** Parts that have every field between them. */
type Whole<Field extends string, Parts> = [Exclude<Field, NamesOf<Parts>>] extends [never]
  ? Parts
  : never;

/** Writes a job a shard and runs them; `how`: by which method of {@link Machine}. */
export function runJobs<Field extends string, const Parts extends readonly Part<Field>[]>(
  place: Workplace,
  kernel: ShardKernel,
  fields: JobFields<Field>,
  jobs: readonly Whole<Field, Parts>[],
  how: keyof Pick<Machine, 'runBeside' | 'begin' | 'leave'> = 'begin',
): void {
  const addresses = jobs.map((parts) => writeJob<Field, Parts>(place, fields, parts));
  place.runtime[how](kernel, addresses);
}

/** Leaves jobs of one run to all threads or, where waking one costs more than it saves, a run each. */
export function leaveJobs<Field extends string, const Parts extends readonly Part<Field>[]>(
  place: Workplace,
  kernel: ShardKernel,
  fields: JobFields<Field>,
  jobs: readonly Whole<Field, Parts>[],
  isShared: boolean,
): void {
  if (isShared) runJobs<Field, Parts>(place, kernel, fields, jobs, 'leave');
  else for (const job of jobs) runJobs<Field, Parts>(place, kernel, fields, [job], 'leave');
}

/**
 * Writes a job and returns where.
 *
 * @param parts Objects that have its fields between them; where two have one, the later counts. To
 *   spread them into one object instead would cost kilobytes a step, and hidden classes that V8
 *   makes anew each time.
 */
export function writeJob<Field extends string, const Parts extends readonly Part<Field>[]>(
  place: Workplace,
  { names, places }: JobFields<Field>,
  parts: Whole<Field, Parts>,
): number {
  const address = place.scratch(4 * names.length);
  const { words } = place.runtime.memory;
  for (const part of parts as readonly Record<string, number>[]) {
    for (const name in part) words[address / 4 + places.get(name)!] = part[name]!;
  }
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
  if (worth <= 1) return [{ first: 0, count }];
  const wanted = RANGES * worth;
  const size = multiple * Math.ceil(count / wanted / multiple);
  return Array.from({ length: Math.ceil(count / size) || 1 }, (_, i) => ({
    first: i * size,
    count: Math.min(size, count - i * size),
  }));
}
