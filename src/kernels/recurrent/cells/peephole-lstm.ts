/**
 * LSTM whose gates see the cell: i and f that before the step, o that behind it (Gers & Schmidhuber
 * 2000), as TensorFlow's PeepholeLSTMCell. Blocks of the kernels: input, forget, candidate, output;
 * vectors: the peepholes of input, forget and output. Source: assembly/recurrent/cells/peephole-lstm.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell } from '../cell.js';
import { PEEPHOLE_LSTM_FACTS } from './facts.js';

export const PEEPHOLE_LSTM: Cell = {
  ...PEEPHOLE_LSTM_FACTS,
  inputBias: (bias) => bias,
  composed({ recurrentKernel, vectors }, { activation, recurrentActivation }) {
    const [ofInput, ofForget, ofOutput] = [0, 1, 2].map((row) => tf.slice(vectors!, row, 1));
    return (x, [h, c]) => {
      const z = tf.add(x, tf.matMul(h!, recurrentKernel!));
      const [i, f, g, o] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const gate = (sum: tf.Tensor, peephole: tf.Tensor, cell: tf.Tensor) =>
        recurrentActivation(tf.add(sum, tf.mul(peephole, cell)));
      const kept = tf.mul(gate(f, ofForget!, c!), c!);
      const cNext = tf.add(kept, tf.mul(gate(i, ofInput!, c!), activation(g)));
      const hNext = tf.mul(gate(o, ofOutput!, cNext), activation(cNext));
      return [hNext, cNext] as tf.Tensor2D[];
    };
  },
};
