/** loadKerasModel: a model of Keras, from the bytes of its files, in Node and in browsers. */
import { reject } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import { decodeUtf8 } from '../../foundation/utf8.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { ownOptimizer } from '../../layers/own-optimizer.js';
import { readArchitecture } from './architecture.js';
import { buildModel } from './build-model.js';
import { readCompileState } from './compile-state.js';
import { type Hdf5Object, isHdf5, openHdf5 } from '../hdf5/hdf5-file.js';
import { kindOfArchive, kindOfFile } from './file-kinds.js';
import { holdsWeights } from './read-weights.js';
import { kerasVersion } from './keras-version.js';
import { MAX_OUTPUT_SIZE } from './output-sizes.js';
import { isObject, type JsonObject, parseJsonObject, property, refuseText } from './read-json.js';
import { isZip, openZip } from '../zip.js';

const WHERE = 'loadKerasModel';

/** An architecture, as `model.to_json()` returns it, and weights, as `model.save_weights` writes them. */
export interface KerasFiles {
  /** The text of the JSON, or its bytes. */
  json: string | Uint8Array | ArrayBuffer;
  /** The bytes of the HDF5 file: `weights.h5` of Keras 2, `.weights.h5` of Keras 3, or a whole `.h5`. */
  weights: Uint8Array | ArrayBuffer;
}

/** What {@link loadKerasModel} is told. */
export interface LoadKerasOptions {
  /**
   * Whether the model is compiled with the loss, the optimizer and the metrics that the file
   * names, where it does. Default: true.
   */
  compile?: boolean | undefined;
  /**
   * How many values a layer may give for one sample. A file of a few kilobytes can ask for any
   * number, and whoever predicts would run out of memory. Default: 2 ** 27, half a gigabyte.
   */
  maxOutputSize?: number | undefined;
}

/** What the files of a model hold, however they are laid out. */
interface Parts {
  model: JsonObject;
  /** Which Keras wrote it, where a file says so. */
  version?: string | undefined;
  /** `training_config` of a whole `.h5`. */
  training?: JsonObject | undefined;
  root: Hdf5Object;
  size: number;
}

/**
 * Loads a model that Keras has saved, without Python: a `.keras` file, a whole `.h5`, or the
 * architecture as JSON with the weights as HDF5, of Keras 2.1 to 3.
 *
 * LSTM, GRU, Embedding, Dropout and Bidirectional become the fast layers of this library. The
 * layers that can be loaded are Activation, BatchNormalization, Bidirectional, Concatenate,
 * Conv1D, Dense, Dropout, Embedding, Flatten, GRU, GlobalAveragePooling1D, GlobalMaxPooling1D,
 * InputLayer, LSTM, LayerNormalization, Masking, MaxPooling1D, RepeatVector, SimpleRNN,
 * SpatialDropout1D and TimeDistributed, in Sequential and functional models. A file may come from anybody: nothing in it is ever run, and the work that
 * it causes is bounded by its length.
 *
 * @param file The bytes of a `.keras` or `.h5` file, or `{ json, weights }`.
 * @param options `compile`: true by default; see {@link LoadKerasOptions}. The optimizer starts
 *   afresh: what it had gathered in Keras stays there.
 * @returns A `tf.Sequential` or `tf.LayersModel` with the weights of the file.
 * @throws RecurrentError for anything else, before any tensor is made: a layer or a setting that
 *   TensorFlow.js cannot compute as Keras does, named with its path; weights that do not fit; a
 *   damaged file.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createSentimentLstm, loadKerasModel, saveKerasModel } from 'tfjs-recurrent';
 *
 * const settings = { vocabularySize: 50, sequenceLength: 6, lstmUnits: 4, denseUnits: 4 };
 * const bytes = await saveKerasModel(createSentimentLstm(settings));
 * const model = await loadKerasModel(bytes);
 * console.log(model.layers.map((layer) => layer.getClassName()).join(' '));
 * // Embedding Dropout LSTM Dense Dropout Dense
 * console.log((model.predict(tf.zeros([2, 6])) as tf.Tensor).shape);
 * // [ 2, 1 ]
 * ```
 */
export async function loadKerasModel(
  file: Uint8Array | ArrayBuffer | KerasFiles,
  options: LoadKerasOptions = {},
): Promise<tfl.LayersModel> {
  requireKnownOptions(WHERE, options, ['compile', 'maxOutputSize']);
  const { compile = true, maxOutputSize = MAX_OUTPUT_SIZE } = options;
  requireBoolean(WHERE, 'compile', compile);
  const parts = await open(file);
  const architecture = readArchitecture(parts.model, kerasVersion(parts.model, parts.version));
  const written = parts.training ?? property(parts.model, 'compile_config');
  const state = compile && isObject(written) ? readCompileState(written) : null;
  const model = buildModel(architecture, parts.root, parts.size, maxOutputSize);
  if (state) compileAs(model, state());
  return model;
}

function compileAs(model: tfl.LayersModel, state: Parameters<tfl.LayersModel['compile']>[0]): void {
  try {
    model.compile(state);
    ownOptimizer(model);
  } catch (error) {
    model.dispose();
    (state.optimizer as tf.Optimizer).dispose();
    reject({
      where: WHERE,
      expected: `TensorFlow.js cannot compile the model as the file says: ${(error as Error).message}`,
      remedy: 'Pass { compile: false }, and compile the model yourself for training.',
    });
  }
}

async function open(file: Uint8Array | ArrayBuffer | KerasFiles): Promise<Parts> {
  const bytes = asBytes(file);
  if (bytes && isZip(bytes)) return openKeras(bytes);
  if (bytes && isHdf5(bytes)) return openWhole(bytes);
  if (bytes) refuseBytes('the file must be a .keras archive or an HDF5 file', bytes);
  const { json, weights } = (isObject(file) ? file : {}) as Partial<KerasFiles>;
  const weightBytes = asBytes(weights);
  const jsonBytes = asBytes(json);
  if (weightBytes === undefined || (typeof json !== 'string' && jsonBytes === undefined)) {
    reject({
      where: WHERE,
      expected: 'expected the bytes of a file, or { json, weights }',
      received: file,
      remedy: "In Node: loadKerasModel(await readFile('model.keras')).",
    });
  }
  const text = typeof json === 'string' ? json : decodeUtf8(jsonBytes!);
  if (!isHdf5(weightBytes)) refuseBytes('the weights must be an HDF5 file', weightBytes);
  return {
    model: parseArchitecture(text),
    root: openHdf5(weightBytes),
    size: weightBytes.length,
  };
}

function parseArchitecture(text: string): JsonObject {
  const model = parseJsonObject('the architecture', text);
  const className = property(model, 'class_name');
  const isOther = className === undefined && property(model, 'layers') === undefined;
  if (!isOther && className !== 'Tokenizer') return model;
  return refuseText('the architecture must be that of a model of Keras', text);
}

const ARCHIVE = { what: 'an archive of zip', remedy: 'If it is a .keras file, pass it alone.' };

/** Throws, and says what the bytes are if they are known. */
function refuseBytes(expected: string, bytes: Uint8Array): never {
  const kind = isZip(bytes) ? ARCHIVE : kindOfFile(bytes);
  if (kind)
    reject({ where: WHERE, expected: `${expected} and is ${kind.what}`, remedy: kind.remedy });
  reject({
    where: WHERE,
    expected: `${expected}, which begin otherwise`,
    received: bytes.slice(0, 8).join(' '),
  });
}

function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

async function openKeras(bytes: Uint8Array): Promise<Parts> {
  const zip = openZip(bytes);
  if (!zip.has('model.weights.h5')) {
    const kind = kindOfArchive(zip.names);
    reject({
      where: WHERE,
      expected: `the archive must hold config.json and model.weights.h5 and ${kind ? `is ${kind.what}` : 'does not'}`,
      remedy: kind?.remedy ?? "Save the model as one file in Keras: model.save('model.keras').",
    });
  }
  const config = decodeUtf8(await zip.read('config.json'));
  const weights = await zip.read('model.weights.h5');
  const metadata = zip.has('metadata.json')
    ? parseJsonObject('metadata.json', decodeUtf8(await zip.read('metadata.json')))
    : {};
  return {
    model: parseJsonObject('config.json', config),
    version: textOf(property(metadata, 'keras_version')),
    root: openHdf5(weights),
    size: weights.length,
  };
}

function openWhole(bytes: Uint8Array): Parts {
  const root = openHdf5(bytes);
  const [config] = root.texts('model_config') ?? [];
  if (config === undefined) {
    if (!holdsWeights(root)) {
      reject({
        where: WHERE,
        expected: 'the HDF5 file holds neither a model of Keras nor its weights',
        received: root.names(),
        remedy: "Save the model as one file in Keras: model.save('model.keras').",
      });
    }
    reject({
      where: WHERE,
      expected: 'the HDF5 file holds weights without an architecture',
      remedy: 'Pass { json, weights } with what model.to_json() of Keras returns.',
    });
  }
  const [training] = root.texts('training_config') ?? [];
  return {
    model: parseJsonObject('model_config', config),
    version: root.texts('keras_version')?.[0],
    training: training === undefined ? undefined : parseJsonObject('training_config', training),
    root,
    size: bytes.length,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
