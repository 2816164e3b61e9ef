/** Losses and metrics of a step, and what of the losses comes back to the outputs. */
import { tf, type tfl } from '../../../foundation/tensorflow.js';
import { record } from '../../../kernels/bridge/small-tape.js';
import type { Together } from '../../../kernels/bridge/together.js';
import {
  hasMaskedMean,
  maskedMean,
  maskedMeanGradient,
  mean,
} from '../../../kernels/losses/mean.js';
import { kernelOfLoss } from '../../losses/fused-losses.js';
import { isFusedMetric } from '../../losses/fused-metrics.js';
import { lossWeightsOf } from '../loss-weights.js';
import { type Batch, type Metric, meanGradient, meanOf, metricsOf } from '../total-loss.js';
import type { Flow } from './forward.js';

/** The loss of an output. */
export interface OutputLoss {
  /** Before it is weighted. */
  value: tf.Scalar;
  /** What comes back to the output from the total loss; asked for once. */
  gradient(): tf.Tensor | null;
  release?(): void;
}

/** What a loss needs besides the tensors that it compares. */
interface Weights {
  sampleWeights: tf.Tensor | null;
  /** Of the loss in the total. */
  weight: number;
}

/** Adds the loss of each output to `losses`, which a caller can release whatever happens. */
export function lossesOfOutputs(
  lent: Together,
  model: tfl.LayersModel,
  outputs: readonly Flow[],
  batch: Batch,
  losses: OutputLoss[],
): void {
  const weights = lossWeightsOf(model);
  outputs.forEach((output, i) => {
    losses.push(lossOfOutput(lent, model, i, output, batch, weights?.[i] ?? 1));
  });
}

/** The loss of all outputs together, with what regularizers add to it. */
export function sumOf(
  losses: readonly OutputLoss[],
  weights: readonly number[] | undefined,
  penalties: readonly tf.Scalar[],
): tf.Scalar {
  const weighted = losses.map(({ value }, i) => (weights ? tf.mul(value, weights[i]!) : value));
  return [...weighted, ...penalties].reduce((sum, part) => tf.add(sum, part)) as tf.Scalar;
}

/** The loss of output `i`, of which other code may read what was predicted. */
function lossOfOutput(
  lent: Together,
  model: tfl.LayersModel,
  i: number,
  output: Flow,
  { labels, sampleWeights }: Batch,
  weight: number,
): OutputLoss {
  const yTrue = labels[i]!;
  const { value: yPred } = output;
  const loss = model.lossFunctions[i]!;
  const weights: Weights = { sampleWeights: sampleWeights[i]!, weight };
  const kernel = kernelOfLoss(loss);
  return kernel?.fits(yTrue.shape, yPred.shape)
    ? byKernel(lent, kernel, yTrue, output, weights)
    : byTape(lent, loss, yTrue, output, weights);
}

function byKernel(
  lent: Together,
  kernel: NonNullable<ReturnType<typeof kernelOfLoss>>,
  yTrue: tf.Tensor,
  { value: yPred, mask }: Flow,
  { sampleWeights, weight }: Weights,
): OutputLoss {
  const losses = kernel.losses(yTrue, yPred, mask);
  if (!mask && !sampleWeights) {
    return {
      value: lent.handOver(mean(losses)),
      gradient: () => kernel.gradient(yTrue, yPred, weight / losses.size, mask),
    };
  }
  if (mask && !sampleWeights && hasMaskedMean(losses.shape, mask)) {
    return {
      value: lent.handOver(maskedMean(losses, mask)),
      gradient: () => kernel.gradient(yTrue, yPred, maskedMeanGradient(mask, weight), mask),
    };
  }
  const each = lent.handOver(losses);
  return {
    value: lent.outside(() => meanOf(each, mask, sampleWeights)),
    gradient() {
      const dLosses = lent.outside(() => meanGradient(each.shape, mask, sampleWeights, weight));
      return kernel.gradient(yTrue, yPred, dLosses, mask);
    },
  };
}

/** A loss of others, or one that broadcasts. */
function byTape(
  lent: Together,
  loss: tfl.LayersModel['lossFunctions'][number],
  yTrue: tf.Tensor,
  { value: yPred, mask }: Flow,
  { sampleWeights, weight }: Weights,
): OutputLoss {
  const recording = lent.outside(() =>
    record(() => meanOf(loss(yTrue, yPred), mask, sampleWeights)),
  );
  return {
    value: recording.outputs,
    gradient() {
      const [dPred] = lent.outside(() =>
        recording.gradients([[recording.outputs, tf.scalar(weight)]], [yPred]),
      );
      return dPred!;
    },
    release: recording.release,
  };
}

/** The metrics in the order of `model.metricsNames`. */
export function metricsOfStep(
  lent: Together,
  model: tfl.LayersModel,
  outputs: readonly Flow[],
  labels: readonly tf.Tensor[],
  losses: readonly OutputLoss[],
): tf.Scalar[] {
  const measure = (metric: Metric, yTrue: tf.Tensor, { value: yPred, mask }: Flow) => {
    if (!isFusedMetric(metric)) {
      return lent.outside(() => meanOf(metric(yTrue, yPred), mask, null));
    }
    const values = metric(yTrue, yPred);
    if (!mask) return lent.handOver(mean(values));
    if (hasMaskedMean(values.shape, mask)) return lent.handOver(maskedMean(values, mask));
    const all = lent.handOver(values);
    return lent.outside(() => meanOf(all, mask, null));
  };
  return metricsOf(
    model,
    losses.map(({ value }) => value),
    (metric, i) => measure(metric, labels[i]!, outputs[i]!),
  );
}
