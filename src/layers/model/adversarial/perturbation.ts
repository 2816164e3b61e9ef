/**
 * Which step of a model is trained on perturbed samples, too: after Miyato et al. 2017, the vectors of
 * the words, moved a little in the direction in which the loss grows most.
 */
import { reject } from '../../../foundation/errors.js';
import type { tfl } from '../../../foundation/tensorflow.js';
import { type Graph, graphOf, graphTo } from '../graph.js';
import { isEmbedding } from '../../core/embedding.js';
import { isOurs } from '../ours.js';
import { takesPlainGradients } from '../without-tape/step.js';

type Layer = tfl.layers.Layer;

/** What is perturbed in a model, and by how much. */
export interface Perturbation {
  /** The norm of what is added to a sample. */
  epsilon: number;
  /** Its output is what is perturbed. */
  embedding: Layer;
  /** From the inputs to that output. */
  before: Graph;
  /** From that output and the inputs, in this order, to the outputs. */
  behind: Graph;
}

const next = new WeakMap<tfl.LayersModel, Perturbation>();

/** Has the next step of a model train on perturbed samples, too. */
export function perturbNextStep(model: tfl.LayersModel, perturbation: Perturbation): void {
  next.set(model, perturbation);
}

/** The perturbation of the step that begins; null where there is none. */
export function takePerturbation(model: tfl.LayersModel): Perturbation | null {
  const perturbation = next.get(model) ?? null;
  next.delete(model);
  return perturbation;
}

/**
 * The perturbation of a model.
 *
 * @param model Compiled; itself, not the Sequential around it.
 * @throws RecurrentError where it has not exactly one embedding, or is run by others.
 */
export function perturbationOf(
  where: string,
  model: tfl.LayersModel,
  epsilon: number,
): Perturbation {
  const calls = graphOf(model).calls.filter(({ layer }) => isEmbedding(layer));
  const [call, ...others] = calls;
  if (!call || others.length > 0) {
    reject({
      where,
      expected: 'the model must have one Embedding, called once, whose vectors are perturbed',
      received: calls.length,
    });
  }
  if (!isOurs(model)) {
    reject({
      where,
      expected: 'the model must be one of this library',
      received: model.name,
      remedy: 'Make its Embedding by layers.embedding.',
    });
  }
  if (!takesPlainGradients(model.optimizer)) {
    reject({
      where,
      expected: 'the optimizer must leave it to others to find gradients',
      received: model.optimizer.getClassName(),
      remedy: 'Compile the model with adam, or with an optimizer of tf.train.',
    });
  }
  const embedded = call.node.outputTensors[0]!;
  return {
    epsilon,
    embedding: call.layer,
    before: graphTo(model.inputs, [embedded]),
    behind: graphTo([embedded, ...model.inputs], model.outputs),
  };
}
