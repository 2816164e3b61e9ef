/**
 * A training step without the tape of TensorFlow.js, which records each operation, clones what the
 * way back will need, and finds that way anew at each step: a third of a step's JavaScript for the
 * sentiment model. Here every layer is asked for its gradient in turn. The kernels are those that the
 * tape would run, and so every bit is the same. What does not know its gradient, a layer or a loss of
 * others, is an island with a small tape of its own.
 */
import { tf, type tfl } from '../../../foundation/tensorflow.js';
import { fusedAvailable } from '../../../kernels/bridge/register.js';
import { record } from '../../../kernels/bridge/small-tape.js';
import { type Together, together } from '../../../kernels/bridge/together.js';
import { AdamOptimizer } from '../../optimizers/adam.js';
import { KerasAdam } from '../../optimizers/keras-optimizers.js';
import { applyGradients, stepsByKernel } from '../../optimizers/optimizers.js';
import type { Perturbation } from '../adversarial/perturbation.js';
import { graphOf } from '../graph.js';
import { requireFit } from '../labels.js';
import { lossWeightsOf } from '../loss-weights.js';
import { calculate, penaltiesOf, type Penalty } from '../penalties.js';
import type { Batch } from '../total-loss.js';
import { WayBack } from './backward.js';
import { WayForward } from './forward.js';
import { lossesOfOutputs, metricsOfStep, type OutputLoss, sumOf } from './losses.js';
import { PerturbedHalf } from './perturbed.js';

/** What the types of a model hide. */
interface Trained {
  collectedTrainableWeights: { read(): tf.Variable }[];
}

/**
 * The step for a batch, which returns the loss and the metrics before it; null where it cannot be
 * taken so, before any layer has been called.
 *
 * @param model Compiled; itself, not the Sequential around it.
 * @param perturbation Of samples to train on besides, or null.
 */
export function stepWithoutTape(
  model: tfl.LayersModel,
  batch: Batch,
  perturbation: Perturbation | null,
): tf.Scalar[] | null {
  if (!canTrain(model, batch)) return null;
  return tf.tidy(() => together((lent) => train(lent, model, batch, perturbation)));
}

function canTrain({ optimizer }: tfl.LayersModel, { inputs }: Batch): boolean {
  return (
    takesPlainGradients(optimizer) &&
    fusedAvailable() &&
    inputs.every(({ size }) => size > 0) &&
    tf.engine().state.gradientDepth === 0 &&
    // Whoever watches kernels is to see them.
    !tf.engine().state.profiling &&
    !tf.env().getBool('DEBUG')
  );
}

/** Whether an optimizer would take its gradients from a tape as they are, and apply them. */
export function takesPlainGradients({ minimize, computeGradients }: tf.Optimizer): boolean {
  const { prototype } = tf.Optimizer;
  return minimize === prototype.minimize && computeGradients === prototype.computeGradients;
}

/** Whether an optimizer hands gradients to a kernel of ours and to nobody else. */
function isOurs(optimizer: tf.Optimizer): boolean {
  const { applyGradients: step } = optimizer;
  const ours = [AdamOptimizer, KerasAdam].some(
    ({ prototype }) => step === prototype.applyGradients,
  );
  return ours || stepsByKernel(optimizer);
}

function train(
  lent: Together,
  model: tfl.LayersModel,
  batch: Batch,
  perturbation: Perturbation | null,
): tf.Scalar[] {
  const forward = new WayForward(lent, perturbation?.embedding);
  const losses: OutputLoss[] = [];
  let penalties: Penalties | null = null;
  try {
    const outputs = forward.begin(graphOf(model), batch.inputs);
    // What leaves this library is as TensorFlow.js makes it: losses and metrics may read it.
    for (const output of outputs) output.value = lent.handOver(output.value);
    const predicted = outputs.map(({ value }) => value);
    requireFit('fit', model, batch.labels, predicted);
    lossesOfOutputs(lent, model, outputs, batch, losses);
    const metrics = metricsOfStep(lent, model, outputs, batch.labels, losses);
    const added = penaltiesOf(model);
    penalties = added.length > 0 ? penalize(lent, model, added) : null;
    const total = lent.outside(() => sumOf(losses, lossWeightsOf(model), penalties?.values ?? []));

    const back = new WayBack(lent);
    const half = perturbation && new PerturbedHalf(back, forward.watched!, perturbation);
    if (penalties) back.gather(penalties.gradients());
    losses.forEach((loss, i) => {
      const gradient = loss.gradient();
      if (gradient) back.flow(outputs[i]!, gradient);
    });
    back.through(forward.steps);
    const ofPerturbed = half?.train(lent, model, batch);
    apply(lent, model, back.weights);
    const loss = ofPerturbed ? lent.outside(() => tf.add(total, ofPerturbed)) : total;
    return [loss as tf.Scalar, ...metrics];
  } catch (error) {
    forward.release();
    for (const loss of losses) loss.release?.();
    penalties?.release();
    throw error;
  }
}

/** What regularizers add to the loss, and to the gradients of the weights. */
interface Penalties {
  values: tf.Scalar[];
  gradients(): Record<string, tf.Tensor>;
  release(): void;
}

function penalize(lent: Together, model: tfl.LayersModel, added: readonly Penalty[]): Penalties {
  const recording = lent.outside(() => record(() => calculate(added)));
  const variables = trainedBy(model);
  return {
    values: recording.outputs,
    release: recording.release,
    gradients: () =>
      lent.outside(() => {
        const one = tf.scalar(1);
        const flowing = recording.outputs.map((penalty) => [penalty, one] as const);
        const gradients = recording.gradients(flowing, variables);
        const named = variables.map(({ name }, i) => [name, gradients[i]!] as const);
        return Object.fromEntries(named.filter(([, gradient]) => gradient));
      }),
  };
}

function trainedBy(model: tfl.LayersModel): tf.Variable[] {
  const { collectedTrainableWeights: weights } = model as unknown as Trained;
  return weights.map((weight) => weight.read());
}

function apply(lent: Together, model: tfl.LayersModel, gradients: Record<string, tf.Tensor>): void {
  // Kernels of ours alone read what is not handed over.
  const give = isOurs(model.optimizer) ? (gradient: tf.Tensor) => gradient : lent.handOver;
  const named = trainedBy(model).map(({ name, trainable }) => {
    const gradient = trainable ? gradients[name] : undefined;
    return { name, tensor: (gradient ? give(gradient) : null) as tf.Tensor };
  });
  applyGradients(model.optimizer, named);
}
