/** Forecaster: a saved TimeseriesForecaster that only forecasts, without TensorFlow.js. */
import { type Forecast, recentTable, toForecast } from '../models/series/forecast.js';
import type { ForecastState } from '../models/series/forecaster-state.js';
import { readingOf, understand } from '../models/series/reading.js';
import { scaled } from '../models/series/scaling.js';
import type { Observation } from '../models/series/series-data.js';
import { windowValues } from '../models/series/window-values.js';
import type { Predictor } from './predictor.js';

/**
 * Forecasts series by the kernels of this library on one thread, without TensorFlow.js. Made by
 * {@link loadForecaster}.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { TimeseriesForecaster } from 'tfjs-recurrent';
 * import { loadForecaster, type SavedParts } from 'tfjs-recurrent/predict';
 *
 * const tides = Array.from({ length: 300 }, (_, hour) => 50 + 20 * Math.sin((Math.PI * hour) / 6));
 * const trained = await TimeseriesForecaster.train(tides, { window: 12, horizon: 3, epochs: 1, seed: 1 });
 * let saved: SavedParts | undefined;
 * await trained.save(tf.io.withSaveHandler(async (artifacts) => {
 *   saved = artifacts as SavedParts;
 *   return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
 * }));
 *
 * const forecaster = await loadForecaster(saved!);
 * console.log(forecaster.window, forecaster.horizon);
 * // 12 3
 * ```
 */
export class Forecaster<Row extends Observation = number> {
  readonly #predictor: Predictor;
  readonly #state: ForecastState;

  /** @internal */
  constructor(predictor: Predictor, state: ForecastState) {
    this.#predictor = predictor;
    this.#state = state;
  }

  /** The names of the columns that it reads. */
  get columns(): readonly string[] {
    return this.#state.columns.names;
  }

  /** The names of the columns that it forecasts. */
  get targets(): readonly string[] {
    return this.#state.targets;
  }

  /** How many steps it reads. */
  get window(): number {
    return this.#state.window;
  }

  /** How many steps it forecasts. */
  get horizon(): number {
    return this.#state.horizon;
  }

  /** How many of the values are to be within their interval. */
  get coverage(): number {
    return this.#state.coverage;
  }

  /**
   * Forecasts what follows, with the numbers of `TimeseriesForecaster.predict`, to the bit.
   *
   * @param recent What has been observed last, by time, in the form and with the columns of training: at least
   *   `window` steps, of which the last are read.
   * @returns `horizon` steps in the units of the data, each in the form of the observations.
   * @throws RecurrentError when there are fewer steps, or one is not as those of training.
   */
  async predict(recent: ArrayLike<Row>): Promise<Forecast<Row>> {
    const where = 'Forecaster.predict';
    const state = this.#state;
    const { window, scaling, horizon, targets } = state;
    const reading = readingOf(state);
    const table = recentTable(where, recent, state);
    const origin = { series: 0, time: window };
    const width = scaling.offset.length;
    const relative = reading.relative ? reading.places : [];
    const data = windowValues([scaled(table, scaling)], [origin], window, width, relative);
    const { data: outputs } = await this.#predictor.predict({ data, shape: [1, window, width] });
    const values = new Float64Array(horizon * targets.length);
    understand(where, reading, [table], origin, outputs, 0, values);
    return toForecast<Row>(values, state);
  }
}
