import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, test, vi } from 'vitest';
import { TimeseriesForecaster } from '../../../src/index.js';
import { record } from '../../../src/kernels/bridge/small-tape.js';
import { stepWithoutTape } from '../../../src/layers/model/without-tape/step.js';
import { SMALL, seasonal } from './series.js';

// What layers and losses without a kernel are recorded on.
vi.mock('../../../src/kernels/bridge/small-tape.js', { spy: true });
vi.mock('../../../src/layers/model/without-tape/step.js', { spy: true });

afterEach(() => {
  vi.clearAllMocks();
});

test.each([
  ['cpu', 'lstm'],
  ['cpu', 'gru'],
  ['cpu', 'simpleRNN'],
  ['wasm', 'lstm'],
] as const)('on %s a forecaster of a %s trains by kernels alone', async (backend, cell) => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
  await tf.setBackend(backend);
  const taped = vi.spyOn(tf.engine(), 'gradients');
  const rows = seasonal(60).map((value, time) => [value, Math.cos(time)]);
  const stacked = { cell, units: [6, 4], horizon: 3, dropoutRate: 0.1, batchSize: 10 };
  const { history } = await TimeseriesForecaster.train(rows, { ...SMALL, ...stacked });
  expect(history.epoch).toEqual([0]);
  // 40 windows in the first 48 steps.
  expect(stepWithoutTape).toHaveBeenCalledTimes(4);
  expect(vi.mocked(stepWithoutTape).mock.results.every(({ value }) => value !== null)).toBe(true);
  expect(record).not.toHaveBeenCalled();
  expect(taped).not.toHaveBeenCalled();
});
