/** Initializers, regularizers and constraints of Keras as those of TensorFlow.js. */
import { reasonOf } from '../../../foundation/errors.js';
import { tfl, type tf } from '../../../foundation/tensorflow.js';
import type { LayerConfig } from './layer-config.js';
import { isObject, type JsonObject, property } from '../read-json.js';

export type Initializer = ReturnType<typeof tfl.initializers.zeros>;
type Maker = (config: JsonObject) => Initializer;

const number = (config: JsonObject, key: string, byDefault: number): number => {
  const value = property(config, key);
  return typeof value === 'number' ? value : byDefault;
};
const seedOf = (config: JsonObject): { seed?: number } => {
  const seed = property(config, 'seed');
  return typeof seed === 'number' ? { seed } : {};
};
const MODES = { fan_in: 'fanIn', fan_out: 'fanOut', fan_avg: 'fanAvg' } as const;
const DISTRIBUTIONS = {
  uniform: 'uniform',
  normal: 'truncatedNormal', // since Keras 2.2.0
  truncated_normal: 'truncatedNormal',
  untruncated_normal: 'normal',
} as const;

const INITIALIZERS: Readonly<Record<string, Maker>> = {
  zeros: () => tfl.initializers.zeros(),
  ones: () => tfl.initializers.ones(),
  constant: (config) => tfl.initializers.constant({ value: number(config, 'value', 0) }),
  identity: (config) => tfl.initializers.identity({ gain: number(config, 'gain', 1) }),
  randomuniform: (config) =>
    tfl.initializers.randomUniform({
      minval: number(config, 'minval', -0.05),
      maxval: number(config, 'maxval', 0.05),
      ...seedOf(config),
    }),
  randomnormal: (config) => tfl.initializers.randomNormal(gaussian(config)),
  truncatednormal: (config) => tfl.initializers.truncatedNormal(gaussian(config)),
  orthogonal: (config) =>
    tfl.initializers.orthogonal({ gain: number(config, 'gain', 1), ...seedOf(config) }),
  variancescaling: (config) =>
    tfl.initializers.varianceScaling({
      scale: number(config, 'scale', 1),
      mode: property(MODES, String(property(config, 'mode'))) ?? 'fanIn',
      distribution:
        property(DISTRIBUTIONS, String(property(config, 'distribution'))) ?? 'truncatedNormal',
      ...seedOf(config),
    } as Parameters<typeof tfl.initializers.varianceScaling>[0]),
  glorotuniform: (config) => tfl.initializers.glorotUniform(seedOf(config)),
  glorotnormal: (config) => tfl.initializers.glorotNormal(seedOf(config)),
  heuniform: (config) => tfl.initializers.heUniform(seedOf(config)),
  henormal: (config) => tfl.initializers.heNormal(seedOf(config)),
  lecununiform: (config) => tfl.initializers.leCunUniform(seedOf(config)),
  lecunnormal: (config) => tfl.initializers.leCunNormal(seedOf(config)),
};

function gaussian(config: JsonObject) {
  return {
    mean: number(config, 'mean', 0),
    stddev: number(config, 'stddev', 0.05),
    ...seedOf(config),
  };
}

/**
 * The initializer under `key`. It is kept for what is saved later; the weights come from the
 * file, so that this one makes zeros, in no time. One that TensorFlow.js does not have gives
 * way to the layer's default.
 */
export function initializer(config: LayerConfig, key: string): Initializer | undefined {
  const { name, settings } = objectOf(config.raw(key));
  const make = property(INITIALIZERS, name.replaceAll('_', '').toLowerCase()) as Maker | undefined;
  try {
    return make && standIn(make(settings));
  } catch (error) {
    return config.refuse({ expected: `has a ${key} that cannot be: ${reasonOf(error)}` });
  }
}

/** Makes zeros, and is saved as `kept`: orthogonal matrices would cost minutes for nothing. */
export function standIn(kept: Initializer): Initializer {
  const Zeros = tfl.initializers.zeros().constructor as new () => Initializer;
  return new (class extends Zeros {
    override getClassName(): string {
      return kept.getClassName();
    }
    override getConfig(): tf.serialization.ConfigDict {
      return kept.getConfig();
    }
  })();
}

type Regularizer = ReturnType<typeof tfl.regularizers.l1l2>;

/** The regularizer under `key`. */
export function regularizer(config: LayerConfig, key: string): Regularizer | undefined {
  const value = config.raw(key);
  if (value === null || value === undefined) return undefined;
  const { name, settings } = objectOf(value);
  if (!/^l1_?l2$|^l1$|^l2$/i.test(name)) refuseObject(config, key, name);
  const strength = (part: string) => {
    // Before L1 and L2 had classes of their own, 'l1' and 'l2' as names meant 0.01.
    const byDefault = typeof value === 'string' && name.toLowerCase().includes(part) ? 0.01 : 0;
    return number(settings, part, byDefault);
  };
  return tfl.regularizers.l1l2({ l1: strength('l1'), l2: strength('l2') });
}

type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;

/** The constraint under `key`. */
export function constraint(config: LayerConfig, key: string): Constraint | undefined {
  const value = config.raw(key);
  if (value === null || value === undefined) return undefined;
  const { name, settings } = objectOf(value);
  const axis = number(settings, 'axis', 0);
  switch (name.replaceAll('_', '').toLowerCase()) {
    case 'nonneg':
      return tfl.constraints.nonNeg();
    case 'unitnorm':
      return tfl.constraints.unitNorm({ axis });
    case 'maxnorm':
      return tfl.constraints.maxNorm({ maxValue: number(settings, 'max_value', 2), axis });
    case 'minmaxnorm':
      return tfl.constraints.minMaxNorm({
        minValue: number(settings, 'min_value', 0),
        maxValue: number(settings, 'max_value', 1),
        rate: number(settings, 'rate', 1),
        axis,
      });
    default:
      return refuseObject(config, key, name);
  }
}

/** Class and settings of an object that is written as its name or as `{ class_name, config }`. */
export function objectOf(value: unknown): { name: string; settings: JsonObject } {
  if (typeof value === 'string') return { name: value, settings: {} };
  if (!isObject(value)) return { name: '', settings: {} };
  const settings = property(value, 'config');
  return {
    name: String(property(value, 'class_name') ?? ''),
    settings: isObject(settings) ? settings : {},
  };
}

function refuseObject(config: LayerConfig, key: string, name: string): never {
  return config.refuse({
    expected: `has a ${key} that TensorFlow.js does not have`,
    received: name,
  });
}
