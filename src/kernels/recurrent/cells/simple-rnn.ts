/**
 * The fully recurrent cell: h' = activation(x·W + h·U + b), as Keras' SimpleRNNCell.
 * Source: assembly/recurrent/cells/simple-rnn.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell } from '../cell.js';

/** The activations that its kernel knows, by its settings. */
export const SIMPLE_RNN_ACTIVATIONS = ['tanh', 'relu', 'linear'] as const;

export const SIMPLE_RNN: Cell = {
  name: 'simpleRnn',
  number: 3,
  multiple: 8,
  states: 1,
  gates: { inputs: 0, joint: 1, state: 0 },
  vectors: 0,
  blocks: 1,
  keepsGates: false,
  direct: false,
  late: false,
  bounded: false,
  inputBias: (bias) => bias,
  composed({ recurrentKernel }, { activation }) {
    return (x, [h]) => [activation(tf.add(x, tf.matMul(h!, recurrentKernel!))) as tf.Tensor2D];
  },
};
