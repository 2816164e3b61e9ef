/** How a layer of tf.layers is computed by kernels of ours. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import type { Given, TrainingCall } from '../training-call.js';

/** A weight of a layer of tf.layers. */
export interface Weight {
  read(): tf.Variable;
}

/** The kernels of one class. */
export interface LayerKernel {
  /** Makes a layer, for its class; under a name, since TensorFlow.js counts those without. */
  make(name: string): tfl.layers.Layer;
  /**
   * The call of a layer of that class, which keeps nothing that would have to be released; null where
   * the kernels do not do what the layer does.
   *
   * @param layer As its class has it; the types of tf.layers hide that.
   */
  call(layer: never, given: Given, training: boolean): TrainingCall | null;
}

/** The only input of a layer with that rank, where no mask matters to it; else undefined. */
export function onlyInput({ values }: Given, rank?: number): tf.Tensor | undefined {
  const [x, ...others] = values;
  const fits = others.length === 0 && (rank === undefined || x!.rank === rank);
  return fits ? x : undefined;
}
