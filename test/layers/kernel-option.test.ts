import { beforeAll, describe, expect, it } from 'vitest';
import { RecurrentError } from '../../src/foundation/errors.js';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers } from '../../src/index.js';
import type { LstmLayerArgs } from '../../src/layers/recurrent/lstm.js';
import {
  BACKENDS,
  expectClose,
  generator,
  inTidy,
  uniform,
  unwatched,
  useBackend,
} from '../kernels/kernels.js';

/** The names of the kernels that a call of the layer runs. */
async function kernelsOf(
  layer: tfl.layers.Layer,
  x: tf.Tensor,
  training = false,
): Promise<string[]> {
  tf.tidy(() => void layer.apply(x)); // the first call builds the weights
  const { kernelNames } = await tf.profile(() => tf.tidy(() => void layer.apply(x, { training })));
  return kernelNames;
}

const MAKERS = {
  lstm: (kernel: string) => layers.lstm({ units: 3, kernel } as LstmLayerArgs),
  embedding: (kernel: string) =>
    layers.embedding({ inputDim: 5, outputDim: 3, kernel } as Parameters<
      typeof layers.embedding
    >[0]),
  dropout: (kernel: string) =>
    layers.dropout({ rate: 0.5, kernel } as Parameters<typeof layers.dropout>[0]),
};

const WITHOUT = "With kernel: 'auto' the layer falls back to TensorFlow.js operations.";

describe('the argument kernel', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(Object.entries(MAKERS))('of layers.%s must be one of three', (name, make) => {
    for (const kernel of ['auto', 'fused', 'composed']) make(kernel);
    expect(() => make('fast')).toThrow(RecurrentError);
    expect(() => make('fast')).toThrow(
      `layers.${name}: kernel must be 'auto', 'fused' or 'composed', received "fast". ` +
        "Leave it out for 'auto'.",
    );
  });

  it('is not saved: a layer’s config is that of tf.layers', () => {
    for (const make of Object.values(MAKERS)) {
      expect(make('fused').getConfig()).not.toHaveProperty('kernel');
    }
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each([
    ['auto', true],
    ['fused', true],
    ['composed', false],
  ])("'%s' runs the fused kernels: %s", async (kernel, expected) => {
    const sequence = tf.zeros([1, 2, 3]);
    const tokens = tf.zeros([1, 2], 'int32');
    expect((await kernelsOf(MAKERS.lstm(kernel), sequence)).includes('RecurrentLstm')).toBe(
      expected,
    );
    const dropped = await kernelsOf(MAKERS.dropout(kernel), sequence, true);
    expect(dropped.includes('RecurrentDropout')).toBe(expected);
    const embedded = await unwatched(() => kernelsOf(MAKERS.embedding(kernel), tokens));
    expect(embedded.includes('RecurrentEmbedding')).toBe(expected);
    tf.dispose([sequence, tokens]);
  });

  const obstacles: [string, Partial<LstmLayerArgs>, number[]][] = [
    ["activation is 'relu'", { activation: 'relu' }, [2, 3, 4]],
    ["activation is 'linear'", { activation: 'linear' }, [2, 3, 4]],
    ["recurrentActivation is 'tanh'", { recurrentActivation: 'tanh' }, [2, 3, 4]],
    ['the input is empty', {}, [0, 3, 4]],
  ];

  it.each(obstacles)(
    "'fused' cannot where %s, and 'auto' falls back",
    async (obstacle, args, shape) => {
      const x = uniform(shape, generator(1));
      const make = (kernel: 'auto' | 'fused' | 'composed') => {
        const layer = layers.lstm({ ...args, units: 3, kernel });
        layer.apply(tfl.input({ shape: shape.slice(1) })); // builds the weights
        return layer;
      };
      const failing = make('fused');
      const apply = () => inTidy(() => failing.apply(x));
      expect(apply).toThrow(RecurrentError);
      expect(apply).toThrow(
        `layers.lstm: kernel: 'fused' was asked for, but ${obstacle}. ${WITHOUT}`,
      );

      const [auto, composed] = [make('auto'), make('composed')];
      composed.setWeights(auto.getWeights());
      const values = (layer: tfl.layers.Layer) =>
        inTidy(() => (layer.apply(x) as tf.Tensor).dataSync());
      expect(values(auto)).toEqual(values(composed));
      x.dispose();
    },
  );
});

describe('on a backend without our kernels', () => {
  beforeAll(async () => {
    await useBackend('cpu');
    tf.registerBackend('plain', tf.findBackendFactory('cpu') as () => tf.KernelBackend);
    tf.copyRegisteredKernels('cpu', 'plain');
  });

  it.each([
    ['lstm', [2, 3, 4], 'float32'],
    ['embedding', [2, 3], 'int32'],
    ['dropout', [2, 3], 'float32'],
  ] as const)("layers.%s: 'fused' throws, 'auto' computes the same", async (name, shape, dtype) => {
    await useBackend('cpu');
    const fused = MAKERS[name]('fused') as tfl.layers.Layer & { randomState: number };
    const auto = MAKERS[name]('auto') as tfl.layers.Layer & { randomState: number };
    const values = (layer: tfl.layers.Layer) =>
      inTidy(() =>
        (layer.apply(tf.ones([...shape], dtype), { training: true }) as tf.Tensor).dataSync(),
      );
    inTidy(() => [fused, auto].map((layer) => layer.apply(tf.ones([...shape], dtype))));
    auto.setWeights(fused.getWeights());
    auto.randomState = fused.randomState;
    const expected = values(fused);

    await useBackend('plain');
    expect(() => values(fused)).toThrow(
      `layers.${name}: kernel: 'fused' was asked for, but the backend is 'plain'. ${WITHOUT}`,
    );
    expectClose('output', values(auto), expected, 1e-6);
  });
});
