/**
 * GRU: h' = u·h + (1 - u)·n, as Keras' GRUCell, in both of its forms. Gates in Keras' order: update,
 * reset, candidate. Sources: assembly/recurrent/cells/gru.ts and gru-reset-after.ts.
 */
import { tf } from '../../../foundation/tensorflow.js';
import type { Cell, ComposedStep } from '../cell.js';
import { GRU_FACTS, GRU_RESET_AFTER_FACTS } from './facts.js';

/** The reset gate acts on the state before its product. */
export const GRU: Cell = {
  ...GRU_FACTS,
  inputBias: (bias) => bias,
  composed({ recurrentKernel, units }, { activation, recurrentActivation }) {
    const ofGates = columns(recurrentKernel!, units, 0, 2);
    const ofCandidate = columns(recurrentKernel!, units, 2);
    return stepOf(units, recurrentActivation, (x, h) => ({
      forGates: tf.matMul(h, ofGates),
      candidate: (reset) =>
        activation(tf.add(columns(x, units, 2), tf.matMul(tf.mul(reset, h), ofCandidate))),
    }));
  },
};

/** The reset gate acts on the product, which has a bias of its own: Keras' default, and cuDNN's form. */
export const GRU_RESET_AFTER: Cell = {
  ...GRU_RESET_AFTER_FACTS,
  inputBias: (bias) => biasOf(bias, 0),
  composed({ recurrentKernel, bias, units }, { activation, recurrentActivation }) {
    const stateBias = bias && biasOf(bias, 1);
    return stepOf(units, recurrentActivation, (x, h) => {
      const product = tf.matMul(h, recurrentKernel!);
      const ofState = stateBias ? tf.add(product, stateBias) : product;
      return {
        forGates: columns(ofState, units, 0, 2),
        candidate: (reset) =>
          activation(tf.add(columns(x, units, 2), tf.mul(reset, columns(ofState, units, 2)))),
      };
    });
  },
};

/** What the state adds to the sums of the gates, and the candidate, given the reset gate. */
type OfState = (
  x: tf.Tensor2D,
  h: tf.Tensor2D,
) => { forGates: tf.Tensor; candidate: (reset: tf.Tensor2D) => tf.Tensor };

function stepOf(units: number, gate: (z: tf.Tensor) => tf.Tensor, ofState: OfState): ComposedStep {
  return (x, [h]) => {
    const { forGates, candidate } = ofState(x, h!);
    const gates = gate(tf.add(columns(x, units, 0, 2), forGates));
    const [update, reset] = [columns(gates, units, 0), columns(gates, units, 1)];
    const next = tf.mul(tf.sub(1, update), candidate(reset));
    return [tf.add(tf.mul(update, h!), next)];
  };
}

/** Blocks of columns from the one numbered `first` on. */
function columns(z: tf.Tensor, units: number, first: number, count = 1): tf.Tensor2D {
  return tf.slice(z as tf.Tensor2D, [0, first * units], [-1, count * units]);
}

/** A row of the bias [2, 3·units]. */
function biasOf(bias: tf.Tensor, row: number): tf.Tensor1D {
  const width = bias.shape[1]!;
  return tf.reshape(tf.slice(bias, [row, 0], [1, width]), [width]);
}
