import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor, tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { configOf, expectSame, normal, OURS, STOCK, shareWeights } from './pairs.js';

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

type Pair = [tfl.layers.Layer, tfl.layers.Layer];

const ACTIVATIONS = [
  ...['linear', 'relu', 'relu6', 'sigmoid', 'hardSigmoid', 'tanh', 'softmax', 'logSoftmax'],
  ...['elu', 'selu', 'softplus', 'softsign', 'swish', 'mish', 'gelu', 'gelu_new'],
] as const;

describe('layers.dense is that of tf.layers', () => {
  const cases = ACTIVATIONS.flatMap((activation) =>
    [
      [7, 4],
      [2, 5, 4],
      [2, 3, 2, 4],
    ].map((shape) => ({ activation, shape })),
  );
  test.each(cases)('$activation, inputs of $shape', ({ activation, shape }) => {
    const layers = [OURS, STOCK].map((of) =>
      of.dense({ units: 3, activation } as never),
    ) as unknown as Pair;
    const x = normal(shape, 1);
    for (const layer of layers) tf.tidy(() => void layer.apply(x));
    shareWeights(...layers);
    const [mine, theirs] = layers.map((layer) => layer.apply(x) as tf.Tensor);
    expectSame(mine!, theirs!);
    const gradients = (layer: tfl.layers.Layer) => {
      const loss = (input: tf.Tensor) => {
        const y = layer.apply(input) as tf.Tensor;
        return tf.sum(tf.mul(y, normal(y.shape, 8))) as tf.Scalar;
      };
      const variables = layer.weights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => loss(x), variables);
      return [tf.grad(loss)(x), ...variables.map(({ name }) => grads[name]!)];
    };
    expectSame(gradients(layers[0]), gradients(layers[1]), 1e-5);
  });

  test.each([
    { units: 3, useBias: false },
    { units: 3, kernelInitializer: 'ones', biasInitializer: 'ones' },
    { units: 3, trainable: false, name: 'mine' },
    { units: 3, inputDim: 4 },
    { units: 3, inputShape: [null, 4] },
  ])('says the same of itself: %j', (args) => {
    const [mine, theirs] = [OURS, STOCK].map((of) => of.dense(args as never)) as unknown as Pair;
    const { name: _mine, ...config } = configOf(mine) as Record<string, unknown>;
    const { name: _theirs, ...stock } = configOf(theirs) as Record<string, unknown>;
    expect(config).toEqual(stock);
    expect(mine.computeOutputShape([2, 4])).toEqual(theirs.computeOutputShape([2, 4]));
  });

  test('refuses units that are no number of units', () => {
    for (const of of [OURS, STOCK]) {
      expect(() => of.dense({ units: 0 })).toThrow();
      expect(() => of.dense({} as never)).toThrow();
    }
  });
});

describe('layers.embedding is that of tf.layers', () => {
  test.each([
    { inputDim: 6, outputDim: 3 },
    { inputDim: 6, outputDim: 3, maskZero: true },
    { inputDim: 6, outputDim: 3, inputLength: 4 },
    { inputDim: 6, outputDim: 3, inputLength: [2, 4] },
    { inputDim: 6, outputDim: 1, trainable: false },
  ])('%j', (args) => {
    const [mine, theirs] = [OURS, STOCK].map((of) => of.embedding(args)) as unknown as Pair;
    const shape = Array.isArray(args.inputLength) ? [2, 2, 4] : [2, 4];
    const words = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (5 * i) % 6);
    const x = tf.tensor(words, shape, 'int32');
    for (const layer of [mine, theirs]) tf.tidy(() => void layer.apply(x));
    shareWeights(mine, theirs);
    expectSame(mine.apply(x) as tf.Tensor, theirs.apply(x) as tf.Tensor);
    const asFloats = tf.cast(x, 'float32');
    expectSame(mine.apply(asFloats) as tf.Tensor, theirs.apply(asFloats) as tf.Tensor);
    expect(mine.computeOutputShape(shape)).toEqual(theirs.computeOutputShape(shape));
    const masks = [mine, theirs].map((layer) => layer.computeMask(x) as tf.Tensor | null);
    expect(masks[0]?.arraySync()).toEqual(masks[1]?.arraySync());
    const { name: _mine, ...config } = configOf(mine) as Record<string, unknown>;
    const { name: _theirs, ...stock } = configOf(theirs) as Record<string, unknown>;
    expect(config).toEqual(stock);
    const gradient = (layer: tfl.layers.Layer) => {
      const table = layer.weights[0]!.read() as tf.Variable;
      const loss = () => {
        const y = layer.apply(x) as tf.Tensor;
        return tf.sum(tf.mul(y, normal(y.shape, 8))) as tf.Scalar;
      };
      return tf.variableGrads(loss, [table]).grads[table.name]!;
    };
    expectSame(gradient(mine), gradient(theirs), 1e-5);
  });

  test('refuses lengths that do not fit', () => {
    for (const of of [OURS, STOCK]) {
      const layer = of.embedding({ inputDim: 6, outputDim: 3, inputLength: 4 });
      expect(() => layer.computeOutputShape([2, 5])).toThrow();
    }
  });
});

describe('layers.dropout is that of tf.layers', () => {
  test('changes nothing where nobody trains, and says the same of itself', () => {
    const x = normal([4, 5], 1);
    for (const args of [{ rate: 0.4 }, { rate: 0.4, seed: 7 }, { rate: 0.4, noiseShape: [4, 1] }]) {
      const [mine, theirs] = [OURS, STOCK].map((of) => of.dropout(args)) as unknown as Pair;
      expectSame(mine.apply(x) as tf.Tensor, theirs.apply(x) as tf.Tensor);
      expectSame(mine.apply(x, { training: false }) as tf.Tensor, x);
      const { name: _mine, ...config } = configOf(mine) as Record<string, unknown>;
      const { name: _theirs, ...stock } = configOf(theirs) as Record<string, unknown>;
      expect(config).toEqual(stock);
    }
  });

  test('drops the fraction that it says, and scales what stays', () => {
    const x = tf.ones([200, 100]);
    for (const rate of [0.1, 0.5, 0.9]) {
      const y = OURS.dropout({ rate, seed: 3 }).apply(x, { training: true }) as tf.Tensor;
      const values = y.dataSync();
      const kept = values.filter((value) => value !== 0);
      expect(new Set(kept)).toEqual(new Set([Math.fround(1 / Math.fround(1 - rate))]));
      // Six deviations of a binomial distribution of 20,000 draws.
      const deviation = Math.sqrt((rate * (1 - rate)) / values.length);
      expect(Math.abs(kept.length / values.length - (1 - rate))).toBeLessThan(6 * deviation);
    }
  });

  test('drops whole rows with a noise shape', () => {
    const dropout = OURS.dropout({ rate: 0.5, noiseShape: [40, 1], seed: 3 });
    const rows = (dropout.apply(tf.ones([40, 5]), { training: true }) as tf.Tensor2D).arraySync();
    for (const row of rows) expect(new Set(row).size).toBe(1);
    expect(new Set(rows.map(([first]) => first))).toEqual(new Set([0, 2]));
  });
});
