import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { RecurrentError, SentimentClassifier, TimeseriesForecaster } from '../../../src/index.js';
import { fileSystem } from '../../../src/node.js';
import { inMemory } from '../../in-memory.js';
import { SMALL, seasonal } from './series.js';

const folder = await mkdtemp(join(tmpdir(), 'forecaster-'));
const rows = seasonal(80).map((value, time) => ({ tide: value, wind: Math.cos(time) }));
const options = { ...SMALL, targets: ['wind'], scaling: 'minMax', coverage: 0.6 } as const;
let forecaster: TimeseriesForecaster<{ tide: number; wind: number }>;

beforeAll(async () => {
  await tf.setBackend('cpu');
  forecaster = await TimeseriesForecaster.train(rows, options);
});
afterAll(() => rm(folder, { recursive: true }));

describe('a forecaster that was saved', () => {
  test('comes back whole, and forecasts the same', async () => {
    await forecaster.save(fileSystem(folder));
    const loaded = await TimeseriesForecaster.load<{ tide: number; wind: number }>(
      fileSystem(folder),
    );
    const { model: _, ...facts } = loaded;
    const { model: __, ...expected } = forecaster;
    expect(facts).toEqual(expected);
    expect(facts).toMatchObject({ columns: ['tide', 'wind'], targets: ['wind'], coverage: 0.6 });
    expect(await loaded.predict(rows)).toEqual(await forecaster.predict(rows));
    const walk = { seasonalPeriod: 12 };
    expect(await loaded.evaluate(rows, walk)).toEqual(await forecaster.evaluate(rows, walk));
  });

  test('is a model that TensorFlow.js loads', async () => {
    await forecaster.save(fileSystem(folder));
    const model = await loadLayersModel(fileSystem(folder));
    expect(model.inputs[0]?.shape).toEqual([null, 6, 2]);
  });

  test('can be saved and loaded again, and leaves no tensors', async () => {
    const { handler, saved } = inMemory();
    await forecaster.save(handler);
    const first = saved.json;
    const before = tf.memory().numTensors;
    const loaded = await TimeseriesForecaster.load(handler);
    await loaded.save(handler);
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(JSON.parse(saved.json).userDefinedMetadata).toEqual(
      JSON.parse(first).userDefinedMetadata,
    );
  });
});

describe('TimeseriesForecaster.load rejects', () => {
  /** Loads what was saved with something changed, and without the checksum unless that is kept. */
  async function failure(change: (fields: Record<string, unknown>) => void, keep = false) {
    const { handler, saved } = inMemory();
    await forecaster.save(handler);
    const json = JSON.parse(saved.json);
    const fields = json.userDefinedMetadata.timeseriesForecaster;
    if (!keep) delete fields.crc32;
    change(fields);
    saved.json = JSON.stringify(json);
    const before = tf.memory().numTensors;
    const error = await TimeseriesForecaster.load(handler).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RecurrentError);
    expect(tf.memory().numTensors).toBe(before);
    return reasonOf(error);
  }

  const damage = (what: string) =>
    `TimeseriesForecaster.load: the saved forecaster is damaged: ${what}. Save it again with TimeseriesForecaster.save.`;

  test('what has changed since', async () => {
    const changed = await failure((fields) => {
      (fields.radius as number[])[0]! += 1;
    }, true);
    expect(changed).toBe(damage('it has changed since it was saved'));
  });

  test.each<[string, unknown, string]>([
    ['window', 0, 'its window is 0'],
    ['window', 7, 'its model is not that of a forecaster'],
    ['horizon', 3, 'its radius is [0'],
    ['form', 'table', 'its form is "table"'],
    ['columns', ['tide'], 'its targets is ["wind"]'],
    ['targets', [], 'its targets is []'],
    ['scaling', { method: 'minMax', offset: [0, 0], scale: [1, 0] }, 'its scaling is [1, 0]'],
    ['scaling', null, 'its scaling is null'],
    ['relative', 1, 'its relative is 1'],
    ['coverage', 1, 'its coverage is 1'],
    ['radius', [1, -1], 'its radius is [1, -1]'],
    ['radius', [1, null], 'its radius is [1, null]'],
    ['naiveErrors', 'x', 'its naiveErrors is "x"'],
    ['history', 3, 'its history is 3'],
    ['surprise', 3, 'it has an unknown surprise'],
  ])('a wrong %s', async (name, value, what) => {
    const message = await failure((fields) => {
      fields[name] = value;
    });
    expect(message).toContain(`the saved forecaster is damaged: ${what}`);
  });

  test('what is none', async () => {
    const { handler } = inMemory();
    await forecaster.model.save(handler);
    await expect(TimeseriesForecaster.load(handler)).rejects.toThrow(
      'TimeseriesForecaster.load: the model was not saved by TimeseriesForecaster.save: it has no scaling. Load it with tf.loadLayersModel.',
    );
    await forecaster.save(handler);
    await expect(SentimentClassifier.load(handler)).rejects.toThrow('it has no tokenizer');
  });
});
