/**
 * One row for all steps of a sample: repeated, summed up over the steps, and multiplied with each of
 * them, where no gradient is recorded. Twins: tf.tile, tf.sum and tf.mul, which broadcasts value by
 * value.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const REPEAT = 'RecurrentRepeatSteps';
const SUM = 'RecurrentSumSteps';
const SCALE = 'RecurrentScaleSteps';

/** [batch, columns] → [batch, time, columns] */
export function repeatSteps(x: tf.Tensor, time: number): tf.Tensor {
  register();
  return runKernel(REPEAT, { x: asFloats(x) }, { time });
}

/** [batch, time, columns] → [batch, columns] */
export function sumSteps(x: tf.Tensor): tf.Tensor {
  register();
  return runKernel(SUM, { x: asFloats(x) });
}

/** x [batch, time, columns] times factors [batch, columns]. */
export function scaleSteps(x: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  register();
  return runKernel(SCALE, { x: asFloats(x), factors: asFloats(factors) });
}

const register = registerKernels({
  kernels: { [REPEAT]: repeat, [SUM]: sum, [SCALE]: scale },
  gradients: [],
});

type Inputs = Record<string, tf.TensorInfo>;

function repeat(call: KernelCall, { x }: Inputs, { time }: { time: number }): tf.TensorInfo {
  const [batch, columns] = x!.shape as [number, number];
  const output = call.output([batch, time, columns]);
  const [rows] = floatsOf(call, x!);
  const out = call.runtime.memory.floats(output.address, batch * time * columns);
  for (let sample = 0, at = 0; sample < batch; sample++) {
    const row = rows.subarray(sample * columns, (sample + 1) * columns);
    for (let step = 0; step < time; step++, at += columns) out.set(row, at);
  }
  return output.tensor;
}

function sum(call: KernelCall, { x }: Inputs): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const output = call.output([batch, columns]);
  const [values] = floatsOf(call, x!);
  const out = call.runtime.memory.floats(output.address, batch * columns);
  const sums = new Float64Array(columns);
  for (let sample = 0, i = 0; sample < batch; sample++) {
    sums.fill(0);
    for (let step = 0; step < time; step++) {
      for (let column = 0; column < columns; column++, i++)
        sums[column] = sums[column]! + values[i]!;
    }
    out.set(sums, sample * columns);
  }
  return output.tensor;
}

function scale(call: KernelCall, { x, factors }: Inputs): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const output = call.output(x!.shape);
  const [values, rows] = floatsOf(call, x!, factors!);
  const out = call.runtime.memory.floats(output.address, tf.util.sizeFromShape(x!.shape));
  for (let sample = 0, i = 0; sample < batch; sample++) {
    for (let step = 0; step < time; step++) {
      for (let column = 0, at = sample * columns; column < columns; column++, i++, at++)
        out[i] = values[i]! * rows[at]!;
    }
  }
  return output.tensor;
}
