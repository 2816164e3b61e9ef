import { beforeAll, describe, expect, it } from 'vitest';
import { tfl } from '../../src/foundation/tensorflow.js';
import { type LayerCase, readLayerCases } from '../golden/read.js';
import { comparedArrays, expectAgreement, title, useBackend } from './golden.js';

const lstmCases = readLayerCases().filter(({ config }) => config.layer === 'LSTM');

describe('stock TensorFlow.js, the control of these tests', () => {
  beforeAll(() => useBackend('cpu'));
  it.each(lstmCases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
    await expectAgreement(golden, tfl.layers.lstm, golden.time === 1 ? ['grad_input'] : []);
  });
});
