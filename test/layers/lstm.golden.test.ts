import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { readLayerCases } from '../golden/read.js';
import { expectAgreement, useBackend } from './golden.js';
import { title } from './golden-cases.js';

const lstmCases = readLayerCases().filter(({ config }) => config.layer === 'LSTM');

it('covers 60 LSTM and 20 Bidirectional LSTM cases', () => {
  const wrapped = lstmCases.filter(({ config }) => config.wrapper !== null);
  expect([lstmCases.length - wrapped.length, wrapped.length]).toEqual([60, 20]);
});

/**
 * Keras 3 departs from Keras 2.2.4 and TensorFlow.js here, and we follow the
 * latter: golden-cases.ts turns Keras 3's numbers into theirs. Keras 3's own
 * hard_sigmoid is given to the layer as a custom activation.
 */
it('follows Keras 2 and TensorFlow.js in the five cases where Keras 3 departs', () => {
  const departures = lstmCases.flatMap(({ name, keras2_difference }) =>
    (keras2_difference ?? []).map((reason) => [name, reason]),
  );
  const leadingSteps =
    'steps before the first unmasked one output 0 in Keras 3, but the initial state h in Keras 2.2.4/TensorFlow.js';
  const zeroedSteps =
    "Bidirectional + mask + return_sequences: Keras 3 zeroes each direction's output at masked steps";
  expect(departures).toEqual([
    ['lstm_025', 'Keras 3 hard_sigmoid is relu6(x+3)/6'],
    ['lstm_051', leadingSteps],
    ['lstm_052', leadingSteps],
    ['bidirectional_129', zeroedSteps],
    ['bidirectional_130', zeroedSteps],
  ]);
});

it('needs no more tolerance than 1e-5: the noise of Keras is less than a quarter of it', () => {
  for (const { name, noise, scale } of lstmCases) {
    for (const [array, size] of Object.entries(noise)) {
      expect(4 * size, `${name} ${array}`).toBeLessThanOrEqual(1e-5 * scale[array]!);
    }
  }
});

describe('stock TensorFlow.js, the control of these tests, agrees with Keras', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(lstmCases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
    // It cannot differentiate an input of a single step.
    await expectAgreement(golden, tfl.layers.lstm, golden.time === 1 ? ['grad_input'] : []);
  });
});

describe('the comparison notices', () => {
  beforeAll(() => useBackend('cpu'));
  const [golden] = lstmCases as [(typeof lstmCases)[0]];

  it('another recurrent activation', async () => {
    const other: typeof tfl.layers.lstm = (args) =>
      tfl.layers.lstm({ ...args, recurrentActivation: 'hardSigmoid' });
    await expect(expectAgreement(golden, other)).rejects.toThrow(/^output_0\[\d, \d\] is -?0\.\d+/);
  });

  it('a bias that forgets', async () => {
    const other: typeof tfl.layers.lstm = (args) =>
      tfl.layers.lstm({ ...args, unitForgetBias: false });
    await expect(expectAgreement(golden, other)).rejects.toThrow('the biases before training');
  });

  it('any array that is off by 2e-5 of its largest value, and NaN', async () => {
    const names = Object.keys(golden.scale);
    expect(names).toEqual([
      'output_0',
      'grad_input',
      'grad_kernel',
      'grad_recurrent_kernel',
      'grad_bias',
    ]);
    for (const name of names) {
      for (const error of [2e-5 * golden.scale[name]!, Number.NaN]) {
        const tampered = structuredClone(golden);
        tampered.arrays[name]!.values[1]! += error;
        await expect(expectAgreement(tampered, tfl.layers.lstm)).rejects.toThrow(`${name}[`);
      }
    }
  });

  it('a tensor left over', async () => {
    const leaking: typeof tfl.layers.lstm = (args) => {
      tf.keep(tf.zeros([1]));
      return tfl.layers.lstm(args);
    };
    await expect(expectAgreement(golden, leaking)).rejects.toThrow('tensors left over');
  });
});
