/** Losses of TensorFlow.js that have a kernel here, in the models that name them. */
import { withSlopeOfAbs } from '../../foundation/slope-of-abs.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import {
  binaryCrossentropy,
  binaryCrossentropyGradient,
} from '../../kernels/losses/binary-crossentropy.js';
import { crossentropy, crossentropyGradient } from '../../kernels/losses/crossentropy.js';
import {
  type RegressionLoss,
  regressionGradient,
  regressionLoss,
} from '../../kernels/losses/regression.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { ctc, ctcGradientOfModel, ctcOfModel } from './ctc.js';
import { kernelOfSmoothed } from './smoothed.js';

type Loss = tfl.LayersModel['lossFunctions'][number];

/** A loss as a kernel, and what it passes back to the output. */
export interface LossKernel {
  /** Whether the kernel computes it for labels of that shape. */
  fits(yTrue: readonly number[], yPred: readonly number[]): boolean;
  /** The loss of each sample or step; `mask`: of the output, for a loss of whole sequences. */
  losses(yTrue: tf.Tensor, yPred: tf.Tensor, mask: Mask): tf.Tensor;
  /** `dy`: what comes back to the losses, or to each of them. */
  gradient(yTrue: tf.Tensor, yPred: tf.Tensor, dy: tf.Tensor | number, mask: Mask): tf.Tensor;
}

type Mask = tf.Tensor | null;

const sameShape: LossKernel['fits'] = (yTrue, yPred) =>
  yPred.length > 0 && tf.util.arraysEqual(yTrue as number[], yPred as number[]);

/** Labels that are numbers of classes: one for each row of the output. */
const oneEach: LossKernel['fits'] = (yTrue, yPred) =>
  yPred.length > 0 &&
  tf.util.sizeFromShape(yTrue as number[]) === tf.util.sizeFromShape(yPred.slice(0, -1));

const regression = (name: RegressionLoss): LossKernel => ({
  fits: sameShape,
  losses: (yTrue, yPred) => regressionLoss(yTrue, yPred, name),
  gradient: (yTrue, yPred, dy) => regressionGradient(yTrue, yPred, name, dy),
});

const classes = (sparse: boolean): LossKernel => ({
  fits: sparse ? oneEach : sameShape,
  losses: (yTrue, yPred) => crossentropy(yTrue, yPred, sparse),
  gradient: (yTrue, yPred, dy) => crossentropyGradient(yTrue, yPred, sparse, dy),
});

/** A loss of labels that have no step of their own. */
const ofSequences: LossKernel = {
  // Whatever does not fit is refused.
  fits: () => true,
  losses: ctcOfModel,
  gradient: ctcGradientOfModel,
};

const KERNELS: ReadonlyMap<unknown, LossKernel> = new Map<unknown, LossKernel>([
  [
    'binaryCrossentropy',
    { fits: sameShape, losses: binaryCrossentropy, gradient: binaryCrossentropyGradient },
  ],
  ['categoricalCrossentropy', classes(false)],
  ['sparseCategoricalCrossentropy', classes(true)],
  ['meanSquaredError', regression('meanSquaredError')],
  ['meanAbsoluteError', regression('meanAbsoluteError')],
  [ctc, ofSequences],
]);

/** Losses of TensorFlow.js that are made of |x|. */
const OF_ABS = new Set<unknown>(['meanAbsoluteError', 'meanAbsolutePercentageError']);

/** Losses that are exchanged already; null for one that has no kernel. */
const fused = new WeakMap<Loss, LossKernel | null>();

/**
 * Exchanges the losses of a compiled model for kernels that compute the same, until it is compiled
 * again. What it is saved with is their names, as before. Those of |x| have its slope as in TensorFlow.
 *
 * @param model Itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function fuseLosses(model: tfl.LayersModel): () => void {
  const { lossFunctions: losses } = model;
  if (!losses) return () => {};
  const exchanged = losses.map((loss, i) =>
    fused.has(loss) ? loss : exchange(loss, lossOf(model, i)),
  );
  model.lossFunctions = exchanged;
  return () => {
    if (model.lossFunctions === exchanged) model.lossFunctions = losses;
  };
}

/** The kernel that computes a loss where labels fit it; null if it has none. */
export function kernelOfLoss(loss: Loss): LossKernel | null {
  return fused.get(loss) ?? kernelOfSmoothed(loss) ?? null;
}

/** The losses of an output with a mask, which a loss of whole sequences heeds by itself. */
export function lossesWithMask(
  loss: Loss,
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  mask: Mask,
): tf.Tensor {
  return fused.get(loss) === ofSequences ? ctcOfModel(yTrue, yPred, mask) : loss(yTrue, yPred);
}

/** What compile was told for an output: a name or a function. */
export function lossOf({ loss, outputNames }: tfl.LayersModel, output: number): unknown {
  if (Array.isArray(loss)) return loss[output];
  return typeof loss === 'object' ? loss[outputNames[output]!] : loss;
}

function exchange(original: Loss, name: unknown): Loss {
  const kernel = KERNELS.get(name) ?? null;
  const isOfAbs = OF_ABS.has(name);
  if (!kernel && !isOfAbs) return original;
  const operations: Loss = isOfAbs
    ? (yTrue, yPred) => withSlopeOfAbs(() => original(yTrue, yPred))
    : original;
  const loss: Loss = (yTrue, yPred) =>
    kernel?.fits(yTrue.shape, yPred.shape) && fusedAvailable()
      ? kernel.losses(yTrue, yPred, null)
      : operations(yTrue, yPred);
  fused.set(loss, kernel);
  return loss;
}
