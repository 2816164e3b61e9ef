/** The functions of a model that train and evaluate a batch. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { adversarialStepOnTape } from './adversarial/on-tape.js';
import { takePerturbation } from './adversarial/perturbation.js';
import { stepWithoutTape } from './without-tape/step.js';
import { applyConstraints, constrainedWeights } from './constraints.js';
import { type Batch, batchOf, evaluateBatch } from './total-loss.js';

/** What TensorFlow.js hands over: inputs, labels, and weights of samples where there are some. */
type Data = (tf.Tensor | null | undefined)[];

/** What the types of a compiled model hide. */
interface Compiled {
  collectedTrainableWeights: tfl.LayerVariable[];
}

/**
 * A step of training for a batch, which returns the loss and the metrics before it: without a tape
 * where that can be, else on that of TensorFlow.js.
 */
export function trainFunctionOf(model: tfl.LayersModel): (data: Data) => tf.Scalar[] {
  const { collectedTrainableWeights: weights } = model as unknown as Compiled;
  const constrained = constrainedWeights(weights);
  // One that was meant for a run which has thrown is not for this one.
  takePerturbation(model);
  return (data) =>
    tf.tidy(() => {
      const perturbation = takePerturbation(model);
      const batch = batchOf('fit', model, data);
      const onTape = () =>
        perturbation
          ? adversarialStepOnTape(model, weights, batch, perturbation)
          : stepOnTape(model, weights, batch);
      const results = stepWithoutTape(model, batch, perturbation) ?? onTape();
      applyConstraints(constrained);
      return results;
    });
}

function stepOnTape(
  model: tfl.LayersModel,
  weights: readonly tfl.LayerVariable[],
  batch: Batch,
): tf.Scalar[] {
  let metrics: tf.Scalar[] = [];
  const total = () => {
    const evaluation = evaluateBatch('fit', model, batch, true);
    // They outlive the tape.
    metrics = evaluation.metrics.map(tf.keep);
    return evaluation.loss;
  };
  const variables = weights.map((weight) => weight.read() as tf.Variable);
  try {
    return [model.optimizer.minimize(total, true, variables)!, ...metrics];
  } catch (error) {
    tf.dispose(metrics);
    throw error;
  }
}

/** The loss, with what regularizers add to it, and the metrics of a batch. */
export function testFunctionOf(model: tfl.LayersModel): (data: Data) => tf.Scalar[] {
  return (data) =>
    tf.tidy(() => {
      const batch = batchOf('evaluate', model, data);
      const { loss, metrics } = evaluateBatch('evaluate', model, batch, false);
      return [loss, ...metrics];
    });
}
