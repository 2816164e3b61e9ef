/** What a layer needs for a step that is trained without the tape of TensorFlow.js. */
import type { tf } from '../foundation/tensorflow.js';
import type { OwnArguments } from './call-arguments.js';
import type { Mask } from './model/masks.js';

/** What a layer is called with. */
export interface Given {
  values: tf.Tensor[];
  /** As `call` is told: one mask for one input, else a list; null where there is none. */
  mask: Mask | Mask[];
  /** What else the call was made with, of arguments that the layer takes. */
  own?: OwnArguments;
}

/** What comes back to a layer: of its inputs, null where nothing does, and of its weights by names. */
export interface BackwardFlow {
  inputs: (tf.Tensor | null)[];
  weights: Record<string, tf.Tensor>;
}

/** A call of a layer, and its gradient, which is asked for once. */
export interface TrainingCall {
  outputs: tf.Tensor[];
  /** @param dOutputs The gradient of each output, of which some can be null, but not all. */
  gradient(dOutputs: (tf.Tensor | null)[]): BackwardFlow;
  /** Gives back what the gradient would have needed, where nobody will ask for it. */
  release?(): void;
}

/** A layer that can be called so. */
export interface TrainsByCall {
  /** Whether it can be, as it is set now, with these inputs. */
  hasTrainingCall(given: Given): boolean;
  /** The call while training: as `call`, to the bit. */
  trainingCall(given: Given): TrainingCall;
}

/** The call of a layer from one tensor to one. */
export function singleCall(
  output: tf.Tensor,
  gradient: (dOutput: tf.Tensor) => {
    input: tf.Tensor | null;
    weights?: Record<string, tf.Tensor>;
  },
): TrainingCall {
  return {
    outputs: [output],
    gradient([dOutput]) {
      const { input, weights = {} } = gradient(dOutput!);
      return { inputs: [input], weights };
    },
  };
}
