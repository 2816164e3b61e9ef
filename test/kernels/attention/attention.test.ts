import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import {
  attentionWeightsComposed,
  contextComposed,
  type Scoring,
  type WeightsInputs,
} from '../../../src/kernels/attention/composed.js';
import { attentionContext } from '../../../src/kernels/attention/context.js';
import { attentionWeights } from '../../../src/kernels/attention/weights.js';
import { BACKENDS, bytesInUse, expectClose, generator, kernels, useBackend } from '../kernels.js';

/** Batch, queries, keys and width: ones, multiples of nothing, multiples of all, and wide. */
const SIZES = [
  [1, 1, 1, 1],
  [3, 5, 7, 3],
  [2, 8, 16, 8],
  [5, 12, 30, 64],
  [2, 9, 3, 21],
  [1, 2, 65, 130],
] as const;

type Size = (typeof SIZES)[number];

function random(shape: number[], seed: number, deviation = 1): tf.Tensor {
  const next = generator(seed);
  const values = new Float32Array(tf.util.sizeFromShape(shape)).map(
    () => (next() - 0.5) * Math.sqrt(12) * deviation,
  );
  return tf.tensor(values, shape);
}

/** About two thirds of the steps, and none of the last sample's. */
function maskOf(batch: number, steps: number): tf.Tensor {
  const counts = Array.from({ length: batch * steps }, (_, i) =>
    i >= (batch - 1) * steps && batch > 1 ? 0 : Number((i * 7) % 3 !== 1),
  );
  return tf.cast(tf.tensor2d(counts, [batch, steps]), 'bool');
}

interface Variant {
  score: Scoring['score'];
  causal: boolean;
  masked: boolean;
  scale: boolean;
  factors: 'none' | 'one' | 'each';
  /** How far queries and keys are spread. */
  deviation?: number;
}

const VARIANTS: Variant[] = [
  { score: 'dot', causal: false, masked: false, scale: false, factors: 'none' },
  { score: 'dot', causal: true, masked: true, scale: true, factors: 'none' },
  { score: 'tanh', causal: false, masked: true, scale: false, factors: 'each' },
  { score: 'tanh', causal: true, masked: false, scale: true, factors: 'one' },
  { score: 'tanh', causal: false, masked: false, scale: false, factors: 'none' },
  { score: 'tanh', causal: true, masked: true, scale: true, factors: 'each', deviation: 30 },
];

/** What is computed, and the gradients of a weighted sum of it. */
function valuesOf(
  run: (given: WeightsInputs, scoring: Scoring) => tf.Tensor,
  [batch, queries, keys, width]: Size,
  { score, causal, masked, scale, factors, deviation = 1 }: Variant,
): { name: string; values: Float32Array }[] {
  const given: Record<string, tf.Tensor> = {
    query: random([batch, queries, width], 1, deviation / width ** 0.25),
    key: random([batch, keys, width], 2, deviation / width ** 0.25),
    ...(scale && { scale: tf.scalar(0.7) }),
    ...(factors !== 'none' && {
      factors: factors === 'one' ? tf.scalar(1.3) : random([width], 3, 0.5),
    }),
  };
  const upstream = random([batch, queries, keys], 4);
  const mask = masked ? maskOf(batch, keys) : undefined;
  const names = Object.keys(given);
  const compute = (...args: tf.Tensor[]) => {
    const named = Object.fromEntries(names.map((name, i) => [name, args[i]!]));
    return run({ ...named, mask } as unknown as WeightsInputs, { score, causal });
  };
  const all = Object.values(given);
  const gradients = tf.grads((...args) => tf.sum(tf.mul(upstream, compute(...args))))(all);
  return [compute(...all), ...gradients].map((tensor, i) => ({
    name: i === 0 ? 'weights' : `gradient of ${names[i - 1]}`,
    values: tensor.dataSync<'float32'>(),
  }));
}

describe.each(BACKENDS)('attention on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  const cases = SIZES.flatMap((size) => VARIANTS.map((variant) => ({ size, variant })));

  it.each(cases)('weighs as its twin: $size, $variant', ({ size, variant }) => {
    const bytes = bytesInUse();
    const { numTensors } = tf.memory();
    tf.tidy(() => {
      const fused = valuesOf(attentionWeights, size, variant);
      const twin = valuesOf(attentionWeightsComposed, size, variant);
      // Scores that are far apart round more.
      const tolerance = variant.deviation ? 2e-4 : 2e-5;
      twin.forEach(({ name, values }, i) => {
        expect(fused[i]!.name).toBe(name);
        expectClose(name, fused[i]!.values, values, tolerance);
      });
    });
    expect(tf.memory().numTensors).toBe(numTensors);
    tf.tidy(() => tf.zeros([1]));
    expect(bytesInUse()).toBe(bytes);
  });

  it.each(
    SIZES.flatMap((size) => [
      { size, masked: false },
      { size, masked: true },
    ]),
  )('sums up as its twin: $size, masked: $masked', ({ size, masked }) => {
    const [batch, queries, keys, columns] = size;
    const bytes = bytesInUse();
    tf.tidy(() => {
      const weights = random([batch, queries, keys], 1) as tf.Tensor3D;
      const value = random([batch, keys, columns], 2) as tf.Tensor3D;
      const upstream = random([batch, queries, columns], 3);
      const mask = masked ? maskOf(batch, queries) : undefined;
      const values = (run: typeof attentionContext) => {
        const loss = (...[w, v]: tf.Tensor[]) =>
          tf.sum(tf.mul(upstream, run({ weights: w, value: v, mask } as never)));
        return [run({ weights, value, mask }), ...tf.grads(loss)([weights, value])].map((tensor) =>
          tensor.dataSync<'float32'>(),
        );
      };
      const [fused, twin] = [values(attentionContext), values(contextComposed)];
      const names = ['context', 'gradient of weights', 'of values'];
      twin.forEach((array, i) => {
        expectClose(names[i]!, fused[i]!, array, 5e-6);
      });
    });
    expect(bytesInUse()).toBe(bytes);
  });

  it('is not a number where the inputs are not', () => {
    tf.tidy(() => {
      for (const score of ['dot', 'tanh'] as const) {
        const query = tf.tensor3d([[[Number.NaN, 1, 1, 1, 1]]]);
        const key = tf.ones<tf.Rank.R3>([1, 3, 5]);
        const weights = attentionWeights({ query, key }, { score, causal: false });
        expect([...weights.dataSync()]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }
    });
  });
});

describe('shared between threads', () => {
  beforeAll(() => useBackend('cpu'));

  it.each([VARIANTS[1]!, VARIANTS[5]!])(
    'attention is the same, to the bit but for sums over samples: %o',
    (variant) => {
      const size = [61, 24, 40, 36] as unknown as Size;
      const values = (threads: number) => {
        kernels().setThreads(threads);
        return tf.tidy(() => valuesOf(attentionWeights, size, variant));
      };
      const one = values(1);
      const three = values(3);
      kernels().setThreads('auto');
      for (const [i, { name, values: array }] of three.entries()) {
        if (/scale|factors/.test(name)) expectClose(name, array, one[i]!.values, 1e-4);
        else expect(array, name).toEqual(one[i]!.values);
      }
    },
  );
});
