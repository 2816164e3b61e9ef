/** Whose an optimizer is: that of a model, or of whoever compiled it. */
import type { tf, tfl } from '../../foundation/tensorflow.js';

/**
 * The compiled model, to which its optimizer belongs from now on, until it is compiled again:
 * `model.dispose()` disposes of what the optimizer has gathered. TensorFlow.js does so for
 * optimizers that are given by name; this is for those that this library makes.
 */
export function ownOptimizer<Model extends tfl.LayersModel>(model: Model): Model {
  // Protected in the types, since it is compile that sets it.
  (model as unknown as { isOptimizerOwned: boolean }).isOptimizerOwned = true;
  const { optimizer } = model;
  // Not by instanceof, which to TensorFlow.js is true of every optimizer and its every class.
  if (optimizer.getClassName().startsWith('Momentum')) {
    const { dispose } = optimizer;
    optimizer.dispose = () => {
      dispose.call(optimizer);
      // Its learning rate as a tensor, which the class that it extends disposes of and it forgets.
      (optimizer as unknown as { c: tf.Tensor }).c.dispose();
    };
  }
  return model;
}
