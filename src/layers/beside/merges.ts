/** Layers that make one tensor of several: sums, products and one behind the other. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { concatenate, split } from '../../kernels/merging/concatenate.js';
import { add, multiply, scale, subtract } from '../../kernels/merging/elementwise.js';
import type { Given, TrainingCall } from '../training-call.js';
import type { LayerKernel } from './layer-kernel.js';

/** Whether all inputs have one shape, so that nothing is broadcast. */
function areAlike({ values: [first, ...others] }: Given): boolean {
  return others.every(({ shape }) => tf.util.arraysEqual(shape, first!.shape));
}

const merge = (
  make: LayerKernel['make'],
  call: (values: tf.Tensor[]) => TrainingCall,
  heedsMasks = false,
): LayerKernel => ({
  make,
  call: (_, given: Given) =>
    areAlike(given) && !(heedsMasks && given.mask) ? call(given.values) : null,
});

export const ADD = merge(
  (name) => tfl.layers.add({ name }) as tfl.layers.Layer,
  (values) => ({
    outputs: [values.reduce(add)],
    gradient: ([dy]) => ({ inputs: values.map(() => dy!), weights: {} }),
  }),
);

export const AVERAGE = merge(
  (name) => tfl.layers.average({ name }) as tfl.layers.Layer,
  (values) => ({
    outputs: [scale(values.reduce(add), 1 / values.length)],
    gradient([dy]) {
      const share = scale(dy!, 1 / values.length);
      return { inputs: values.map(() => share), weights: {} };
    },
  }),
);

// Keras 3 leaves masked values out of products.
export const MULTIPLY = merge(
  (name) => tfl.layers.multiply({ name }) as tfl.layers.Layer,
  (values) => ({
    outputs: [values.reduce(multiply)],
    gradient: ([dy]) => ({
      inputs: values.map((_, i) => values.filter((__, n) => n !== i).reduce(multiply, dy!)),
      weights: {},
    }),
  }),
  true,
);

/** `Subtract`, which tf.layers lacks; its class is ours. */
export const subtractKernel = (make: () => tfl.layers.Layer): LayerKernel =>
  merge(make, ([a, b]) => ({
    outputs: [subtract(a!, b!)],
    gradient: ([dy]) => ({ inputs: [dy!, scale(dy!, -1)], weights: {} }),
  }));

export const CONCATENATE: LayerKernel = {
  make: (name) => tfl.layers.concatenate({ name }) as tfl.layers.Layer,
  call({ axis: asked }: { axis: number }, { values }: Given) {
    const [first] = values as [tf.Tensor];
    const axis = asked < 0 ? first.rank + asked : asked;
    const others = ({ shape }: tf.Tensor) => shape.filter((_, i) => i !== axis);
    const fits = values.every((x) => tf.util.arraysEqual(others(x), others(first)));
    if (!fits || values.length < 2) return null;
    const sizes = values.map(({ shape }) => shape[axis]!);
    return {
      outputs: [concatenate(values, axis)],
      gradient: ([dy]) => ({ inputs: split(dy!, sizes, axis), weights: {} }),
    };
  },
};
