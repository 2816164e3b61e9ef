import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKerasModel, saveKerasModel, TimeseriesForecaster } from '../../../src/index.js';
import { printedBy, pythonWithKeras } from '../../keras/python.js';
import { SMALL, seasonal } from './series.js';

const rows = seasonal(90, { level: 40 }).map((value, time) => [value, Math.cos(time), 3 * value]);

const CASES: Record<string, Parameters<typeof TimeseriesForecaster.train>[1]> = {
  lstm: { ...SMALL, targets: ['2', '0'] },
  gru: { ...SMALL, cell: 'gru', relative: false, scaling: 'minMax' },
  stack: { ...SMALL, units: [5, 3], dropoutRate: 0.2, horizon: 5, targets: ['1'] },
  rnn: { ...SMALL, cell: 'simpleRNN', horizon: 1 },
};

const python = pythonWithKeras();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each(Object.entries(CASES))('a %s comes back from .keras as it was', async (_, options) => {
  const { model, window } = await TimeseriesForecaster.train(rows, options);
  const again = await loadKerasModel((await saveKerasModel(model)) as Uint8Array);
  const x = tf.randomNormal([3, window, 3], 0, 1, 'float32', 1);
  const [before, after] = [model, again].map((one) =>
    Array.from((one.predict(x) as tf.Tensor).dataSync()),
  );
  expect(after).toEqual(before);
});

describe.runIf(python !== undefined)('real Keras', () => {
  let folder: string;
  let lines: { name: string; difference?: number; error?: string }[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'series-keras-'));
    for (const [name, options] of Object.entries(CASES)) {
      const forecaster = await TimeseriesForecaster.train(rows, options);
      const { columns, targets, scaling, relative, model } = forecaster;
      const { values } = await forecaster.predict(rows);
      const settings = { recent: rows, ...scaling, relative, values };
      const places = targets.map((target) => columns.indexOf(target));
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...settings, targets: places }));
      writeFileSync(join(folder, `${name}.keras`), (await saveKerasModel(model)) as Uint8Array);
    }
    const script = new URL('forecast_with_keras.py', import.meta.url);
    const printed = await printedBy(python!, script, folder);
    lines = printed.map((line) => JSON.parse(line));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.keys(CASES))('forecasts the same with a %s', (name) => {
    const line = lines.find((one) => one.name === name);
    expect(line?.error).toBeUndefined();
    expect(line?.difference).toBeLessThan(1e-6);
  });
});
