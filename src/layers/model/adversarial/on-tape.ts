/** A step on samples and on perturbed ones by operations of TensorFlow.js, on backends without kernels. */
import { tf, type tfl } from '../../../foundation/tensorflow.js';
import { record } from '../../../kernels/bridge/small-tape.js';
import { perturbComposed } from '../../../kernels/merging/perturb.js';
import { applyGradients } from '../../optimizers/optimizers.js';
import { runGraph } from '../run-graph.js';
import { type Batch, evaluationOf, lossOfOutputs } from '../total-loss.js';
import type { Perturbation } from './perturbation.js';

const TRAINING = { training: true };

/** Returns the sum of both losses and the metrics of the samples as they are; inside `tf.tidy`. */
export function adversarialStepOnTape(
  model: tfl.LayersModel,
  weights: readonly tfl.LayerVariable[],
  batch: Batch,
  { epsilon, before, behind }: Perturbation,
): tf.Scalar[] {
  const trained = weights.map((weight) => weight.read() as tf.Variable);
  const lookup = record(() => runGraph(before, { values: batch.inputs, masks: [] }, TRAINING));
  const [embedded] = lookup.outputs.values as [tf.Tensor];
  const run = (x: tf.Tensor) => {
    const given = { values: [x, ...batch.inputs], masks: [lookup.outputs.masks[0]!] };
    return runGraph(behind, given, TRAINING);
  };
  const one = tf.scalar(1);

  const plain = record(() => evaluationOf('fit', model, batch, run(embedded)));
  const { loss, metrics } = plain.outputs;
  const [dPlain, ...ofPlain] = plain.gradients([[loss, one]], [embedded, ...trained]);

  const moved = perturbComposed(embedded, dPlain!, epsilon);
  const perturbed = record(() => lossOfOutputs(model, batch, run(moved)));
  const flowing = [[perturbed.outputs, one]] as const;
  const [dMoved, ...ofPerturbed] = perturbed.gradients(flowing, [moved, ...trained]);

  const ofLookup = lookup.gradients([[embedded, tf.add(dPlain!, dMoved!)]], trained);
  const named = trained.map(({ name, trainable }, i) => {
    const parts = [ofPlain[i], ofPerturbed[i], ofLookup[i]].filter((part) => part != null);
    const isApplied = trainable && parts.length > 0;
    return { name, tensor: (isApplied ? tf.addN(parts) : null) as tf.Tensor };
  });
  applyGradients(model.optimizer, named);
  return [tf.add(loss, perturbed.outputs), ...metrics];
}
