/**
 * The fully recurrent cell: h' = activation(x·W + h·U + b), as Keras' SimpleRNNCell.
 * Source: assembly/recurrent/cells/simple-rnn.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell } from '../cell.js';
import { SIMPLE_RNN_FACTS } from './facts.js';

export const SIMPLE_RNN: Cell = {
  ...SIMPLE_RNN_FACTS,
  inputBias: (bias) => bias,
  composed({ recurrentKernel }, { activation }) {
    return (x, [h]) => [activation(tf.add(x, tf.matMul(h!, recurrentKernel!))) as tf.Tensor2D];
  },
};
