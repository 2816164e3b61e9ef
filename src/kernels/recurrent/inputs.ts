/** What a recurrent layer computes with and returns, whichever kernel computes it. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Dropping } from '../dropout/dropout-jobs.js';

/** What it computes with. The weights are Keras', blocks of columns in the order of its cell. */
export interface RecurrentInputs {
  /** [batch, time, inputs] */
  x: tf.Tensor3D;
  /** [inputs, blocks·units] */
  kernel: tf.Tensor2D;
  /** [units, blocks·units], where the cell has one */
  recurrentKernel?: tf.Tensor2D | undefined;
  /** [blocks·units], or [2, blocks·units] where the state has one of its own */
  bias?: tf.Tensor | undefined;
  /** [vectors, units], weights of the cell's own that are multiplied with single units */
  vectors?: tf.Tensor2D | undefined;
  /** [batch, units], zeros by default */
  initialH?: tf.Tensor2D | undefined;
  /** [batch, units], zeros by default, where the cell has a second state */
  initialC?: tf.Tensor2D | undefined;
  /** bool [batch, time]; a step that is false keeps the state */
  mask?: tf.Tensor2D | undefined;
}

/** How it runs over the sequence. */
export interface SequenceSettings {
  goBackwards: boolean;
  returnSequences: boolean;
}

/** How the fused kernel computes. */
export interface RecurrentSettings extends SequenceSettings {
  /** Of the cell's own: which activations. */
  setting: number;
  /** What is dropped of the inputs, the same at every step. */
  dropout?: Dropping | null;
  /** What is dropped of h before every step. */
  recurrentDropout?: Dropping | null;
}

/** What it returns. */
export interface RecurrentOutputs {
  /** h of every step [batch, time, units], with `returnSequences` */
  sequence: tf.Tensor3D | null;
  /** h after the last step [batch, units] */
  h: tf.Tensor2D;
  /** c after the last step [batch, units], where the cell has a second state */
  c?: tf.Tensor2D | undefined;
}
