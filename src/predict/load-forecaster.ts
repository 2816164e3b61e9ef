/** loadForecaster: a forecaster from what TimeseriesForecaster.save has written. */
import { RecurrentError, reject } from '../foundation/errors.js';
import { FORECASTER } from '../models/series/forecaster-kind.js';
import type { Observation } from '../models/series/series-data.js';
import type { Forecaster } from './forecaster.js';
import { graphOf } from './load-predictor.js';
import { newMachine } from './machine.js';
import { Predictor } from './predictor.js';
import {
  isBytes,
  partsOf,
  type PredictorFiles,
  type ReadPredictorFiles,
  readFiles,
} from './reading/open-files.js';
import type { SavedParts } from './reading/parts.js';
import { readMetadata } from './reading/saved-metadata.js';
import { joined, savedWeights } from './reading/saved-weights.js';
import { NO_WORDS } from './reading/saved-words.js';

const WHERE = 'loadForecaster';

/**
 * Loads a saved TimeseriesForecaster for forecasting alone, without TensorFlow.js.
 *
 * @param source `{ json, weights }`, which are `model.json` and the bytes of the files that it names, in its
 *   order; or what a handler of `TimeseriesForecaster.save` is given.
 * @returns A forecaster whose numbers are, to the bit, those of the saved one on the cpu backend of TensorFlow.js.
 * @throws RecurrentError for what is no forecaster, a damaged one, and where WebAssembly with SIMD is missing.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { TimeseriesForecaster } from 'tfjs-recurrent';
 * import { loadForecaster, type SavedParts } from 'tfjs-recurrent/predict';
 *
 * const tides = Array.from({ length: 300 }, (_, hour) => 50 + 20 * Math.sin((Math.PI * hour) / 6));
 * const settings = { window: 12, horizon: 3, units: 16, epochs: 30, learningRate: 0.01, seed: 1 };
 * const trained = await TimeseriesForecaster.train(tides, settings);
 * let saved: SavedParts | undefined;
 * await trained.save(tf.io.withSaveHandler(async (artifacts) => {
 *   saved = artifacts as SavedParts;
 *   return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
 * }));
 *
 * const forecaster = await loadForecaster(saved!);
 * const { values } = await forecaster.predict(tides); // hours 300, 301 and 302
 * console.log(values.map((value) => value.toFixed()).join(' '));
 * // 50 60 67
 * ```
 */
export async function loadForecaster<Row extends Observation = number>(
  source: PredictorFiles | SavedParts,
): Promise<Forecaster<Row>> {
  try {
    return await open<Row>(source);
  } catch (cause) {
    if (!(cause instanceof RecurrentError)) throw cause;
    const message = cause.message.replace(/^loadPredictor:/, `${WHERE}:`);
    throw message === cause.message ? cause : new RecurrentError(message, { cause });
  }
}

async function open<Row extends Observation>(
  source: PredictorFiles | SavedParts,
): Promise<Forecaster<Row>> {
  const files = await readFiles(source);
  const parts = isBytes(files) ? null : partsOf(files as ReadPredictorFiles | SavedParts);
  if (!parts || !Object.hasOwn(Object(parts.userDefinedMetadata), FORECASTER.key)) {
    reject({
      where: WHERE,
      expected: 'the model was not saved by TimeseriesForecaster.save',
      remedy: 'Load it with loadPredictor.',
      see: 'not-a-model-file',
    });
  }
  const [{ Forecaster: Class }, { readForecasterState }, machine] = await Promise.all([
    import('./forecaster.js'),
    import('../models/series/forecaster-state.js'),
    newMachine(),
  ]);
  const bytes = joined(parts.weightData);
  const state = readForecasterState(
    WHERE,
    readMetadata(parts, bytes, FORECASTER.key, FORECASTER.version),
  );
  const graph = graphOf(machine, parts, savedWeights(parts.weightSpecs, bytes));
  return new Class<Row>(new Predictor(machine, graph, NO_WORDS, null), state);
}
