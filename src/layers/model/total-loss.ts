/** The loss and the metrics of a batch, from what a model returns. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { lossesWithMask } from '../losses/fused-losses.js';
import { graphOf } from './graph.js';
import { inputsOf } from './inputs.js';
import { labelsOf, requireFit } from './labels.js';
import { lossWeightsOf } from './loss-weights.js';
import type { Mask } from './masks.js';
import { calculatePenalties } from './penalties.js';
import { type Masked, runGraph } from './run-graph.js';

/** A metric of each sample or step. */
export type Metric = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** What the types of a compiled model hide. */
interface Compiled {
  metricsTensors: [Metric, number][];
}

/** The samples of a step, an entry for each input or output of the model. */
export interface Batch {
  inputs: tf.Tensor[];
  labels: tf.Tensor[];
  /** [batch]; null for samples without weights. */
  sampleWeights: (tf.Tensor | null)[];
}

/** The loss with all penalties, and the metrics in the order of `model.metricsNames`. */
export interface Evaluation {
  loss: tf.Scalar;
  metrics: tf.Scalar[];
}

/**
 * The parts of what TensorFlow.js hands to the function for a batch, with inputs and labels that fit.
 *
 * @throws RecurrentError where inputs or labels do not fit the model.
 */
export function batchOf(
  where: string,
  model: tfl.LayersModel,
  data: readonly (tf.Tensor | null | undefined)[],
): Batch {
  const { inputs, outputs } = model;
  const labelsEnd = inputs.length + outputs.length;
  const labels = data.slice(inputs.length, labelsEnd) as tf.Tensor[];
  return {
    inputs: inputsOf(where, model, data.slice(0, inputs.length) as tf.Tensor[]),
    labels: labelsOf(where, model, labels),
    sampleWeights: outputs.map((_, i) => data[labelsEnd + i] ?? null),
  };
}

/**
 * Runs the model for a batch. As in Keras, what an output's mask leaves out counts neither in the loss
 * nor in the metrics.
 *
 * @param model Compiled; itself, not the Sequential around it.
 */
export function evaluateBatch(
  where: string,
  model: tfl.LayersModel,
  batch: Batch,
  training: boolean,
): Evaluation {
  const options = training ? { training } : {};
  const given = { values: batch.inputs, masks: [] };
  return evaluationOf(where, model, batch, runGraph(graphOf(model), given, options));
}

/** As {@link evaluateBatch}, of what the model has returned. */
export function evaluationOf(
  where: string,
  model: tfl.LayersModel,
  { labels, sampleWeights }: Batch,
  outputs: Masked,
): Evaluation {
  const { values, masks } = outputs;
  requireFit(where, model, labels, values);
  const losses = lossesOf(model, labels, outputs, sampleWeights);
  const metrics = metricsOf(model, losses, (metric, output) =>
    meanOf(metric(labels[output]!, values[output]!), masks[output]!, null),
  );
  const parts = [...weightedLosses(model, losses), ...calculatePenalties(model)];
  return { loss: sumOf(parts), metrics };
}

/**
 * The loss of what a model returned, without what regularizers add to it.
 *
 * @param model Compiled; itself, not the Sequential around it.
 */
export function lossOfOutputs(
  model: tfl.LayersModel,
  { labels, sampleWeights }: Batch,
  outputs: Masked,
): tf.Scalar {
  return sumOf(weightedLosses(model, lossesOf(model, labels, outputs, sampleWeights)));
}

/** The loss of each output. */
function lossesOf(
  model: tfl.LayersModel,
  labels: readonly tf.Tensor[],
  { values, masks }: Masked,
  sampleWeights: Batch['sampleWeights'],
): tf.Scalar[] {
  return model.lossFunctions.map((loss, i) =>
    meanOf(
      lossesWithMask(loss, labels[i]!, values[i]!, masks[i] ?? null),
      masks[i]!,
      sampleWeights[i]!,
    ),
  );
}

function weightedLosses(model: tfl.LayersModel, losses: readonly tf.Scalar[]): tf.Scalar[] {
  const weights = lossWeightsOf(model);
  return losses.map((loss, i) => (weights ? tf.mul(loss, weights[i]!) : loss));
}

const sumOf = (parts: readonly tf.Scalar[]): tf.Scalar =>
  parts.reduce((sum, part) => tf.add(sum, part));

/** The metrics in the order of `model.metricsNames`; `measure` computes that of an output. */
export function metricsOf(
  model: tfl.LayersModel,
  losses: readonly tf.Scalar[],
  measure: (metric: Metric, output: number) => tf.Scalar,
): tf.Scalar[] {
  const { metricsTensors } = model as unknown as Compiled;
  // With several outputs, their losses come first.
  return metricsTensors.map(([metric, output], i) =>
    losses.length > 1 && i < losses.length ? losses[i]! : measure(metric, output),
  );
}

/** The mean of values of samples or steps, of those that count, by their weights. */
export function meanOf(values: tf.Tensor, mask: Mask, weights: tf.Tensor | null): tf.Scalar {
  const weighted = weights ? tf.mul(values, withRank(weights, values.rank)) : values;
  // Of a whole sequence, or of all of them, a loss has decided by itself what counts.
  if (!mask || values.rank < mask.rank) return tf.mean(weighted);
  const counts = tf.cast(mask, 'float32');
  const counted = tf.mul(weighted, withRank(counts, values.rank));
  return tf.divNoNan(tf.mean(counted), tf.mean(counts)) as tf.Scalar;
}

/**
 * What comes back to the values of {@link meanOf} from their mean.
 *
 * @param shape That of the values.
 * @param dMean What comes back to the mean.
 */
export function meanGradient(
  shape: readonly number[],
  mask: Mask,
  weights: tf.Tensor | null,
  dMean: number,
): tf.Tensor {
  const size = tf.util.sizeFromShape(shape as number[]);
  const each = tf.fill([...shape], dMean / size);
  const weighted = weights ? tf.mul(each, withRank(weights, shape.length)) : each;
  if (!mask || shape.length < mask.rank) return weighted;
  const counts = tf.cast(mask, 'float32');
  return tf.divNoNan(tf.mul(weighted, withRank(counts, shape.length)), tf.mean(counts));
}

/** With axes of one value at its end. */
function withRank(tensor: tf.Tensor, rank: number): tf.Tensor {
  if (tensor.rank >= rank) return tensor;
  return tf.reshape(tensor, [...tensor.shape, ...new Array(rank - tensor.rank).fill(1)]);
}
