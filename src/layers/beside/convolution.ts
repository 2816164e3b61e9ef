/** Convolution over time. */
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { activationKernel } from '../../kernels/activations/activation.js';
import { conv1d, conv1dGradients } from '../../kernels/convolution/conv1d.js';
import { type Conv1dSettings, stepsOf } from '../../kernels/convolution/conv1d-forward.js';
import { type Given, singleCall } from '../training-call.js';
import { type LayerKernel, onlyInput, type Weight } from './layer-kernel.js';

interface Convolution {
  kernel: Weight;
  bias: Weight | null;
  activation: { getClassName(): string } | null;
  dataFormat: string;
  kernelSize: number[];
  strides: number[];
  dilationRate: number[];
  padding: Conv1dSettings['padding'];
}

export const CONV1D: LayerKernel = {
  make: (name) => tfl.layers.conv1d({ name, filters: 1, kernelSize: 1 }),
  call(layer: Convolution, given: Given) {
    const x = onlyInput(given, 3) as tf.Tensor3D | undefined;
    const activation = activationKernel(layer.activation?.getClassName() ?? 'linear');
    if (!x || !activation || layer.dataFormat === 'channelsFirst') return null;
    const { strides, dilationRate, padding, kernelSize } = layer;
    const settings = { strides: strides[0]!, dilation: dilationRate[0]!, padding };
    if (stepsOf(x.shape[1], kernelSize[0]!, settings).steps < 1) return null;
    const kernel = layer.kernel.read() as tf.Variable<tf.Rank.R3>;
    const bias = layer.bias?.read() as tf.Variable<tf.Rank.R1> | undefined;
    const inputs = { x, kernel, ...(bias && { bias }) };
    const y = activation.apply(conv1d(inputs, settings));
    return singleCall(y, (dy) => {
      const d = conv1dGradients(inputs, settings, activation.gradient(dy, y));
      const weights = { [kernel.name]: d.kernel, ...(bias && { [bias.name]: d.bias! }) };
      return { input: d.x, weights };
    });
  },
};
