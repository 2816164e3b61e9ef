/** The forward pass of dense.ts. Source: assembly/dense/dense.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Call, Workplace } from '../bridge/call.js';
import { JobFields, runJobs, writeJob } from '../bridge/jobs.js';

/** The settings of a call; they reach the gradient, too. */
export interface DenseSettings {
  hasBias: boolean;
  relu: boolean;
}

// The fields of DenseJob in assembly/dense/dense.ts, in its order.
// biome-ignore format: one line a group
export const FIELDS = new JobFields([
  'rows', 'inputs', 'units', 'relu', 'x', 'kernel', 'bias', 'y', 'panels', 'wide', 'narrow',
  'dy', 'dx', 'dKernel', 'dBias', 'transposed', 'copy', 'passed', 'start',
]);

export type DenseJob = Record<(typeof FIELDS)['names'][number], number>;

export const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

type Sizes = Pick<DenseJob, 'inputs' | 'units'>;

const panelBytes = ({ inputs, units }: Sizes) => 4 * roundUp(inputs, 8) * roundUp(units, 8);
const wideBytes = (rows: number, { inputs, units }: Sizes) =>
  4 * (rows + 1) * Math.max(roundUp(inputs, 8), roundUp(units, 8));

/** What a job says of a call, before its output and its shards. */
export function prepare(
  call: Call,
  { x, kernel, bias, y }: Record<string, tf.TensorInfo | undefined>,
  { relu }: Pick<DenseSettings, 'relu'>,
): DenseJob {
  const rows = x!.shape[0]!;
  const [inputs, units] = kernel!.shape as [number, number];
  const sizes = { inputs, units };
  return {
    rows,
    inputs,
    units,
    relu: Number(relu),
    x: call.input(x),
    kernel: call.input(kernel),
    bias: call.input(bias),
    y: call.input(y),
    panels: call.scratch(panelBytes(sizes)),
    wide: call.scratch(wideBytes(rows, sizes)),
    ...OF_GRADIENTS,
  };
}

/** The job of a call for the kernel denseForward, between addresses: x [rows, inputs], y [rows, units]. */
export function denseJob(
  place: Workplace,
  given: Pick<DenseJob, 'rows' | 'inputs' | 'units' | 'relu' | 'x' | 'kernel' | 'bias' | 'y'>,
): number {
  const panels = place.scratch(panelBytes(given));
  const wide = place.scratch(wideBytes(given.rows, given));
  return writeJob(place, FIELDS, [{ ...OF_GRADIENTS, ...given, panels, wide }]);
}

const OF_GRADIENTS = {
  ...{ narrow: 0, dy: 0, dx: 0, dKernel: 0, dBias: 0 },
  ...{ transposed: 0, copy: 0, passed: 0, start: 0 },
};

/** x·W + b, or relu of that: [rows, units]. */
export function forward(
  call: Call,
  inputs: Record<string, tf.TensorInfo | undefined>,
  attributes: Pick<DenseSettings, 'relu'>,
): tf.TensorInfo {
  const job = prepare(call, inputs, attributes);
  const { rows, units } = job;
  const y = call.output([rows, units]);
  const shards = shardsOf(job, call.runtime.threads);
  const jobs = shards.map(({ first, count }) => [
    job,
    {
      rows: count,
      x: job.x + 4 * first * job.inputs,
      y: y.address + 4 * first * units,
      // The first one has what was prepared.
      panels: first === 0 ? job.panels : call.scratch(panelBytes(job)),
      wide: first === 0 ? job.wide : call.scratch(wideBytes(count, job)),
    },
  ]);
  runJobs(call, 'denseForward', FIELDS, jobs as [DenseJob][]);
  return y.tensor;
}

// Fewer, and waking a thread costs more than it saves.
export const FEWEST_PRODUCTS = 262_144;
// So many shards a thread; see `ranges` in jobs.ts.
const SHARDS = 4;
// Four rows of floats are whole vectors, so that no shard writes into the next one.
const ROWS_AT_ONCE = 4;

/** Even shares of the rows, as many as are worth it. */
function shardsOf({ rows, inputs, units }: DenseJob, threads: number) {
  const products = rows * inputs * units;
  if (threads === 1 || products < FEWEST_PRODUCTS) return [{ first: 0, count: rows }];
  const most = Math.min(SHARDS * threads, Math.floor((2 * products) / FEWEST_PRODUCTS));
  const size = ROWS_AT_ONCE * Math.ceil(rows / most / ROWS_AT_ONCE);
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, rows - i * size),
  }));
}
