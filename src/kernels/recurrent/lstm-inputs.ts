/** What an LSTM computes with and returns, whichever kernel computes it. */
import type { tf } from '../../foundation/tensorflow.js';

/** What an LSTM computes with. Gates in Keras' order: input, forget, candidate, output. */
export interface LstmInputs {
  /** [batch, time, inputs] */
  x: tf.Tensor3D;
  /** [inputs, 4·units] */
  kernel: tf.Tensor2D;
  /** [units, 4·units] */
  recurrentKernel: tf.Tensor2D;
  /** [4·units] */
  bias?: tf.Tensor1D | undefined;
  /** [batch, units], zeros by default */
  initialH?: tf.Tensor2D | undefined;
  /** [batch, units], zeros by default */
  initialC?: tf.Tensor2D | undefined;
  /** bool [batch, time]; a step that is false keeps the state */
  mask?: tf.Tensor2D | undefined;
}

/** How it computes. */
export interface LstmSettings {
  goBackwards: boolean;
  hardSigmoid: boolean;
  returnSequences: boolean;
}

/** What it returns. */
export interface LstmOutputs {
  /** h of every step [batch, time, units], with `returnSequences` */
  sequence: tf.Tensor3D | null;
  /** h after the last step [batch, units] */
  h: tf.Tensor2D;
  /** c after the last step [batch, units] */
  c: tf.Tensor2D;
}
