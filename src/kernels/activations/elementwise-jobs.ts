/** How the kernels of elementwise.ts are set to work. Source: assembly/activations/elementwise.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, sizeOf, type Workplace } from '../bridge/call.js';
import { JobFields, ranges, runJobs, writeJob } from '../bridge/jobs.js';

/** The activations that have such kernels, by their numbers there. */
export const ELEMENTWISE = { relu: 0, sigmoid: 1, tanh: 2 } as const;

export type ElementwiseName = keyof typeof ELEMENTWISE;

// The fields of ElementwiseJob there, in its order.
const FIELDS = new JobFields(['first', 'count', 'activation', 'x', 'y', 'dy', 'dx']);

/** The job of an activation of values where they are, for the kernel elementwiseForward. */
export function elementwiseJob(
  place: Workplace,
  name: ElementwiseName,
  count: number,
  x: number,
): number {
  const activation = ELEMENTWISE[name];
  return writeJob(place, FIELDS, [{ first: 0, count, activation, x, y: x, dy: 0, dx: 0 }]);
}

/** An activation of every value. */
export function forward(
  call: Call,
  { x }: Record<string, tf.TensorInfo>,
  { name }: { name: ElementwiseName },
): tf.TensorInfo {
  const y = call.output(x!.shape);
  const addresses = { x: call.input(x), y: y.address, dy: 0, dx: 0 };
  run(call, 'elementwiseForward', name, sizeOf(x!.shape), addresses);
  return y.tensor;
}

// A value costs as much as some of those that `ranges` counts.
const WORK_OF_A_VALUE = { relu: 1, sigmoid: 12, tanh: 12 };

/** Runs a kernel over all values. */
export function run(
  call: Call,
  kernel: 'elementwiseForward' | 'elementwiseBackward',
  name: ElementwiseName,
  count: number,
  addresses: { x: number; y: number; dy: number; dx: number },
): void {
  const work = kernel === 'elementwiseForward' ? WORK_OF_A_VALUE[name] : 1;
  const shards = ranges(count, call.runtime.threads, work * count, 4);
  const common = { activation: ELEMENTWISE[name], ...addresses };
  runJobs(
    call,
    kernel,
    FIELDS,
    shards.map((shard) => [shard, common] as const),
  );
}
