/** What Adam has gathered while training, where Keras keeps it. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { averageMomentumOf } from '../../layers/optimizers/averaged-weights.js';
import { scheduleOf } from '../../layers/optimizers/scheduled-rate.js';
import { plainClassName } from './write-optimizer.js';
import type { H5Dataset, H5Group } from './write-hdf5.js';
import { type LayerWeights, leavesOf } from './write-weights.js';

interface Moment {
  /** The name of the variable, then `/m` or `/v`. */
  originalName: string;
  variable: tf.Variable;
}

/** What tf.AdamOptimizer keeps to itself. */
interface AdamState {
  accumulatedFirstMoment: Moment[];
  accumulatedSecondMoment: Moment[];
  learningRate: number;
}

/** The running means of the gradients of a variable and of their squares, where there are any yet. */
export type MomentsOf = (variable: string) => [tf.Variable | undefined, tf.Variable | undefined];

/** Finds the moments of a model's Adam; undefined for a model with another optimizer or with none. */
export function momentsOf(model: tfl.LayersModel): MomentsOf | undefined {
  if (!model.optimizer || plainClassName(model.optimizer) !== 'Adam') return undefined;
  // Keras has averages of the weights among the moments, which would have to be there, too.
  if (averageMomentumOf(model.optimizer) !== undefined) return undefined;
  const { accumulatedFirstMoment: first, accumulatedSecondMoment: second } =
    model.optimizer as unknown as AdamState;
  const byName = new Map(
    [...first, ...second].map(({ originalName, variable }) => [originalName, variable]),
  );
  return (name) => [byName.get(`${name}/m`), byName.get(`${name}/v`)];
}

/**
 * The group `optimizer` of Keras 3's weights: the number of steps, the learning rate unless it follows a schedule, and for each
 * trained variable its two moments.
 */
export function kerasOptimizer(model: tfl.LayersModel, layers: readonly LayerWeights[]): H5Group {
  const { iterations } = model.optimizer;
  const { learningRate } = model.optimizer as unknown as AdamState;
  const variables: H5Dataset[] = [
    { shape: [], values: BigInt64Array.of(BigInt(iterations)) },
    // A schedule is none of its variables.
    ...(scheduleOf(model.optimizer) ? [] : [{ shape: [], values: Float32Array.of(learningRate) }]),
    ...leavesOf(layers)
      .flatMap(({ weights }) => weights)
      .flatMap(({ shape, moments = [] }) => moments.map((values) => ({ shape, values }))),
  ];
  const datasets = Object.fromEntries(
    variables.map((variable, index) => [String(index), variable]),
  );
  return { groups: { vars: { attributes: { name: 'adam' }, datasets } } };
}
