/** One layer of TensorFlow.js as Keras 3 writes its configuration. */
import { reject } from '../../foundation/errors.js';
import { LAYER_SETTINGS } from './layer-settings.js';
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

/** What Keras 3 calls settings that it has renamed. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { alpha: 'negative_slope' },
  ThresholdedReLU: { theta: 'threshold' },
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
  const settings = Object.hasOwn(LAYER_SETTINGS, className) ? LAYER_SETTINGS[className] : undefined;
  if (settings === undefined) {
    reject({
      where,
      expected: `${path} is a layer of a class that cannot be written for Keras`,
      received: className,
      remedy: `These can: ${[...Object.keys(LAYER_SETTINGS), 'models'].join(', ')}.`,
      see: 'not-in-keras',
    });
  }
  refuseSlash(where, config.name);
  refuseStateful(where, path, className, config);
  refuseInterpolation(where, path, className, config);
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
    // Keras 3 takes the word in an .h5 for its function of that name, and has it by default.
    else if (key === 'score_mode' && value === 'dot') continue;
    else if (key === 'target_shape') written[key] = (value as Json[]).map((size) => size ?? -1);
    else if (value !== undefined) written[RENAMED[className]?.[key] ?? key] = value;
  }
  refuseRegularizedHardSigmoid(where, path, className, written);
  if (RECURRENT.includes(className)) {
    const isZero = config.zero_output_for_mask === true;
    written.zero_output_for_mask = isZero;
    // Unrolled, Keras would zero the steps of a sequence that was not turned round.
    if (isZero && config.go_backwards === true) written.unroll = false;
  }
  if (className === 'Bidirectional') {
    const layer = writeInner(where, path, config.layer, RECURRENT);
    const name = String(layer.config.name).replace(/^forward_/, '');
    // Keras sets it by itself; one of the two directions is turned round.
    const isZero = layer.config.return_sequences === true;
    const masked = { zero_output_for_mask: isZero, ...(isZero && { unroll: false }) };
    const direction = (prefix: string, goBackwards: boolean): KerasObject => {
      const own = { name: `${prefix}_${name}`, go_backwards: goBackwards };
      return { ...layer, config: { ...layer.config, ...masked, ...own } };
    };
    const backwards = layer.config.go_backwards === true;
    written.layer = direction('forward', backwards);
    written.backward_layer = direction('backward', !backwards);
  }
  // Keras 3 has this one as a setting of another.
  const kerasClass = className === 'ThresholdedReLU' ? 'ReLU' : className;
  return kerasObject('keras.layers', kerasClass, written);
}

/** The layer within a Bidirectional. */
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
      see: 'not-in-keras',
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
    see: 'not-in-keras',
  });
}

function refuseStateful(where: string, path: string, className: string, config: LayerConfig): void {
  if (config.stateful !== true) return;
  reject({
    where,
    expected: `${path} (${className}) is stateful, and states are no weights that a file could hold`,
    remedy: 'Build the model again with stateful: false and give it the weights of this one.',
    see: 'not-in-keras',
  });
}

/** Refuses the way between pixels that the two libraries go differently. */
function refuseInterpolation(
  where: string,
  path: string,
  className: string,
  { interpolation = 'nearest' }: LayerConfig,
): void {
  if (interpolation === 'nearest') return;
  reject({
    where,
    expected: `${path} (${className}) interpolates between other points than in Keras 3`,
    received: interpolation,
    remedy: "Use interpolation: 'nearest'.",
    see: 'not-in-keras',
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
    see: 'not-in-keras',
  });
}
