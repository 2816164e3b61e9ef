/** Which Keras wrote a model. */
import { reject } from '../../../foundation/errors.js';
import { isObject, type JsonObject, property } from '../read-json.js';

const WHERE = 'loadKerasModel';

/** The Keras that was part of TensorFlow 2, which zeroes masked steps as Keras 3 does. */
const OF_TENSORFLOW = 2.4;

/** Since Keras 3.4, a step of joined inputs counts where it counts in one of them. */
const JOINED_BY_OR = 3.4;

/**
 * Which Keras wrote a model: what a file says, or else how Keras 3 alone writes.
 *
 * @param model The architecture.
 * @param version What the file around it says.
 * @returns 2 or 3; 2.4 for the Keras that was part of TensorFlow 2, and 3.4 from Keras 3.4 on.
 * @throws RecurrentError for Keras 1, whose layers and weights are others, and for what is to come.
 */
export function kerasVersion(model: JsonObject, version: string | undefined): number {
  const written = property(model, 'keras_version');
  const stated = version ?? (typeof written === 'string' ? written : undefined);
  if (stated === undefined) {
    const setting = settingOfKeras1(model);
    if (setting !== undefined) refuseKeras1(`Keras 1 or older, as the setting ${setting} shows`);
    return property(model, 'module') === undefined ? 2 : JOINED_BY_OR;
  }
  if (/^2\.\d+\.\d+-tf|^2\.([4-9]|\d\d)\b/.test(stated)) return OF_TENSORFLOW;
  const major = Number.parseInt(stated, 10);
  if (major === 3) return /^3\.[0-3]\b/.test(stated) ? 3 : JOINED_BY_OR;
  if (major === 2) return major;
  if (major < 2) refuseKeras1(`Keras ${stated}`);
  return reject({
    where: WHERE,
    expected: 'the file must be of Keras 2 or 3',
    received: stated,
    remedy: 'Save it with one of these, or update tfjs-recurrent.',
    see: 'not-a-keras-file',
  });
}

/** Settings that Keras 2 has given other names. */
const OF_KERAS_1 = [
  ...['inner_activation', 'inner_init', 'nb_filter', 'border_mode', 'dim_ordering', 'subsample'],
  ...['W_regularizer', 'U_regularizer', 'b_regularizer', 'W_constraint', 'b_constraint', 'init'],
  ...['dropout_W', 'dropout_U', 'pool_length', 'consume_less'],
];

function settingOfKeras1(model: JsonObject): string | undefined {
  const config = property(model, 'config');
  const layers = isObject(config) ? property(config, 'layers') : config;
  if (!Array.isArray(layers)) return undefined;
  for (const layer of layers) {
    const settings = isObject(layer) ? property(layer, 'config') : undefined;
    const found = isObject(settings) && OF_KERAS_1.find((key) => Object.hasOwn(settings, key));
    if (found) return found;
  }
  return undefined;
}

function refuseKeras1(writer: string): never {
  reject({
    where: WHERE,
    expected: `the file must be of Keras 2 or 3 and is of ${writer}, whose layers and weights are written otherwise`,
    remedy: 'Open it in Keras 2.2, which still reads Keras 1, and save the model again there.',
    see: 'not-a-keras-file',
  });
}
