import { beforeAll, describe, expect, it } from 'vitest';
import { tfl } from '../../../src/foundation/tensorflow.js';
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

const gruCases = readLayerCases().filter(({ config }) => config.layer === 'GRU');
const resetsAfter = ({ config }: LayerCase) => config.reset_after === true;
const inBothDirections = ({ config }: LayerCase) => config.wrapper !== null;

it('covers 27 GRU cases, 8 with reset_after and 1 Bidirectional GRU', () => {
  const after = gruCases.filter(resetsAfter).length;
  const wrapped = gruCases.filter(inBothDirections).length;
  expect([gruCases.length - after - wrapped, after, wrapped]).toEqual([27, 8, 1]);
});

it('follows Keras 2 and TensorFlow.js in the one case where Keras 3 departs', () => {
  const departures = gruCases.filter((golden) => golden.keras2_difference && !resetsAfter(golden));
  expect(departures.map(({ name, keras2_difference }) => [name, keras2_difference])).toEqual([
    [
      'gru_083',
      [
        'steps before the first unmasked one output 0 in Keras 3, but the initial state h in Keras 2.2.4/TensorFlow.js',
      ],
    ],
  ]);
});

const titled = (cases: LayerCase[]) => cases.map((golden) => [title(golden), golden] as const);

/** What the fused kernel computes; any other configuration needs the composed one. */
const canBeFused = ({ config }: LayerCase) =>
  config.activation === 'tanh' && config.recurrent_activation !== 'hard_sigmoid_keras3';

/** The harness asks for the layer under test by the name of its first, `lstm`. */
const ours = (golden: LayerCase, kernel: 'fused' | 'composed'): RecurrentFactories => ({
  lstm: ({ unitForgetBias: _, ...args }) =>
    layers.gru({
      ...args,
      resetAfter: golden.config.reset_after,
      kernel: kernel === 'fused' && !canBeFused(golden) ? 'auto' : kernel,
    }),
  bidirectional: layers.bidirectional,
});

describe.each(PATHS)(
  'layers.gru on $backend, $kernel, threads: $threads, agrees with Keras',
  ({ backend, kernel, threads, repeat }) => {
    beforeAll(async () => {
      await useBackend(backend);
      await ready({ threads });
    });

    const cases = gruCases.map((golden) => repeatRows(golden, repeat));
    it.each(titled(cases))('%s', async (_, golden) => {
      await expectAgreement(golden, ours(golden, kernel));
    });

    it('by the kernels it should run', async () => {
      for (const golden of gruCases) {
        const ran = await kernelsOf(golden, ours(golden, kernel));
        const fused = kernel === 'fused' && canBeFused(golden);
        const name = resetsAfter(golden) ? 'RecurrentGruResetAfter' : 'RecurrentGru';
        expect(
          ran.some((kernel) => [name, bothOf(name)].includes(kernel)),
          `${golden.name}: ${ran}`,
        ).toBe(fused);
      }
    });
  },
);

describe.skipIf(AGAIN)('the comparison notices', () => {
  beforeAll(() => useBackend('cpu'));
  const [after] = gruCases.filter(resetsAfter) as [LayerCase];
  const [before] = gruCases as [LayerCase];

  it('a reset gate that acts elsewhere', async () => {
    const lstm: RecurrentFactories['lstm'] = ({ unitForgetBias: _, ...args }) =>
      layers.gru({ ...args, resetAfter: true, useBias: false });
    const withoutBias = gruCases.find(
      (golden) => !golden.config.use_bias && !resetsAfter(golden),
    ) as LayerCase;
    await expect(expectAgreement(withoutBias, { ...tfl.layers, lstm })).rejects.toThrow(
      /^output_0\[/,
    );
  });

  it('gates in another order', async () => {
    const swapped = structuredClone(after);
    const { values, shape } = swapped.arrays.kernel!;
    const units = shape[1]! / 3;
    for (let row = 0; row < shape[0]!; row++) {
      const start = row * 3 * units;
      values.set(after.arrays.kernel!.values.subarray(start, start + units), start + units);
      values.set(after.arrays.kernel!.values.subarray(start + units, start + 2 * units), start);
    }
    await expect(expectAgreement(swapped, ours(swapped, 'fused'))).rejects.toThrow(/^output_0\[/);
  });

  it('another recurrent activation', async () => {
    const lstm: RecurrentFactories['lstm'] = ({ unitForgetBias: _, ...args }) =>
      layers.gru({ ...args, recurrentActivation: 'hardSigmoid' });
    await expect(expectAgreement(before, { ...tfl.layers, lstm })).rejects.toThrow(/^output_0\[/);
  });
});
