/**
 * A training step of a chain of layers that know their gradients. TensorFlow.js records each
 * operation on a tape, clones what the way back will need, and finds that way anew at each step: a
 * third of a step's JavaScript for the sentiment model. Here, every layer is asked for its gradient
 * in turn. The kernels are those that the tape would run, and so every bit is the same.
 */
import { tf, type tfl } from '../foundation/tensorflow.js';
import { mean } from '../kernels/losses/mean.js';
import { fusedAvailable } from '../kernels/bridge/register.js';
import { type Together, together } from '../kernels/bridge/together.js';
import { AdamOptimizer } from './adam.js';
import { kernelOfLoss } from './fused-losses.js';
import { lossWeightsOf } from './model/loss-weights.js';
import { isFusedMetric } from './fused-metrics.js';
import { requireFit } from './model/labels.js';
import { penaltiesOf } from './model/penalties.js';
import type { Batch } from './model/total-loss.js';
import { applyGradients, stepsByKernel } from './optimizers.js';
import type { TrainingCall, TrainsByCall } from './training-call.js';

type Metric = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;
type ChainLayer = tfl.layers.Layer & TrainsByCall;

/** What the types of a model hide. */
interface Trained {
  collectedTrainableWeights: { read(): tf.Variable }[];
  metricsTensors: [Metric, number][];
}

/** What the types of a layer hide. */
interface Inside {
  _callHook: unknown;
  inboundNodes: {
    inboundLayers: tfl.layers.Layer[];
    callArgs?: { training?: boolean | null } | null;
  }[];
}

/**
 * The step of a model that is a chain of layers of ours; null for any other, and for one with a
 * regularizer. For a batch that it cannot train, with sample weights or a mask, it returns null before
 * any layer has been called.
 *
 * @param model Compiled; itself, not the Sequential around it.
 */
export function stepWithoutTape(
  model: tfl.LayersModel,
): ((batch: Batch) => tf.Scalar[] | null) | null {
  const chain = chainOf(model);
  if (!chain || penaltiesOf(model).length > 0) return null;
  return (batch) => (canTrain(model, chain, batch) ? train(model, chain, batch) : null);
}

/** The layers of a model, one behind the other; null if it is no such chain. */
function chainOf({ layers, inputs, outputs }: tfl.LayersModel): ChainLayer[] | null {
  if (inputs.length !== 1 || outputs.length !== 1) return null;
  const isChain = layers.every((layer, i) => {
    const { inboundNodes } = layer as unknown as Inside;
    if (inboundNodes.length !== 1) return false;
    const [{ inboundLayers, callArgs }] = inboundNodes as [Inside['inboundNodes'][number]];
    const [before, ...others] = inboundLayers;
    // Some are never to train.
    return others.length === 0 && before === layers[i - 1] && callArgs?.training !== false;
  });
  const chain = layers.slice(1) as ChainLayer[];
  const known = chain.every((layer) => 'trainingCall' in layer);
  return isChain && known && chain.length > 0 && layers.at(-1) === outputs[0]!.sourceLayer
    ? chain
    : null;
}

function canTrain(
  model: tfl.LayersModel,
  chain: readonly ChainLayer[],
  { inputs: [x], labels: [yTrue], sampleWeights: [weights] }: Batch,
): boolean {
  return (
    weights === null &&
    lossWeightsOf(model) === undefined &&
    yTrue!.shape[0] === x!.shape[0] &&
    fitsLoss(model.lossFunctions[0]!, yTrue!.shape, model.outputs[0]!.shape) &&
    isStock(model.optimizer) &&
    fusedAvailable() &&
    tf.engine().state.gradientDepth === 0 &&
    // Whoever watches kernels is to see them.
    !tf.engine().state.profiling &&
    !tf.env().getBool('DEBUG') &&
    chain.every(isUntouched)
  );
}

/** Whether the loss is a kernel for labels of that shape, as far as the shape of the output is known. */
function fitsLoss(
  loss: tfl.LayersModel['lossFunctions'][number],
  labels: readonly number[],
  output: tfl.Shape,
): boolean {
  const shape = output.map((size, i) => size ?? labels[i] ?? 1);
  return kernelOfLoss(loss)?.fits(labels, shape) ?? false;
}

/** Whether an optimizer would take its gradients from a tape as they are, and apply them. */
function isStock({ minimize, computeGradients }: tf.Optimizer): boolean {
  const { prototype } = tf.Optimizer;
  return minimize === prototype.minimize && computeGradients === prototype.computeGradients;
}

/** Whether an optimizer hands gradients to a kernel of ours and to nobody else. */
function isOurs(optimizer: tf.Optimizer): boolean {
  const ours = optimizer.applyGradients === AdamOptimizer.prototype.applyGradients;
  return ours || stepsByKernel(optimizer);
}

/** Whether a layer would be called as it is: nobody hooks into its calls or adds to the loss. */
function isUntouched(layer: ChainLayer): boolean {
  const { _callHook } = layer as unknown as Inside;
  const replaced = Object.hasOwn(layer, 'call') || Object.hasOwn(layer, 'apply');
  return _callHook === null && !replaced && layer.losses.length === 0 && layer.hasTrainingCall();
}

function train(
  model: tfl.LayersModel,
  chain: readonly ChainLayer[],
  { inputs: [x], labels: [yTrue] }: Batch,
): tf.Scalar[] {
  const { collectedTrainableWeights, metricsTensors } = model as unknown as Trained;
  const step = (lent: Together) => {
    // Kernels of ours alone read what is not handed over.
    const give = isOurs(model.optimizer) ? (gradient: tf.Tensor) => gradient : lent.handOver;
    const calls: TrainingCall[] = [];
    try {
      for (const layer of chain) calls.push(layer.trainingCall(calls.at(-1)?.output ?? x!));
      // What leaves this library is as TensorFlow.js makes it: metrics and optimizers may read it.
      const yPred = lent.handOver(calls.at(-1)!.output);
      requireFit('fit', model, [yTrue!], [yPred]);
      const loss = kernelOfLoss(model.lossFunctions[0]!)!;
      const losses = loss.losses(yTrue!, yPred);
      const cost = lent.handOver(mean(losses));
      const metrics = metricsTensors.map(([metric]) =>
        isFusedMetric(metric)
          ? lent.handOver(mean(metric(yTrue!, yPred)))
          : lent.outside(() => tf.mean(metric(yTrue!, yPred))),
      );
      const gradients = backward(lent, calls, loss.gradient(yTrue!, yPred, 1 / losses.size));
      const named = collectedTrainableWeights.map((weight) => {
        const { name, trainable } = weight.read();
        const gradient = trainable ? gradients[name] : undefined;
        return { name, tensor: (gradient ? give(gradient) : null) as tf.Tensor };
      });
      applyGradients(model.optimizer, named);
      return [cost, ...metrics] as tf.Scalar[];
    } catch (error) {
      for (const call of calls) call.release?.();
      throw error;
    }
  };
  return tf.tidy(() => together(step));
}

/** The gradients of all weights by their names. */
function backward(
  lent: Together,
  calls: readonly TrainingCall[],
  dOutput: tf.Tensor,
): Record<string, tf.Tensor> {
  const gradients: Record<string, tf.Tensor> = {};
  let flowing: tf.Tensor | null = dOutput;
  for (let i = calls.length - 1; i >= 0 && flowing; i--) {
    const { input, weights } = calls[i]!.gradient(flowing);
    Object.assign(gradients, weights);
    if (input !== flowing) lent.dispose(flowing);
    flowing = input;
  }
  return gradients;
}
