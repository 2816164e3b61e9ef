/** A layer at each step: all steps of all samples at once, where each is computed by itself. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import type { Given, TrainingCall } from '../training-call.js';
import { type LayerKernel, onlyInput } from './layer-kernel.js';

type Layer = tfl.layers.Layer;

// What treats every sample by itself, has no mask and draws no random numbers.
const BY_ITSELF = new Set([
  ...['Activation', 'AveragePooling1D', 'Conv1D', 'Dense', 'Flatten', 'GlobalAveragePooling1D'],
  ...['GlobalMaxPooling1D', 'LayerNormalization', 'MaxPooling1D', 'RepeatVector', 'Reshape'],
]);

/** @param callOf The call of the layer inside, one that keeps nothing for its gradient. */
export const timeDistributed = (
  callOf: (layer: Layer, given: Given, training: boolean) => TrainingCall | null,
): LayerKernel => ({
  make: (name) => tfl.layers.timeDistributed({ name, layer: tfl.layers.flatten({ name }) }),
  call({ layer: inner }: { layer: Layer }, given: Given, training: boolean) {
    const x = onlyInput(given);
    if (!x || x.rank < 3 || !BY_ITSELF.has(inner.getClassName())) return null;
    const [batch, time, ...step] = x.shape as [number, number, ...number[]];
    const each = tf.reshape(x, [batch * time, ...step]);
    const call = callOf(inner, { values: [each], mask: null }, training);
    if (!call) return null;
    const [y] = call.outputs as [tf.Tensor];
    return {
      outputs: [tf.reshape(y, [batch, time, ...y.shape.slice(1)])],
      gradient([dy]) {
        const { inputs, weights } = call.gradient([tf.reshape(dy!, y.shape)]);
        return { inputs: [inputs[0] ? tf.reshape(inputs[0], x.shape) : null], weights };
      },
    };
  },
});
