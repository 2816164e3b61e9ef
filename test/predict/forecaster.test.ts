import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TimeseriesForecasterOptions } from '../../src/models/series/forecaster-options.js';
import type { Observation } from '../../src/models/series/series-data.js';
import { TimeseriesForecaster } from '../../src/models/series/timeseries-forecaster.js';
import { loadForecaster } from '../../src/predict/load-forecaster.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { inMemory } from '../in-memory.js';
import { SMALL, seasonal } from '../models/series/series.js';

beforeAll(() => tf.setBackend('cpu'));

const numbers = seasonal(80, { level: 1000 });
const lists = numbers.map((value, time) => [value, Math.cos(time)]);
const objects = lists.map(([tide, wind]) => ({ tide: tide!, wind: wind! }));

async function saved<Row extends Observation>(data: Row[], options: object = {}) {
  const settings = { ...SMALL, ...options } as TimeseriesForecasterOptions;
  const forecaster = await TimeseriesForecaster.train(data, settings);
  const { handler, saved: files } = inMemory();
  await forecaster.save(handler);
  const parts = () => ({ ...JSON.parse(files.json), weightData: files.weights });
  return { forecaster, parts };
}

describe('a saved forecaster forecasts without TensorFlow.js as with it, to the bit', () => {
  test.each<[string, Observation[], object]>([
    ['numbers', numbers, {}],
    ['numbers, each from the last', numbers, { relative: true, scaling: 'minMax' }],
    ['lists', lists, { relative: true }],
    ['objects, of which one column is forecast', objects, { targets: ['wind'], coverage: 0.6 }],
  ])('%s', async (_, data, options) => {
    const { forecaster, parts } = await saved(data, options);
    const loaded = await loadForecaster<Observation>(parts());
    expect(await loaded.predict(data)).toEqual(await forecaster.predict(data));
    expect(await loaded.predict(data.slice(0, 6))).toEqual(
      await forecaster.predict(data.slice(0, 6)),
    );
    const { columns, targets, window, horizon, coverage } = forecaster;
    const facts = { columns, targets, window, horizon, coverage };
    const told = { columns: loaded.columns, targets: loaded.targets, window: loaded.window };
    expect({ ...told, horizon: loaded.horizon, coverage: loaded.coverage }).toEqual(facts);
  });
});

test('what is no forecaster, a damaged one, and a window that is too short are refused', async () => {
  const { parts } = await saved(numbers);
  await expect(loadPredictor(parts())).rejects.toThrow(
    'loadPredictor: what was saved is a TimeseriesForecaster, which scales what it is given. ' +
      'Load it with loadForecaster.',
  );
  const { userDefinedMetadata: _, ...plain } = parts();
  await expect(loadForecaster(plain)).rejects.toThrow(
    'loadForecaster: the model was not saved by TimeseriesForecaster.save. Load it with loadPredictor.',
  );
  const damaged = parts();
  damaged.userDefinedMetadata.timeseriesForecaster.window = 7;
  await expect(loadForecaster(damaged)).rejects.toThrow(
    'loadForecaster: the model is damaged: it has changed since it was saved. ' +
      'Take it from a copy, or save it again.',
  );
  const forecaster = await loadForecaster(parts());
  await expect(forecaster.predict(numbers.slice(0, 5))).rejects.toThrow(
    'Forecaster.predict: recent must have at least 6 steps, which are a window, received 5. ' +
      'Give more of what was observed before.',
  );
});
