/**
 * minGRU: h' = (1 - z)·h + z·n, whose gates see the inputs alone (Feng et al. 2024, arXiv:2410.01201).
 * Blocks of the kernel: z, n. Source: assembly/recurrent/cells/min-gru.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell } from '../cell.js';
import { MIN_GRU_FACTS } from './facts.js';

export const MIN_GRU: Cell = {
  ...MIN_GRU_FACTS,
  inputBias: (bias) => bias,
  composed() {
    return (x, [h]) => {
      const [sum, candidate] = tf.split(x, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const z = tf.sigmoid(sum);
      return [tf.add(tf.mul(tf.sub(1, z), h!), tf.mul(z, candidate))];
    };
  },
};
