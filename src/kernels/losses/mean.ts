/**
 * The mean of all values, or of those that count, and what it passes back, as one kernel each: on the
 * cpu backend of TensorFlow.js they are five operations and more. Twins: tf.mean, and `meanOf` and
 * `meanGradient` in src/layers/model/total-loss.ts, from which they do not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentMean';
const GRADIENT = 'RecurrentMeanGradient';

/** The mean of all values, a scalar, where no gradient is recorded. */
export function mean(x: tf.Tensor): tf.Scalar {
  // The wasm backend has its own, which rounds otherwise.
  if (tf.getBackend() !== 'cpu') return tf.mean(x);
  register();
  return runKernel(KERNEL, { x: asFloats(x) });
}

/** Whether {@link maskedMean} and its gradient take a mask for values of a shape. */
export function hasMaskedMean(shape: readonly number[], mask: tf.Tensor): boolean {
  // A layer of somebody's own may make masks of numbers, which are read otherwise.
  const isOfTruths = mask.dtype === 'bool';
  return (
    isOfTruths && tf.getBackend() === 'cpu' && tf.util.arraysEqual(shape as number[], mask.shape)
  );
}

/** The mean of the values for which a mask of their shape is true; 0 for none. */
export function maskedMean(x: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  register();
  return runKernel(KERNEL, { x: asFloats(x), mask });
}

/** What comes back to the values of {@link maskedMean} from `dMean`, what comes back to it. */
export function maskedMeanGradient(mask: tf.Tensor, dMean: number): tf.Tensor {
  register();
  return runKernel(GRADIENT, { mask }, { dMean });
}

const register = registerKernels({
  kernels: { [KERNEL]: compute, [GRADIENT]: gradient },
  gradients: [],
});

const { fround } = Math;

function compute(call: KernelCall, inputs: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const { mask } = inputs;
  const address = call.input(mask);
  // Behind all that memory could grow for.
  const [values] = floatsOf(call, inputs.x!);
  const counts = mask && countsAt(call, address, mask);
  // The loop of TensorFlow.js reads it while threads are still at work on the kernels' memory.
  const result = counts ? meanOfCounted(values, counts) : meanOf(values, null);
  return call.outputOf(Float32Array.of(result), []);
}

function gradient(
  call: KernelCall,
  { mask }: Record<string, tf.TensorInfo>,
  { dMean }: { dMean: number },
): tf.TensorInfo {
  const out = call.output(mask!.shape);
  const counts = countsAt(call, call.input(mask), mask!);
  const share = meanOf(counts, null);
  const each = fround(dMean / counts.length);
  const values = call.runtime.memory.floats(out.address, counts.length);
  for (let i = 0; i < values.length; i++) values[i] = share === 0 ? 0 : (each * counts[i]!) / share;
  return out.tensor;
}

/** 1 for what counts, else 0. */
function countsAt(call: KernelCall, address: number, { shape }: tf.TensorInfo): Uint8Array {
  return call.runtime.memory.bytes(address, tf.util.sizeFromShape(shape));
}

function meanOfCounted(values: Float32Array, counts: Uint8Array): number {
  const share = meanOf(counts, null);
  return share === 0 ? 0 : meanOf(values, counts) / share;
}

/** The mean of all values, each times its factor, rounded as TensorFlow.js rounds. */
function meanOf(values: ArrayLike<number>, factors: ArrayLike<number> | null): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = factors ? values[i]! * factors[i]! : values[i]!;
    sum += fround(value / values.length);
  }
  return fround(sum);
}
