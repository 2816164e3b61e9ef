/** loadKerasModel: a model of Keras, from the bytes of its files, in Node and in browsers. */
import { complain, reject } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { readArchitecture } from './architecture/architecture.js';
import { buildModel } from './build-model.js';
import { CompileError } from './compiled/compile-part.js';
import { compileAsWritten } from './compiled/compile-state.js';
import { kerasVersion } from './architecture/keras-version.js';
import { type KerasFiles, openParts, type Parts } from './open-parts.js';
import { MAX_OUTPUT_SIZE } from './architecture/output-sizes.js';
import { TENSORFLOW_LAYERS } from './settings/tensorflow-layers.js';
import { isObject, type JsonObject, parseJsonObject, property } from './read-json.js';

export type { KerasFiles } from './open-parts.js';

const WHERE = 'loadKerasModel';

/** What {@link loadKerasModel} is told. */
export interface LoadKerasOptions {
  /**
   * Whether the model is compiled with the loss, the optimizer and the metrics that the file
   * names, where it does. Left out, a model whose compile state cannot be had here is loaded all
   * the same, uncompiled, with a warning on the console that names what was left out; `true` throws
   * then, and `false` never compiles.
   */
  compile?: boolean | undefined;
  /**
   * How many values a layer may give for one sample; all layers together may give eight times as
   * many. A file of a few kilobytes can ask for any number, and whoever predicts would run out of
   * memory. Default: 2 ** 27, half a gigabyte.
   */
  maxOutputSize?: number | undefined;
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
 * @param file A `.keras` or `.h5` file, as bytes or as the `File` of a page, or `{ json, weights }`.
 * @param options `compile`: left out, the model is compiled as the file says; where TensorFlow.js
 *   cannot, it is not compiled, and a warning names what was left out. See {@link LoadKerasOptions}.
 *   The optimizer starts afresh: what it had gathered in Keras stays there.
 * @returns A `tf.Sequential` or `tf.LayersModel` with the weights of the file.
 * @throws RecurrentError for anything else, and leaves no tensor behind: a layer or a setting that
 *   TensorFlow.js cannot compute as Keras does, named with its path; weights that do not fit; a
 *   layer that gives more than `maxOutputSize` values; a damaged file, and one that is no model of
 *   Keras, with what it is; with `compile: true` a loss, an optimizer or a metric that
 *   cannot be had here.
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
  file: Uint8Array | ArrayBuffer | Blob | KerasFiles,
  options: LoadKerasOptions = {},
): Promise<tfl.LayersModel> {
  requireKnownOptions(WHERE, options, ['compile', 'maxOutputSize']);
  if (options.compile !== undefined) requireBoolean(WHERE, 'compile', options.compile);
  const { model, warning } = await readKerasModel(file, options);
  if (warning !== undefined) console.warn(warning);
  return model;
}

/** What messages tell the reader to pass. */
export interface OptionNames {
  uncompiled: string;
  largerOutputs: string;
}

const IN_CODE: OptionNames = {
  uncompiled: '{ compile: false }',
  largerOutputs: '{ maxOutputSize } with a larger number',
};

/** The same for those who have a place of their own for the warning. */
export async function readKerasModel(
  file: Uint8Array | ArrayBuffer | Blob | KerasFiles,
  { compile, maxOutputSize = MAX_OUTPUT_SIZE }: LoadKerasOptions,
  names: OptionNames = IN_CODE,
): Promise<{ model: tfl.LayersModel; warning?: string | undefined }> {
  const parts = await openParts(file);
  const version = kerasVersion(parts.model, parts.version);
  const architecture = readArchitecture(parts.model, {
    kerasVersion: version,
    maker: TENSORFLOW_LAYERS,
  });
  const limit = { maxOutputSize, toRaise: names.largerOutputs };
  const model = buildModel(architecture, parts.root, parts.size, limit);
  if (compile === false) return { model };
  try {
    const written = compileStateOf(parts);
    const note = written && compileAsWritten(model, written, version);
    return { model, warning: note && warn(note, names) };
  } catch (error) {
    if (error instanceof CompileError && compile !== true) {
      return { model, warning: warn(`the model is not compiled: ${error.reason}`, names) };
    }
    model.dispose();
    if (!(error instanceof CompileError)) throw error;
    return reject({
      where: WHERE,
      expected: error.reason,
      remedy: `Pass ${names.uncompiled}, and compile the model yourself for training.`,
      see: 'unsupported-keras-compile',
    });
  }
}

function warn(what: string, { uncompiled }: OptionNames): string {
  const remedy = `For training, compile the model yourself; ${uncompiled} spares you this warning.`;
  return complain({ where: WHERE, expected: what, remedy });
}

function compileStateOf({ model, training }: Parts): JsonObject | undefined {
  const written = training ?? property(model, 'compile_config');
  if (typeof written !== 'string') return isObject(written) ? written : undefined;
  try {
    return parseJsonObject('training_config', written);
  } catch {
    throw new CompileError('training_config of the file is no JSON that can be read');
  }
}
