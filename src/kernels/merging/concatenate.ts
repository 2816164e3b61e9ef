/** Tensors one behind the other along an axis, and apart again, where no gradient is recorded. Twin: tf.concat. */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
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
  const values = floatsOf(call, ...parts);
  const whole = call.runtime.memory.floats(output.address, tf.util.sizeFromShape(shape));
  copy(whole, values, shape, axis, (to, from) => to.set(from));
  return output.tensor;
}

function part(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { axis, sizes }: { axis: number; sizes: number[] },
): tf.TensorInfo[] {
  const shapes = sizes.map((size) => [
    ...x!.shape.slice(0, axis),
    size,
    ...x!.shape.slice(axis + 1),
  ]);
  const outputs = shapes.map((shape) => call.output(shape));
  const [whole] = floatsOf(call, x!);
  const parts = outputs.map(({ address, tensor }) =>
    call.runtime.memory.floats(address, tf.util.sizeFromShape(tensor.shape)),
  );
  copy(whole, parts, x!.shape, axis, (from, to) => to.set(from));
  return outputs.map(({ tensor }) => tensor);
}

/** Moves each run of values between the whole and its parts. */
function copy(
  whole: Float32Array,
  parts: readonly Float32Array[],
  shape: readonly number[],
  axis: number,
  move: (whole: Float32Array, part: Float32Array) => void,
): void {
  const runs = tf.util.sizeFromShape(shape.slice(0, axis));
  for (let run = 0, at = 0; run < runs; run++) {
    for (const values of parts) {
      const length = values.length / runs;
      move(whole.subarray(at, at + length), values.subarray(run * length, (run + 1) * length));
      at += length;
    }
  }
}
