/** Models of a few layers as Keras writes them, with random weights. */
import { seededRandom } from '../../../src/foundation/random.js';
import type { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { type H5Group, writeHdf5 } from '../../../src/keras/writing/write-hdf5.js';

/** Random weights of these shapes in the layout before Keras 3, by layer. */
export async function legacyWeights(shapes: Record<string, number[][]>) {
  const random = seededRandom(3);
  const values = new Map<string, Float32Array[]>();
  const groups: Record<string, H5Group> = {};
  for (const [name, list] of Object.entries(shapes)) {
    const arrays = list.map((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return Float32Array.from({ length: size }, () => random() - 0.5);
    });
    values.set(name, arrays);
    groups[name] = {
      attributes: { weight_names: list.map((_, i) => `weight_${i}:0`) },
      datasets: Object.fromEntries(
        list.map((shape, i) => [`weight_${i}:0`, { shape, values: arrays[i]! }]),
      ),
    };
  }
  const attributes = { layer_names: Object.keys(shapes), keras_version: '2.4.0' };
  return { file: await writeHdf5({ attributes, groups }), values };
}

export const predict = (model: tfl.LayersModel, ...inputs: tf.Tensor[]) =>
  [model.predict(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor].flat();

export const LSTM = {
  units: 2,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  use_bias: true,
};
export const DENSE = { units: 2, activation: 'linear', use_bias: true };

/** A Sequential model of one layer over [batch, 4, 3]. */
export const alone = (class_name: string, config: object, version: string, shape = [null, 4, 3]) =>
  JSON.stringify({
    class_name: 'Sequential',
    keras_version: version,
    config: {
      name: 'm',
      layers: [{ class_name, config: { name: 'one', batch_input_shape: shape, ...config } }],
    },
  });
