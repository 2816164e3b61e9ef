/**
 * Tensors one behind the other along an axis, and apart again, where no gradient is recorded. Source:
 * assembly/merging/concatenate.ts; twin: tf.concat.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { Workplace } from '../bridge/call.js';
import { JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const JOIN = 'RecurrentConcatenate';
const PART = 'RecurrentSplit';

/**
 * Joins tensors along an axis.
 *
 * @param axis From 0; the other axes are of the same length in all.
 */
export function concatenate(tensors: readonly tf.Tensor[], axis: number): tf.Tensor {
  register();
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [i, asFloats(tensor)]));
  return runKernel(JOIN, inputs, { axis });
}

/** The opposite of {@link concatenate}; `sizes`: how long each part is along the axis. */
export function split(x: tf.Tensor, sizes: readonly number[], axis: number): tf.Tensor[] {
  register();
  return runKernel(PART, { x: asFloats(x) }, { axis, sizes });
}

const register = registerKernels({ kernels: { [JOIN]: join, [PART]: part }, gradients: [] });

function join(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { axis }: { axis: number },
): tf.TensorInfo {
  const parts = Object.values(inputs);
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((length, part) => length + part.shape[axis]!, 0);
  const output = call.output(shape);
  const stride = runOf(shape, axis);
  const widths = parts.map((part) => runOf(part.shape, axis));
  const columns = firstOf(widths);
  const copies = parts.map((part, i) => ({
    width: widths[i]!,
    from: call.input(part),
    fromStride: widths[i]!,
    to: output.address + 4 * columns[i]!,
    toStride: stride,
  }));
  copyParts(call, rowsOf(shape, axis), copies);
  return output.tensor;
}

function part(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { axis, sizes }: { axis: number; sizes: number[] },
): tf.TensorInfo[] {
  const { shape } = x!;
  const outputs = sizes.map((size) =>
    call.output([...shape.slice(0, axis), size, ...shape.slice(axis + 1)]),
  );
  const from = call.input(x);
  const fromStride = runOf(shape, axis);
  const widths = outputs.map(({ tensor }) => runOf(tensor.shape, axis));
  const columns = firstOf(widths);
  const copies = outputs.map(({ address }, i) => ({
    width: widths[i]!,
    from: from + 4 * columns[i]!,
    fromStride,
    to: address,
    toStride: widths[i]!,
  }));
  copyParts(call, rowsOf(shape, axis), copies);
  return outputs.map(({ tensor }) => tensor);
}

// The fields of CopyJob in assembly/merging/concatenate.ts, in its order.
const FIELDS = new JobFields(['first', 'count', 'width', 'from', 'fromStride', 'to', 'toStride']);

/** A part of each row, from one place to another; addresses, and strides in floats. */
export type PartCopy = Record<'width' | 'from' | 'fromStride' | 'to' | 'toStride', number>;

/** Copies parts of so many rows. */
export function copyParts(place: Workplace, rows: number, copies: readonly PartCopy[]): void {
  const size = copies.reduce((sum, { width }) => sum + rows * width, 0);
  const shards = ranges(rows, place.runtime.threads, size, 1);
  const jobs = copies.flatMap((copy) => shards.map((shard) => [shard, copy] as const));
  if (shards.length > 1) runJobs(place, 'copyParts', FIELDS, jobs);
  else for (const job of jobs) runJobs(place, 'copyParts', FIELDS, [job]);
}

/** How many runs of values along an axis and those behind it there are, and how long one is. */
const rowsOf = (shape: number[], axis: number) => tf.util.sizeFromShape(shape.slice(0, axis));
const runOf = (shape: number[], axis: number) => tf.util.sizeFromShape(shape.slice(axis));

/** Where each part of a row begins. */
function firstOf(widths: readonly number[]): number[] {
  let sum = 0;
  return widths.map((width) => {
    const first = sum;
    sum += width;
    return first;
  });
}
