/** Initializers, regularizers and constraints as Keras 3 writes them. */
import { reject } from '../../foundation/errors.js';

/** A value of a JSON file. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A class and its configuration, as Keras 3 writes both. */
export interface KerasObject extends Record<string, Json> {
  module: string;
  class_name: string;
  config: { [key: string]: Json };
  registered_name: string | null;
}

/** An object of Keras 3: `module` is where its class lives, such as `keras.layers`. */
export function kerasObject(
  module: string,
  className: string,
  config: { [key: string]: Json },
): KerasObject {
  return { module, class_name: className, config, registered_name: null };
}

/** Per class, the settings that TensorFlow.js and Keras 3 share under one name. */
type Classes = Readonly<Record<string, readonly string[]>>;

const INITIALIZERS: Classes = {
  Constant: ['value'],
  GlorotNormal: ['seed'],
  GlorotUniform: ['seed'],
  HeNormal: ['seed'],
  HeUniform: ['seed'],
  Identity: ['gain'],
  LeCunNormal: ['seed'],
  LeCunUniform: ['seed'],
  Ones: [],
  Orthogonal: ['gain', 'seed'],
  RandomNormal: ['mean', 'stddev', 'seed'],
  RandomUniform: ['minval', 'maxval', 'seed'],
  TruncatedNormal: ['mean', 'stddev', 'seed'],
  VarianceScaling: ['scale', 'mode', 'distribution', 'seed'],
  Zeros: [],
};

const REGULARIZERS: Classes = { L1L2: ['l1', 'l2'] };

const CONSTRAINTS: Classes = {
  MaxNorm: ['max_value', 'axis'],
  MinMaxNorm: ['min_value', 'max_value', 'rate', 'axis'],
  NonNeg: [],
  UnitNorm: ['axis'],
};

const FAMILIES: readonly [ending: string, module: string, classes: Classes][] = [
  ['_initializer', 'keras.initializers', INITIALIZERS],
  ['_regularizer', 'keras.regularizers', REGULARIZERS],
  ['_constraint', 'keras.constraints', CONSTRAINTS],
];

/** Whether a setting of this name holds one of the objects of this file. */
export function holdsObject(key: string): boolean {
  return FAMILIES.some(([ending]) => key.endsWith(ending));
}

/** What Keras 3 writes for an initializer, regularizer or constraint of TensorFlow.js. */
export function writeObject(where: string, path: string, key: string, value: unknown): Json {
  if (value === null || value === undefined) return null;
  const [ending, module, classes] = FAMILIES.find(([end]) => key.endsWith(end))!;
  const { class_name: name, config } = Object(value) as { class_name?: unknown; config?: unknown };
  const settings =
    typeof name === 'string' && Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (typeof name !== 'string' || settings === undefined) {
    return reject({
      where,
      expected: `${path} has a ${key} that Keras does not have`,
      received: name ?? value,
      remedy: `Of this kind it has ${Object.keys(classes).join(', ')}${
        ending === '_initializer' ? '' : ', or null for none'
      }.`,
      see: 'not-in-keras',
    });
  }
  const given = Object(config) as { [key: string]: Json };
  const kept = settings.filter((setting) => given[setting] !== undefined);
  return kerasObject(
    module,
    name,
    Object.fromEntries(kept.map((setting) => [setting, given[setting]!])),
  );
}
