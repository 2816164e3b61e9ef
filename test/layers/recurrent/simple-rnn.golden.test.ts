import { beforeAll, describe, expect, it } from 'vitest';
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

const rnnCases = readLayerCases().filter(({ config }) => config.layer === 'SimpleRNN');

it('covers 22 SimpleRNN cases, two of them with relu, and 1 Bidirectional SimpleRNN', () => {
  const wrapped = rnnCases.filter(({ config }) => config.wrapper !== null);
  expect([rnnCases.length - wrapped.length, wrapped.length]).toEqual([22, 1]);
  expect(rnnCases.filter(({ config }) => config.activation === 'relu')).toHaveLength(2);
});

/** The harness asks for the layer under test by the name of its first, `lstm`. */
const ours = (kernel: 'fused' | 'composed'): RecurrentFactories => ({
  lstm: ({ recurrentActivation: _, unitForgetBias: __, ...args }) =>
    layers.simpleRNN({ ...args, kernel }),
  bidirectional: layers.bidirectional,
});

describe.each(PATHS)(
  'layers.simpleRNN on $backend, $kernel, threads: $threads, agrees with Keras',
  ({ backend, kernel, threads, repeat }) => {
    beforeAll(async () => {
      await useBackend(backend);
      await ready({ threads });
    });

    const cases = rnnCases.map((golden) => repeatRows(golden, repeat));
    it.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
      await expectAgreement(golden, ours(kernel));
    });

    it('by the kernels it should run', async () => {
      for (const golden of rnnCases) {
        const ran = await kernelsOf(golden, ours(kernel));
        expect(
          ran.some((kernel) =>
            ['RecurrentSimpleRnn', bothOf('RecurrentSimpleRnn')].includes(kernel),
          ),
          `${golden.name}: ${ran}`,
        ).toBe(kernel === 'fused');
      }
    });
  },
);

describe.skipIf(AGAIN)('the comparison notices', () => {
  beforeAll(() => useBackend('cpu'));
  const [first] = rnnCases as [LayerCase];

  it('another activation', async () => {
    const lstm: RecurrentFactories['lstm'] = (args) =>
      ours('fused').lstm({ ...args, activation: 'relu' });
    await expect(expectAgreement(first, { ...ours('fused'), lstm })).rejects.toThrow(/^output_0\[/);
  });

  it('a sequence that is read the other way', async () => {
    const lstm: RecurrentFactories['lstm'] = (args) =>
      ours('fused').lstm({ ...args, goBackwards: true });
    await expect(expectAgreement(first, { ...ours('fused'), lstm })).rejects.toThrow(/^output_0\[/);
  });
});
