/**
 * Inputs of a batch in the shape that a model declares. TensorFlow.js compares them in `fit`, but not in
 * `fitDataset` and `evaluateDataset`, whose batches reach the layers as they are.
 */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';

/**
 * The inputs, with the last axis of one value that Keras adds or takes away: windows of plain numbers
 * are what an LSTM on one column reads.
 *
 * Source: `_adjust_input_rank` in keras/src/models/functional.py, Keras 3.15.
 *
 * @param where What the user called.
 * @param model Itself, not the Sequential around it.
 * @param inputs One tensor an input of the model.
 * @throws RecurrentError for an input of another shape, axes that the model leaves open aside.
 */
export function inputsOf(
  where: string,
  model: tfl.LayersModel,
  inputs: readonly tf.Tensor[],
): tf.Tensor[] {
  return inputs.map((input, i) => {
    const declared = model.inputs[i]!.shape;
    const fitting = withLastAxis(input, declared);
    const { shape } = fitting;
    const fits =
      shape.length === declared.length &&
      // The first axis is that of the samples.
      declared.every((size, axis) => axis === 0 || size == null || size === shape[axis]);
    if (fits) return fitting;
    return reject({
      where,
      expected:
        `the input ${model.inputNames[i]} must have the shape ` +
        `[${declared.map((size, axis) => (axis === 0 ? 'samples' : (size ?? 'any'))).join(', ')}]`,
      received: input.shape,
      remedy: 'Give the first layer the inputShape of the data, or the data that shape.',
      see: 'wrong-shape',
    });
  });
}

function withLastAxis(input: tf.Tensor, declared: tfl.Shape): tf.Tensor {
  const { rank, shape } = input;
  if (rank === declared.length - 1 && declared.at(-1) === 1) return tf.expandDims(input, -1);
  if (rank === declared.length + 1 && shape.at(-1) === 1) return tf.squeeze(input, [-1]);
  return input;
}
