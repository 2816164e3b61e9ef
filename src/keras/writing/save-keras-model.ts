/** saveKerasModel: a model of TensorFlow.js as files that Keras opens. */
import { reject } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import { requireOneCopy, type tfl } from '../../foundation/tensorflow.js';
import { pythonJson } from './python-json.js';
import { writeCompile, type WrittenCompile } from './write-compile.js';
import { type H5Group, writeHdf5 } from './write-hdf5.js';
import { legacyArchitecture, writeModel } from './write-model.js';
import type { Json, KerasObject } from './write-objects.js';
import { kerasOptimizer, momentsOf } from './write-moments.js';
import {
  KERAS_VERSION,
  kerasWeights,
  type LayerWeights,
  legacyWeights,
  readWeights,
} from './write-weights.js';

const WHERE = 'saveKerasModel';
/** `keras` is the file of Keras 3, `h5` the one of before, `json+h5` architecture and weights apart. */
export type KerasFormat = 'keras' | 'h5' | 'json+h5';

const FORMATS: readonly KerasFormat[] = ['keras', 'h5', 'json+h5'];

/** What {@link saveKerasModel} is told. */
export interface SaveKerasOptions<Format extends KerasFormat = KerasFormat> {
  /** Default: `'keras'`. */
  format?: Format | undefined;
  /**
   * Whether loss, metrics and optimizer of a compiled model are written too. In a `.keras` Adam
   * takes what it has gathered while training along; other formats and optimizers hold settings
   * alone. (Keras 3.15 cannot train on after it has read that from a `.h5`, its own or ours.)
   * Default: `true`.
   */
  includeOptimizer?: boolean | undefined;
}

/** What `model.to_json()` and `model.save_weights('x.h5')` of Keras write. */
export interface KerasJsonAndWeights {
  /** The architecture. */
  json: string;
  /** The bytes of an HDF5 file. */
  weights: Uint8Array;
}

/**
 * Writes a model as Keras does, without Python: `keras.models.load_model` opens it.
 *
 * @param model A Sequential or functional model of the layers that {@link loadKerasModel} reads,
 *   models among them.
 * @param options `format` is `'keras'` (default: the `.keras` of Keras 3), `'h5'` (the whole model
 *   in one HDF5 file) or `'json+h5'` (`model.to_json()` and `model.save_weights('x.h5')`).
 * @returns The bytes of the file; for `'json+h5'` the text and the bytes.
 *
 * The hardSigmoid of TensorFlow.js and Keras 2 is steeper than the hard_sigmoid of Keras 3. Layers
 * that use it are written with the weights of those gates 1.2 times as large, with which Keras 3
 * predicts the same.
 *
 * A model whose masks would do something else in Keras 3 is refused: see COMPATIBILITY.md.
 *
 * @throws RecurrentError naming the layer that Keras 3 cannot have as it is, before anything is written.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-layers';
 * import { saveKerasModel } from 'tfjs-recurrent';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
 * const { json, weights } = await saveKerasModel(model, { format: 'json+h5' });
 * console.log(JSON.parse(json).class_name);
 * // Sequential
 * console.log(String.fromCharCode(...weights.slice(1, 4)));
 * // HDF
 * ```
 */
export function saveKerasModel(
  model: tfl.LayersModel,
  options?: SaveKerasOptions<'keras' | 'h5'>,
): Promise<Uint8Array>;
/** Writes a model as the architecture and the weights apart. */
export function saveKerasModel(
  model: tfl.LayersModel,
  options: SaveKerasOptions<'json+h5'> & { format: 'json+h5' },
): Promise<KerasJsonAndWeights>;
/** Writes a model in a format that is chosen at run time. */
export function saveKerasModel(
  model: tfl.LayersModel,
  options?: SaveKerasOptions,
): Promise<Uint8Array | KerasJsonAndWeights>;
export async function saveKerasModel(
  model: tfl.LayersModel,
  options: SaveKerasOptions = {},
): Promise<Uint8Array | KerasJsonAndWeights> {
  return writeKerasModel(model, options, 'includeOptimizer: false');
}

/**
 * The same.
 *
 * @param uncompiled What messages tell the reader to pass to leave loss, metrics and optimizer out.
 */
export async function writeKerasModel(
  model: tfl.LayersModel,
  options: SaveKerasOptions,
  uncompiled: string,
): Promise<Uint8Array | KerasJsonAndWeights> {
  requireKnownOptions(WHERE, options, ['format', 'includeOptimizer']);
  const { format = 'keras', includeOptimizer = true } = options;
  requireBoolean(WHERE, 'includeOptimizer', includeOptimizer);
  if (!FORMATS.includes(format)) {
    reject({
      where: WHERE,
      expected: `format must be one of ${FORMATS.join(', ')}`,
      received: format,
      remedy: "Leave it out for 'keras', the format of Keras 3.",
    });
  }
  requireOneCopy(WHERE, model);
  const written = writeModel(WHERE, model);
  const compile = includeOptimizer ? writeCompile(WHERE, model, uncompiled) : undefined;
  const moments = compile !== undefined && format === 'keras' ? momentsOf(model) : undefined;
  const layers = await readWeights(written.layers, moments);
  if (format === 'h5') return writeHdf5(wholeModel(written.object, compile, layers));
  const json = pythonJson(withCompile(written.object, compile));
  if (format === 'json+h5') return { json, weights: writeHdf5(legacyWeights(layers)) };
  const weights = kerasWeights(model.name, layers);
  const optimizer = moments && { optimizer: kerasOptimizer(model, layers) };
  return archive(json, writeHdf5({ groups: { ...weights.groups, ...optimizer } }));
}

function withCompile(architecture: KerasObject, compile: WrittenCompile | undefined): Json {
  if (compile === undefined) return architecture;
  const { config, optimizer } = compile;
  return { ...architecture, compile_config: { optimizer, ...config } };
}

function wholeModel(
  architecture: KerasObject,
  compile: WrittenCompile | undefined,
  layers: readonly LayerWeights[],
): H5Group {
  const attributes: Record<string, string> = {
    backend: 'tensorflow',
    keras_version: KERAS_VERSION,
    model_config: pythonJson(legacyArchitecture(architecture)),
  };
  if (compile !== undefined) {
    const { class_name, config } = compile.optimizer;
    const training: Json = { ...compile.config, optimizer_config: { class_name, config } };
    attributes.training_config = pythonJson(training);
  }
  return { attributes, groups: { model_weights: legacyWeights(layers) } };
}

/** The members of a `.keras` file, stored without compression, as Keras stores them. */
async function archive(config: string, weights: Uint8Array): Promise<Uint8Array> {
  const { strToU8, zipSync } = await import('fflate');
  const date = new Date().toISOString().slice(0, 19).replace('T', '@');
  const metadata = JSON.stringify({ keras_version: KERAS_VERSION, date_saved: date });
  return zipSync(
    {
      'metadata.json': strToU8(metadata),
      'config.json': strToU8(config),
      'model.weights.h5': weights,
    },
    { level: 0 },
  );
}
