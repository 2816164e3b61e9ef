/** averagedWeights: puts the averages that an optimizer keeps in the place of the weights. */
import { reject } from '../foundation/errors.js';
import { tf, tfl } from '../foundation/tensorflow.js';
import { averageMomentumOf, averagesOf } from '../layers/optimizers/averaged-weights.js';
import type { BaseCallback } from './callbacks.js';

const WHERE = 'averagedWeights';

// The runs that are judged by averages, which TensorFlow.js knows by their histories. A run that throws
// never comes to its end, and the next one of its model may be without this callback.
const judged = new WeakMap<tfl.LayersModel, Loops['history']>();

/**
 * A callback for models whose optimizer averages the weights, by `adam(…, { useEma: true })` or
 * {@link withAveragedWeights}: validation sees the averages, and at the end of the run they are the weights
 * of the model, as in Keras, where `SwapEMAWeights` is for validation. Training itself goes on with the
 * weights.
 *
 * @returns A callback for `model.fit`, `fitWithSeed` or `fitDataset`, for one run at a time.
 * @throws RecurrentError when training begins, if the optimizer does not average.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { adam, averagedWeights, earlyStopping, fitWithSeed } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential();
 * model.add(tfl.layers.dense({ units: 1, inputShape: [2], activation: 'sigmoid' }));
 * const optimizer = adam(0.1, 0.9, 0.999, 1e-7, { useEma: true, emaMomentum: 0.9 });
 * model.compile({ optimizer, loss: 'binaryCrossentropy' });
 * const x = tf.tensor2d([[0, 1], [1, 0], [1, 1], [0, 0]]);
 * const y = tf.tensor2d([[1], [0], [1], [0]]);
 * const { epoch } = await fitWithSeed(model, x, y, {
 *   epochs: 10,
 *   validationData: [x, y],
 *   callbacks: [averagedWeights(), earlyStopping({ patience: 2, restoreBestWeights: true })],
 * });
 * console.log(epoch.length);
 * // 10
 * ```
 */
export function averagedWeights(): BaseCallback {
  return new AveragedWeights();
}

class AveragedWeights extends tfl.Callback {
  private endJudging = () => {};

  override async onTrainBegin(): Promise<void> {
    const model = this.model as unknown as tfl.LayersModel;
    if (averageMomentumOf(model.optimizer) === undefined) {
      reject({
        where: WHERE,
        expected: 'the optimizer must average the weights',
        received: model.optimizer.getClassName(),
        remedy: 'Compile the model with adam(0.001, 0.9, 0.999, 1e-7, { useEma: true }).',
        see: 'unsuitable-optimizer',
      });
    }
    this.endJudging();
    this.endJudging = judgeByAverages(model);
  }

  // A run may be made of several calls of model.fit, each with a history of its own.
  override async onEpochBegin(): Promise<void> {
    const model = this.model as unknown as tfl.LayersModel;
    judged.set(model, (model as unknown as Loops).history);
  }

  override async onTrainEnd(): Promise<void> {
    this.endJudging();
    this.endJudging = () => {};
    for (const [weight, average] of averagesIn(this.model as unknown as tfl.LayersModel)) {
      weight.assign(average);
    }
  }
}

/** What the types of a compiled model hide. */
interface Compiled {
  collectedTrainableWeights: tfl.LayerVariable[];
}

/** The weights that have an average, each with it. */
function averagesIn(model: tfl.LayersModel): [tf.Variable, tf.Variable][] {
  const { collectedTrainableWeights: weights } = model as unknown as Compiled;
  return averagesOf(model.optimizer).map((average, i) => [
    weights[i]!.read() as tf.Variable,
    average,
  ]);
}

/** The loops that validate, which the types of a model hide, and what is known of its training. */
interface Loops {
  isTraining: boolean;
  history: tfl.History;
  testLoop(...given: unknown[]): unknown;
  evaluateDataset(...given: unknown[]): Promise<unknown>;
}

// What ends it, of models that are judged by averages: a run that throws never comes to its end.
const endings = new WeakMap<tfl.LayersModel, () => void>();

/** Whether a model is in a run that is judged by averages. */
function isJudged(model: tfl.LayersModel): boolean {
  const { isTraining, history } = model as unknown as Loops;
  return isTraining && history !== undefined && judged.get(model) === history;
}

/** Has validation see the averages in runs that are judged so, until the function that is returned is called. */
function judgeByAverages(model: tfl.LayersModel): () => void {
  endings.get(model)?.();
  const loops = model as unknown as Loops;
  const { testLoop, evaluateDataset } = loops;
  loops.testLoop = (...given) => {
    if (!isJudged(model)) return testLoop.apply(model, given);
    const swapBack = swapIn(model);
    try {
      return testLoop.apply(model, given);
    } finally {
      swapBack();
    }
  };
  loops.evaluateDataset = async (...given) => {
    if (!isJudged(model)) return evaluateDataset.apply(model, given);
    const swapBack = swapIn(model);
    try {
      return await evaluateDataset.apply(model, given);
    } finally {
      swapBack();
    }
  };
  const end = () => {
    judged.delete(model);
    endings.delete(model);
    loops.testLoop = testLoop;
    loops.evaluateDataset = evaluateDataset;
  };
  endings.set(model, end);
  return end;
}

function swapIn(model: tfl.LayersModel): () => void {
  const swapped = averagesIn(model).map(([weight, average]) => {
    const trained = tf.keep(weight.clone());
    weight.assign(average);
    return [weight, trained] as const;
  });
  return () => {
    for (const [weight, trained] of swapped) {
      weight.assign(trained);
      trained.dispose();
    }
  };
}

/** Weights that a model had. */
export interface KeptWeights {
  /** Gives them back to the model. */
  restore(): void;
  dispose(): void;
}

/** The weights of a model as it is judged now: where that is by averages, those. */
export function keepWeights(model: tfl.LayersModel): KeptWeights {
  const averages = new Map(isJudged(model) ? averagesIn(model) : []);
  const kept = model.weights.map((weight) => {
    const variable = weight.read() as tf.Variable;
    const average = averages.get(variable);
    return { variable, average, value: tf.keep((average ?? variable).clone()) };
  });
  return {
    restore() {
      for (const { variable, average, value } of kept) {
        variable.assign(value);
        average?.assign(value);
      }
    },
    dispose: () => tf.dispose(kept.map(({ value }) => value)),
  };
}
