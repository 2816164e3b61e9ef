/** Activations of Keras by the names that TensorFlow.js has for them. */
import type { LayerConfig } from './layer-config.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** The names that Keras has used, and that of TensorFlow.js for the same function. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  elu: 'elu',
  gelu: 'gelu',
  linear: 'linear',
  log_softmax: 'logSoftmax',
  mish: 'mish',
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  silu: 'swish',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  swish: 'swish',
  tanh: 'tanh',
};

type Activation = 'linear';

/**
 * The activation under `key`, for the arguments of a layer.
 *
 * @param scalable Whether the caller makes up for the hard_sigmoid of Keras 3, which is
 *   x / 6 + 0.5 where TensorFlow.js and Keras 2 have 0.2·x + 0.5, by smaller weights.
 */
export function activation(
  config: LayerConfig,
  key: string,
  byDefault: string,
  scalable: boolean,
): Activation {
  const value = config.raw(key) ?? byDefault;
  const name = isObject(value) ? nameOfFunction(value) : value;
  if (name === 'hard_sigmoid') {
    if (config.place.kerasVersion < 3 || scalable) return 'hardSigmoid' as Activation;
    config.refuse({
      expected: `has the hard_sigmoid of Keras 3 as ${key}, x / 6 + 0.5, which TensorFlow.js cannot compute here: its own is 0.2·x + 0.5`,
      remedy: "Use 'sigmoid', or put hard_sigmoid on a Dense layer.",
    });
  }
  const known = typeof name === 'string' ? property(ACTIVATIONS, name) : undefined;
  if (known === undefined) {
    config.refuse({
      expected: `has a${key === 'activation' ? 'n' : ''} ${key} that TensorFlow.js does not have`,
      received: name,
      remedy: `It has ${Object.keys(ACTIVATIONS).join(', ')} and hard_sigmoid.`,
    });
  }
  return known as Activation;
}

/** `{ class_name: 'function', config: 'relu' }`, as Keras 3 may write functions. */
function nameOfFunction(value: JsonObject): unknown {
  const isFunction = property(value, 'class_name') === 'function';
  return isFunction ? property(value, 'config') : property(value, 'class_name');
}
