/**
 * Values weighted by attention and summed up, and the gradient of that. Source:
 * assembly/attention/context.ts; twin: `contextComposed`.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import type { ContextInputs } from './composed.js';
import { forward, run } from './context-jobs.js';

// By two names, since TensorFlow.js saves inputs for the gradient by a list of those that are there.
const PLAIN = 'RecurrentAttentionContext';
const MASKED = 'RecurrentAttentionContextMasked';
const BACKWARD = 'RecurrentAttentionContextGradient';

/** weights · value, with zeros where a query does not count: [batch, queries, columns]. */
export function attentionContext({ weights, value, mask }: ContextInputs): tf.Tensor3D {
  register();
  const inputs = { weights: asFloats(weights), value: asFloats(value), ...(mask && { mask }) };
  return runKernel<tf.Tensor3D>(mask ? MASKED : PLAIN, inputs);
}

/** What comes back from `dContext`, the gradient of what {@link attentionContext} returned. */
export function attentionContextGradients(
  { weights, value, mask }: ContextInputs,
  dContext: tf.Tensor,
): { weights: tf.Tensor; value: tf.Tensor } {
  register();
  const inputs = { weights, value: asFloats(value), dContext, ...(mask && { mask }) };
  const [dWeights, dValue] = runKernel<tf.Tensor[]>(BACKWARD, inputs);
  return { weights: dWeights!, value: dValue! };
}

const register = registerKernels({
  kernels: { [PLAIN]: forward, [MASKED]: forward, [BACKWARD]: backward },
  gradients: [
    { kernelName: PLAIN, inputsToSave: ['weights', 'value'], gradFunc: gradient },
    { kernelName: MASKED, inputsToSave: ['weights', 'value', 'mask'], gradFunc: gradient },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('attentionContext', "build the layer with kernel: 'composed'"),
    },
  ],
});

function gradient(
  dy: tf.Tensor | tf.Tensor[],
  [weights, value, mask]: tf.Tensor[],
): Record<string, () => tf.Tensor> {
  const inputs = { weights, value, mask } as ContextInputs;
  const d = attentionContextGradients(inputs, dy as tf.Tensor);
  return {
    weights: () => d.weights,
    value: () => d.value,
    ...(mask && { mask: () => tf.zeros(mask.shape) }),
  };
}

type Inputs = Record<string, tf.TensorInfo>;

function backward(call: KernelCall, { dContext, ...inputs }: Inputs): tf.TensorInfo[] {
  const dWeights = call.output(inputs.weights!.shape);
  const dValue = call.output(inputs.value!.shape);
  const out = { dWeights: dWeights.address, dValue: dValue.address };
  run(call, 'attentionContextBackward', inputs, call.input(dContext), out);
  return [dWeights.tensor, dValue.tensor];
}
