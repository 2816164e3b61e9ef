/**
 * One step of Adam for one variable as a kernel of TensorFlow.js. Source:
 * assembly/adam.ts; twin: tf.train.adam, from which it does not differ by a bit.
 */
import { tf } from '../foundation/tensorflow.js';
import { registerKernels } from './register.js';
import type { KernelCall } from './tensors.js';

const KERNEL = 'RecurrentAdam';

/** What a step of Adam works on; all of one shape. */
export interface AdamInputs {
  weights: tf.Tensor;
  gradient: tf.Tensor;
  moment1: tf.Tensor;
  moment2: tf.Tensor;
}

/** The settings of a step. */
export interface AdamSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** beta1 to the power of the number of the step, from 1 */
  accumulatedBeta1: number;
  /** beta2 to the power of the number of the step, from 1 */
  accumulatedBeta2: number;
}

/** Returns the new weights and the new moments. */
export function adam(
  inputs: AdamInputs,
  settings: AdamSettings,
): [weights: tf.Tensor, moment1: tf.Tensor, moment2: tf.Tensor] {
  register();
  return tf.engine().runKernel(KERNEL, { ...inputs }, { ...settings });
}

const register = registerKernels({ kernels: { [KERNEL]: step }, gradients: [] });

function step(
  call: KernelCall,
  inputs: Record<keyof AdamInputs, tf.TensorInfo>,
  settings: AdamSettings,
): tf.TensorInfo[] {
  const { shape } = inputs.weights;
  const count = tf.util.sizeFromShape(shape);
  const weights = call.output(shape);
  const moment1 = call.output(shape);
  const moment2 = call.output(shape);
  const { beta1, beta2, epsilon, learningRate } = settings;
  call.runtime.exports.adam(
    count,
    call.input(inputs.weights),
    call.input(inputs.gradient),
    call.input(inputs.moment1),
    call.input(inputs.moment2),
    weights.address,
    moment1.address,
    moment2.address,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    Math.fround(1 - settings.accumulatedBeta1),
    Math.fround(1 - settings.accumulatedBeta2),
    -learningRate,
    epsilon,
  );
  return [weights.tensor, moment1.tensor, moment2.tensor];
}
