/** Losses of TensorFlow.js that have a kernel here, in the models that name them. */
import { tf, type tfl } from '../foundation/tensorflow.js';
import { binaryCrossentropy } from '../kernels/losses/binary-crossentropy.js';
import { fusedAvailable } from '../kernels/bridge/register.js';

type Loss = tfl.LayersModel['lossFunctions'][number];

const fused = new WeakSet<Loss>();

/**
 * Exchanges the losses of a compiled model for kernels that compute the same, until it is compiled
 * again. What it is saved with is their names, as before.
 *
 * @param model Itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function fuseLosses(model: tfl.LayersModel): () => void {
  const { lossFunctions: losses } = model;
  if (!losses) return () => {};
  const exchanged = losses.map((loss, i) => {
    const hasKernel = lossOf(model, i) === 'binaryCrossentropy';
    return hasKernel && !fused.has(loss) ? fusedCrossentropy(loss) : loss;
  });
  model.lossFunctions = exchanged;
  return () => {
    if (model.lossFunctions === exchanged) model.lossFunctions = losses;
  };
}

/** Whether a loss is the kernel {@link binaryCrossentropy}, for labels of the shape of the output. */
export function isFusedCrossentropy(loss: Loss): boolean {
  return fused.has(loss);
}

/** What compile was told for an output. */
function lossOf({ loss, outputNames }: tfl.LayersModel, output: number): unknown {
  if (Array.isArray(loss)) return loss[output];
  return typeof loss === 'object' ? loss[outputNames[output]!] : loss;
}

function fusedCrossentropy(original: Loss): Loss {
  const loss: Loss = (yTrue, yPred) => {
    const fits = yPred.rank > 0 && tf.util.arraysEqual(yTrue.shape, yPred.shape);
    return fits && fusedAvailable() ? binaryCrossentropy(yTrue, yPred) : original(yTrue, yPred);
  };
  fused.add(loss);
  return loss;
}
