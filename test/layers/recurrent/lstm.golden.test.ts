import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, ready } from '../../../src/index.js';
import { AGAIN } from '../../again.js';
import { type LayerCase, readLayerCases } from '../../golden/read.js';
import {
  bothOf,
  expectAgreement,
  kernelsOf,
  PATHS,
  type RecurrentFactories,
  useBackend,
} from '../golden.js';
import { repeatRows, title } from '../golden-cases.js';

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

const titled = (cases: LayerCase[]) => cases.map((golden) => [title(golden), golden] as const);

/** What the fused kernel computes; any other configuration needs the composed one. */
function canBeFused({ config }: LayerCase): boolean {
  return config.activation === 'tanh' && config.recurrent_activation !== 'hard_sigmoid_keras3';
}

/** Our layers; where the fused kernel cannot, 'auto' must fall back by itself. */
function ours(golden: LayerCase, kernel: 'fused' | 'composed'): RecurrentFactories {
  const chosen = kernel === 'fused' && !canBeFused(golden) ? 'auto' : kernel;
  return {
    lstm: (args) => layers.lstm({ ...args, kernel: chosen }),
    bidirectional: layers.bidirectional,
  };
}

describe.each(PATHS)(
  'layers.lstm on $backend, $kernel, threads: $threads, agrees with Keras',
  ({ backend, kernel, threads, repeat }) => {
    beforeAll(async () => {
      await useBackend(backend);
      await ready({ threads });
    });

    const cases = lstmCases.map((golden) => repeatRows(golden, repeat));
    it.each(titled(cases))('%s', async (_, golden) => {
      await expectAgreement(golden, ours(golden, kernel));
    });

    it('by the kernels it should run', async () => {
      for (const golden of lstmCases) {
        const ran = await kernelsOf(golden, ours(golden, kernel));
        const fused = kernel === 'fused' && canBeFused(golden);
        expect(
          ran.some((kernel) => ['RecurrentLstm', bothOf('RecurrentLstm')].includes(kernel)),
          `${golden.name}: ${ran}`,
        ).toBe(fused);
        expect(ran.includes('Sigmoid'), `${golden.name}: ${ran}`).toBe(
          !fused && golden.config.recurrent_activation === 'sigmoid',
        );
      }
    });
  },
);

describe.skipIf(AGAIN)("kernel: 'fused' says why it cannot compute", () => {
  beforeAll(() => useBackend('cpu'));

  it.each(titled(lstmCases.filter((golden) => !canBeFused(golden))))('%s', async (_, golden) => {
    const lstm: RecurrentFactories['lstm'] = (args) => layers.lstm({ ...args, kernel: 'fused' });
    const relu = golden.config.activation === 'relu';
    const reason = relu ? "activation is 'relu'" : "recurrentActivation is 'hardSigmoidOfKeras3'";
    await expect(expectAgreement(golden, { ...tfl.layers, lstm })).rejects.toThrow(
      `layers.lstm: kernel: 'fused' was asked for, but ${reason}. ` +
        "With kernel: 'auto' the layer falls back to TensorFlow.js operations.",
    );
  });
});

describe.skipIf(AGAIN)('stock TensorFlow.js, the control of these tests, agrees with Keras', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(titled(lstmCases))('%s', async (_, golden) => {
    // It cannot differentiate an input of a single step.
    await expectAgreement(golden, tfl.layers, golden.time === 1 ? ['grad_input'] : []);
  });
});

describe.skipIf(AGAIN)('the comparison notices', () => {
  beforeAll(() => useBackend('cpu'));
  const [golden] = lstmCases as [(typeof lstmCases)[0]];

  it('another recurrent activation', async () => {
    const lstm: RecurrentFactories['lstm'] = (args) =>
      tfl.layers.lstm({ ...args, recurrentActivation: 'hardSigmoid' });
    await expect(expectAgreement(golden, { ...tfl.layers, lstm })).rejects.toThrow(
      /^output_0\[\d, \d\] is -?0\.\d+/,
    );
  });

  it('a bias that forgets', async () => {
    const lstm: RecurrentFactories['lstm'] = (args) =>
      tfl.layers.lstm({ ...args, unitForgetBias: false });
    await expect(expectAgreement(golden, { ...tfl.layers, lstm })).rejects.toThrow(
      'the biases before training',
    );
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
        await expect(expectAgreement(tampered, tfl.layers)).rejects.toThrow(`${name}[`);
      }
    }
  });

  it('a tensor left over', async () => {
    const lstm: RecurrentFactories['lstm'] = (args) => {
      tf.keep(tf.zeros([1]));
      return tfl.layers.lstm(args);
    };
    await expect(expectAgreement(golden, { ...tfl.layers, lstm })).rejects.toThrow(
      'tensors left over',
    );
  });
});
