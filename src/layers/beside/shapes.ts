/** Layers that change no value: Flatten, Reshape, RepeatVector and the activations. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { activationKernel } from '../../kernels/activations/activation.js';
import { repeatSteps, sumSteps } from '../../kernels/merging/steps.js';
import { type Given, singleCall, type TrainingCall } from '../training-call.js';
import { type LayerKernel, onlyInput } from './layer-kernel.js';

/** The same values in another shape. */
function reshaped(x: tf.Tensor, shape: number[]): TrainingCall {
  return singleCall(tf.reshape(x, shape), (dy) => ({ input: tf.reshape(dy, x.shape) }));
}

export const FLATTEN: LayerKernel = {
  make: (name) => tfl.layers.flatten({ name }),
  call({ dataFormat }: { dataFormat?: string }, given: Given) {
    const x = onlyInput(given);
    if (!x || x.rank < 2 || dataFormat === 'channelsFirst') return null;
    return reshaped(x, [x.shape[0]!, x.size / x.shape[0]!]);
  },
};

export const RESHAPE: LayerKernel = {
  make: (name) => tfl.layers.reshape({ name, targetShape: [1] }),
  call(layer: { computeOutputShape(shape: tfl.Shape): tfl.Shape }, given: Given) {
    const x = onlyInput(given);
    return x ? reshaped(x, layer.computeOutputShape(x.shape) as number[]) : null;
  },
};

export const REPEAT_VECTOR: LayerKernel = {
  make: (name) => tfl.layers.repeatVector({ name, n: 1 }),
  call({ n }: { n: number }, given: Given) {
    const x = onlyInput(given, 2);
    return x ? singleCall(repeatSteps(x, n), (dy) => ({ input: sumSteps(dy) })) : null;
  },
};

export const ACTIVATION: LayerKernel = {
  make: (name) => tfl.layers.activation({ name, activation: 'linear' }),
  call({ activation }: { activation: { getClassName(): string } }, given: Given) {
    const x = onlyInput(given);
    const kernel = activationKernel(activation.getClassName());
    if (!x || !kernel || x.rank === 0) return null;
    const y = kernel.apply(x);
    return singleCall(y, (dy) => ({ input: kernel.gradient(dy, y) }));
  },
};
