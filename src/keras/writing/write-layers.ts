/** One layer of TensorFlow.js as Keras 3 writes its configuration. */
import { reject } from '../../foundation/errors.js';
import { kerasActivation, scaledGates } from './write-activations.js';
import {
  holdsObject,
  type Json,
  kerasObject,
  type KerasObject,
  writeObject,
} from './write-objects.js';

/** A layer's settings as TensorFlow.js writes them to JSON, with the names of Python. */
export type LayerConfig = { readonly [key: string]: Json };

const PLAIN_LAYERS = {
  recurrent: [
    ...['return_sequences', 'return_state', 'go_backwards', 'stateful', 'unroll', 'units'],
    ...['activation', 'use_bias', 'kernel_initializer', 'recurrent_initializer'],
    ...['bias_initializer', 'kernel_regularizer', 'recurrent_regularizer', 'bias_regularizer'],
    ...['activity_regularizer', 'kernel_constraint', 'recurrent_constraint', 'bias_constraint'],
    ...['dropout', 'recurrent_dropout', 'seed'],
  ],
  weighted: [
    ...['activation', 'use_bias', 'kernel_initializer', 'bias_initializer'],
    ...['kernel_regularizer', 'bias_regularizer', 'activity_regularizer'],
    ...['kernel_constraint', 'bias_constraint'],
  ],
};

/** Per class, the settings that TensorFlow.js and Keras 3 share under one name. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  Activation: ['activation'],
  BatchNormalization: [
    ...['axis', 'momentum', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_initializer'],
    ...['moving_mean_initializer', 'moving_variance_initializer', 'beta_regularizer'],
    ...['gamma_regularizer', 'beta_constraint', 'gamma_constraint'],
  ],
  Bidirectional: ['merge_mode'],
  Concatenate: ['axis'],
  Conv1D: [
    ...['filters', 'kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate'],
    ...PLAIN_LAYERS.weighted,
  ],
  Dense: ['units', ...PLAIN_LAYERS.weighted],
  Dropout: ['rate', 'noise_shape', 'seed'],
  Embedding: [
    ...['input_dim', 'output_dim', 'embeddings_initializer', 'embeddings_regularizer'],
    ...['activity_regularizer', 'embeddings_constraint', 'mask_zero'],
  ],
  Flatten: ['data_format'],
  GRU: [...PLAIN_LAYERS.recurrent, 'recurrent_activation', 'reset_after'],
  GlobalAveragePooling1D: [],
  GlobalMaxPooling1D: [],
  LSTM: [...PLAIN_LAYERS.recurrent, 'recurrent_activation', 'unit_forget_bias'],
  LayerNormalization: [
    ...['axis', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_initializer'],
    ...['beta_regularizer', 'gamma_regularizer'],
  ],
  Masking: ['mask_value'],
  MaxPooling1D: ['pool_size', 'strides', 'padding', 'data_format'],
  RepeatVector: ['n'],
  SimpleRNN: PLAIN_LAYERS.recurrent,
  SpatialDropout1D: ['rate', 'seed'],
  TimeDistributed: [],
};

/** Settings that Keras wants as true or false where TensorFlow.js may leave null. */
const FLAGS = new Set(['mask_zero', 'reset_after', 'unit_forget_bias', 'use_bias']);

const RECURRENT = ['GRU', 'LSTM', 'SimpleRNN'];

/**
 * Translates a layer.
 *
 * @param path What messages call the layer: its name, with those of the layers around it.
 * @throws RecurrentError naming the layer that Keras 3 cannot have as it is.
 */
export function writeLayer(
  where: string,
  path: string,
  className: string,
  config: LayerConfig,
): KerasObject {
  const settings = Object.hasOwn(SETTINGS, className) ? SETTINGS[className] : undefined;
  if (settings === undefined) {
    reject({
      where,
      expected: `${path} is a layer of a class that cannot be written for Keras`,
      received: className,
      remedy: `These can: ${Object.keys(SETTINGS).join(', ')}.`,
    });
  }
  refuseSlash(where, config.name);
  refuseStateful(where, path, className, config);
  const written: { [key: string]: Json } = {
    name: config.name ?? className.toLowerCase(),
    dtype: 'float32',
  };
  // Keras's own constructor of this class refuses the setting.
  if (className !== 'SpatialDropout1D') written.trainable = config.trainable ?? true;
  for (const key of settings) {
    const value = config[key];
    if (key === 'activation' || key === 'recurrent_activation') {
      written[key] = kerasActivation(where, path, className, key, value);
    } else if (holdsObject(key)) written[key] = writeObject(where, path, key, value);
    else if (FLAGS.has(key)) written[key] = value === true;
    else if (value !== undefined) written[key] = value;
  }
  refuseRegularizedHardSigmoid(where, path, className, written);
  if (className === 'TimeDistributed') written.layer = writeInner(where, path, config.layer);
  if (className === 'Bidirectional') {
    const layer = writeInner(where, path, config.layer, RECURRENT);
    const name = String(layer.config.name).replace(/^forward_/, '');
    const backwards = layer.config.go_backwards === true;
    written.layer = { ...layer, config: { ...layer.config, name: `forward_${name}` } };
    written.backward_layer = {
      ...layer,
      config: { ...layer.config, name: `backward_${name}`, go_backwards: !backwards },
    };
  }
  return kerasObject('keras.layers', className, written);
}

/** The layer within a TimeDistributed or a Bidirectional. */
function writeInner(
  where: string,
  path: string,
  inner: Json | undefined,
  allowed?: readonly string[],
): KerasObject {
  const { class_name: name, config } = Object(inner) as { class_name: string; config: LayerConfig };
  const innerPath = `${path}/${String(config.name)}`;
  if (allowed !== undefined && !allowed.includes(name)) {
    reject({
      where,
      expected: `${innerPath} must be one of ${allowed.join(', ')}`,
      received: name,
      remedy: 'No other layer can be written in both directions.',
    });
  }
  return writeLayer(where, innerPath, name, config);
}

/** Refuses the name of a layer or a model that Keras 3 refuses, and HDF5 takes for a path. */
export function refuseSlash(where: string, name: unknown): void {
  if (!String(name).includes('/')) return;
  reject({
    where,
    expected: 'names of layers and models must be without /, which Keras 3 refuses',
    received: name,
    remedy: 'Build the model with another name.',
  });
}

function refuseStateful(where: string, path: string, className: string, config: LayerConfig): void {
  if (config.stateful !== true) return;
  reject({
    where,
    expected: `${path} (${className}) is stateful, and states are no weights that a file could hold`,
    remedy: 'Build the model again with stateful: false and give it the weights of this one.',
  });
}

/** Weights that are written larger than they are would be regularized and constrained as if they were so. */
function refuseRegularizedHardSigmoid(
  where: string,
  path: string,
  className: string,
  config: LayerConfig,
): void {
  if (scaledGates(className, config) === undefined) return;
  const key = Object.keys(config).find(
    (name) => /^(kernel|recurrent|bias)_(regularizer|constraint)$/.test(name) && config[name],
  );
  if (key === undefined) return;
  reject({
    where,
    expected: `${path} (${className}) has a ${key} and the hardSigmoid of TensorFlow.js, which Keras 3 cannot have together`,
    remedy: "Use 'sigmoid', or leave the one or the other out.",
  });
}
