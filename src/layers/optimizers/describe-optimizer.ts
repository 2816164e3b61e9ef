/** An optimizer as settings that JSON can say, and the same optimizer made from them elsewhere. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { AdamOptimizer } from './adam.js';
import { clippingOf, type GradientClipping, withClipping } from './clip-gradients.js';
import {
  KerasAdadelta,
  KerasAdagrad,
  KerasAdam,
  KerasNadam,
  KerasRmsprop,
} from './keras-optimizers.js';
import { weightDecayOf, withWeightDecay } from './weight-decay.js';

/** What {@link optimizerFrom} makes an optimizer from. */
export interface DescribedOptimizer {
  /** The class: one of those below, or as TensorFlow.js has it registered. */
  className: string;
  /** Its settings, by the names of `getConfig`. */
  config: Settings;
  clipping: GradientClipping | undefined;
  weightDecay: number | undefined;
}

type Settings = Record<string, number | boolean>;

/** Settings of the classes that {@link MAKERS} makes; each has some of them. */
interface KerasSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  centered: boolean;
  decay: number;
  epsilon: number;
  initialAccumulatorValue: number;
  isEpsilonOutside: boolean;
  momentum: number;
  scheduleDecay: number;
}

interface OptimizerClass {
  prototype: tf.Optimizer;
  className: string;
  fromConfig(cls: unknown, config: object): tf.Optimizer;
}

const CLASSES: Readonly<Record<string, unknown>> = {
  ...{ AdamOptimizer, KerasAdadelta, KerasAdagrad, KerasAdam, KerasNadam, KerasRmsprop },
  AdadeltaOptimizer: tf.AdadeltaOptimizer,
  AdagradOptimizer: tf.AdagradOptimizer,
  // `Adam` of TensorFlow.js, also where ours is registered under its name.
  StockAdamOptimizer: tf.AdamOptimizer,
  AdamaxOptimizer: tf.AdamaxOptimizer,
  MomentumOptimizer: tf.MomentumOptimizer,
  RMSPropOptimizer: tf.RMSPropOptimizer,
  SGDOptimizer: tf.SGDOptimizer,
};

/** The classes that take more than the one which they extend. */
const MAKERS: Readonly<Record<string, (settings: KerasSettings) => tf.Optimizer>> = {
  KerasAdagrad: ({ isEpsilonOutside, epsilon, learningRate, initialAccumulatorValue }) =>
    new KerasAdagrad({ isEpsilonOutside }, epsilon, learningRate, initialAccumulatorValue),
  KerasNadam: ({ scheduleDecay, learningRate, beta1, beta2, epsilon }) =>
    new KerasNadam(scheduleDecay, learningRate, beta1, beta2, epsilon),
  KerasRmsprop: ({ isEpsilonOutside, learningRate, decay, momentum, epsilon, centered }) =>
    new KerasRmsprop({ isEpsilonOutside }, learningRate, decay, momentum, epsilon, centered),
};

/** The class and the settings of an optimizer, without what it has gathered. */
export function describeOptimizer(optimizer: tf.Optimizer): DescribedOptimizer {
  const known = Object.entries(CLASSES).find(([, one]) => one === optimizer.constructor);
  return {
    className: known?.[0] ?? optimizer.getClassName(),
    config: { ...optimizer.getConfig() } as Settings,
    clipping: clippingOf(optimizer),
    weightDecay: weightDecayOf(optimizer),
  };
}

/**
 * A new optimizer of the class and settings that {@link describeOptimizer} saw.
 *
 * @throws RecurrentError for a class that nobody has registered here.
 */
export function optimizerFrom(where: string, described: DescribedOptimizer): tf.Optimizer {
  const { className, config, clipping, weightDecay = 0 } = described;
  const make = MAKERS[className];
  const optimizer = make
    ? make(config as object as KerasSettings)
    : fromClass(where, className, config);
  return withClipping(withWeightDecay(optimizer, weightDecay), clipping);
}

function fromClass(where: string, className: string, config: Settings): tf.Optimizer {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const registered = Object.hasOwn(classNameMap, className) ? classNameMap[className]![0] : null;
  const found = (CLASSES[className] ?? registered) as OptimizerClass | null;
  if (found !== null) return found.fromConfig(found, config);
  return reject({
    where,
    expected: `the optimizer ${className} is not known here`,
    remedy: 'Register its class with tf.serialization.registerClass.',
    see: 'unsuitable-optimizer',
  });
}
