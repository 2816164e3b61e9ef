/**
 * LSTM: c' = f·c + i·g, h' = o·activation(c'), as Keras' LSTMCell. Gates in Keras' order: input,
 * forget, candidate, output. Source: assembly/recurrent/cells/lstm.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell } from '../cell.js';
import { LSTM_FACTS } from './facts.js';

export const LSTM: Cell = {
  ...LSTM_FACTS,
  inputBias: (bias) => bias,
  composed({ recurrentKernel }, { activation, recurrentActivation }) {
    return (x, [h, c]) => {
      const z = tf.add(x, tf.matMul(h!, recurrentKernel!));
      const [i, f, g, o] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const cNext = tf.add(
        tf.mul(recurrentActivation(f), c!),
        tf.mul(recurrentActivation(i), activation(g)),
      );
      const hNext = tf.mul(recurrentActivation(o), activation(cNext));
      return [hNext, cNext] as tf.Tensor2D[];
    };
  },
};
