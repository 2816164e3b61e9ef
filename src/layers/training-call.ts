/** What a layer needs for a step that is trained without the tape of TensorFlow.js. */
import type { tf } from '../foundation/tensorflow.js';

/** A call of a layer, and its gradient, which is asked for once. */
export interface TrainingCall {
  output: tf.Tensor;
  /** The gradients of the input, null where none flows to it, and of the weights by their names. */
  gradient(dOutput: tf.Tensor): { input: tf.Tensor | null; weights: Record<string, tf.Tensor> };
  /** Gives back what the gradient would have needed, where nobody will ask for it. */
  release?(): void;
}

/** A layer that can be called so. */
export interface TrainsByCall {
  /** Whether it can be, as it is set now; decided before any layer takes a seed for its dropout. */
  hasTrainingCall(): boolean;
  /** The call while training: as `call`, to the bit. */
  trainingCall(x: tf.Tensor): TrainingCall;
}
