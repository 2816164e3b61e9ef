/** adversarialTraining: a callback that also trains on samples perturbed to be harder. */
import { reject } from '../foundation/errors.js';
import { requireKnownOptions, requirePositive } from '../foundation/option-checks.js';
import { tfl } from '../foundation/tensorflow.js';
import {
  type Perturbation,
  perturbationOf,
  perturbNextStep,
} from '../layers/model/adversarial/perturbation.js';
import { builtModel } from '../layers/model/run-graph.js';
import type { BaseCallback } from './callbacks.js';
import { everyLayer } from './layer-state.js';

/** The options of {@link adversarialTraining}. */
export interface AdversarialTrainingOptions {
  /** How far the vectors of a sample are moved, all of them together: the norm of what is added. */
  epsilon: number;
}

const WHERE = 'adversarialTraining';

/**
 * A callback for adversarial training: each step trains on its batch and, with the same weight, on the
 * batch moved to where the loss is greater. What is moved are the vectors that the model's Embedding
 * returns, by r = ε · g / ‖g‖₂ for each sample: g is the gradient of the loss by them, ε is `epsilon`,
 * and the norm is that of the whole sequence. No gradient goes through r.
 *
 * The `loss` of the logs is the sum of both losses, with the penalties of regularizers once; metrics and
 * everything that validates see the samples as they are. Where dropout is drawn, both halves draw their own.
 * How far `epsilon` is depends on how long the vectors are, which a model can change, unless they are normalized by
 * `layers.normalizedEmbedding`. That of the paper is 5, for 400 such vectors of 256 numbers.
 *
 * @param options `epsilon`, greater than 0.
 * @returns A callback for `model.fit`, `fitWithSeed` or `fitDataset`, for one run at a time.
 * @throws RecurrentError for an option that does not exist or is out of its range; when training begins,
 *   for a model that has not exactly one Embedding, is stateful, or is none of this library.
 * @see Miyato, Dai & Goodfellow 2017, "Adversarial Training Methods for Semi-Supervised Text
 *   Classification", equations 5 and 6.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { adversarialTraining, createManyToOne, fitWithSeed } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ vocabularySize: 6, units: 4, outputs: 2, seed: 1 });
 * const x = tf.tensor2d([[1, 2], [3, 4], [1, 5], [3, 2]]);
 * const y = tf.tensor2d([[1], [0], [1], [0]]);
 * const { epoch } = await fitWithSeed(model, x, y, {
 *   epochs: 3,
 *   callbacks: adversarialTraining({ epsilon: 0.1 }),
 * });
 * console.log(epoch.length);
 * // 3
 * ```
 */
export function adversarialTraining(options: AdversarialTrainingOptions): BaseCallback {
  requireKnownOptions(WHERE, options, ['epsilon']);
  const { epsilon } = options;
  requirePositive(WHERE, 'epsilon', epsilon);
  return new AdversarialTraining(epsilon);
}

class AdversarialTraining extends tfl.Callback {
  readonly #epsilon: number;
  #perturbation: Perturbation | null = null;

  constructor(epsilon: number) {
    super();
    this.#epsilon = epsilon;
  }

  override async onTrainBegin(): Promise<void> {
    const model = this.#trained;
    this.#perturbation = perturbationOf(WHERE, model, this.#epsilon);
    const stateful = everyLayer(model).find(({ layer }) => layer.stateful === true);
    if (stateful === undefined) return;
    reject({
      where: WHERE,
      expected: `no layer may be stateful, and ${stateful.path} is: a step would move its state twice`,
      see: 'stateful-model',
    });
  }

  override async onBatchBegin(): Promise<void> {
    perturbNextStep(this.#trained, this.#perturbation!);
  }

  /** Itself, not the Sequential around it. */
  get #trained(): tfl.LayersModel {
    return builtModel(this.model as unknown as tfl.LayersModel);
  }
}
