/** How the kernels of a softmax are set to work. Source: assembly/activations/softmax.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, sizeOf, type Workplace } from '../bridge/call.js';
import { JobFields, ranges, runJobs, writeJob } from '../bridge/jobs.js';

// The fields of SoftmaxJob in assembly/activations/softmax.ts, in its order.
const FIELDS = new JobFields(['first', 'count', 'width', 'x', 'y', 'dx']);

/** The job of a softmax over rows where they are, for the kernel softmaxForward. */
export function softmaxJob(place: Workplace, rows: number, width: number, x: number): number {
  return writeJob(place, FIELDS, [{ first: 0, count: rows, width, x, y: x, dx: 0 }]);
}

/** e^x over its sum along the last axis. */
export function forward(call: Call, { x }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const y = call.output(x!.shape);
  run(call, 'softmaxForward', x!.shape, { x: call.input(x), y: y.address, dx: 0 });
  return y.tensor;
}

// A value costs as much as some of those that `ranges` counts.
const WORK_OF_A_VALUE = 8;

/** Runs a kernel over all rows. */
export function run(
  call: Call,
  kernel: 'softmaxForward' | 'softmaxBackward',
  shape: number[],
  addresses: { x: number; y: number; dx: number },
): void {
  const width = shape.at(-1)!;
  const rows = sizeOf(shape.slice(0, -1));
  if (rows * width === 0) return;
  const shards = ranges(rows, call.runtime.threads, WORK_OF_A_VALUE * rows * width, 1);
  const common = { width, ...addresses };
  runJobs(
    call,
    kernel,
    FIELDS,
    shards.map((shard) => [shard, common] as const),
  );
}
