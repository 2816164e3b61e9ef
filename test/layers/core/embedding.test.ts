import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import { trainByKernels } from '../../../src/layers/model/train-by-kernels.js';
import { BACKENDS, expectClose, inTidy, unwatched, useBackend } from '../../kernels/kernels.js';

const TOKENS = [
  [0, 1, 2, 6],
  [3, 3, 0, 0],
];

describe.each(BACKENDS)('layers.embedding on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('is the stock layer: rows, shape and mask', () => {
    tf.tidy(() => {
      const args = { inputDim: 7, outputDim: 3, maskZero: true };
      const [ours, stock] = [layers.embedding(args), tfl.layers.embedding(args)];
      const tokens = tf.tensor2d(TOKENS, undefined, 'int32');
      ours.apply(tokens);
      stock.apply(tokens);
      stock.setWeights(ours.getWeights());
      const [received, expected] = [ours.apply(tokens), stock.apply(tokens)] as tf.Tensor[];
      expect(received!.shape).toEqual([2, 4, 3]);
      expect(received!.dataSync()).toEqual(expected!.dataSync());
      const mask = ours.computeMask(tokens) as tf.Tensor;
      expect(mask.arraySync()).toEqual(TOKENS.map((row) => row.map((token) => Number(token > 0))));
    });
  });

  it('takes whole numbers that are float32, as a model’s inputs are by default', () => {
    tf.tidy(() => {
      const layer = layers.embedding({ inputDim: 7, outputDim: 3 });
      const rows = (dtype: 'int32' | 'float32') =>
        (layer.apply(tf.tensor2d(TOKENS, undefined, dtype)) as tf.Tensor).dataSync();
      expect(rows('float32')).toEqual(rows('int32'));
    });
  });

  it.each([
    ['one step', [[5]], ['[0, 0]', '5']],
    [
      'float32',
      [
        [1, 2],
        [3, -4],
      ],
      ['[1, 1]', '-4'],
    ],
  ])(
    'names an index that is no row of its table, and what to do: %s',
    (_, tokens, [at, received]) => {
      tf.tidy(() => {
        const layer = layers.embedding({ inputDim: 5, outputDim: 3 });
        layer.apply(tf.tensor2d([[0]]));
        expect(() => layer.apply(tf.tensor2d(tokens))).toThrow(
          `embedding: the index at ${at} must be a row of the table, from 0 to 4, received ${received}.`,
        );
        expect(() => layer.apply(tf.tensor2d(tokens))).toThrow('Raise inputDim');
      });
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 32, 7])(
    'takes no row for %s: alone, in predict and evaluate, and in a step of training, which changes nothing',
    async (index) => {
      for (const kernel of ['fused', 'composed'] as const) {
        const model = trainByKernels(
          tfl.sequential({
            layers: [
              layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, kernel }),
              layers.lstm({ units: 2, recurrentActivation: 'sigmoid', kernel }),
              layers.dense({ units: 1, activation: 'sigmoid', kernel }),
            ],
          }),
        );
        model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
        const [x, y] = [tf.tensor2d([TOKENS[0]!, [1, 2, index, 3]]), tf.ones([2, 1])];
        const weights = () => model.getWeights().map((weight) => [...weight.dataSync()]);
        const before = weights();
        const message = `the index at [1, 2] must be a row of the table, from 0 to 6, received ${index}.`;
        await unwatched(async () => {
          expect(() => model.layers[0]!.apply(x)).toThrow(message);
          expect(() => model.predict(x)).toThrow(message);
          expect(() => model.evaluate(x, y)).toThrow(message);
          await expect(model.trainOnBatch(x, y)).rejects.toThrow(message);
          await expect(model.fit(x, y, { shuffle: false })).rejects.toThrow(message);
        });
        expect(weights()).toEqual(before);
      }
    },
  );

  it('takes no row for NaN that comes through an input of integers', async () => {
    const input = tfl.input({ shape: [3], dtype: 'int32' });
    const rows = layers.embedding({ inputDim: 4, outputDim: 1 }).apply(input);
    const model = tfl.model({ inputs: input, outputs: rows as tfl.SymbolicTensor });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const y = tf.ones([1, 3, 1]);
    for (const index of [Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 32), 2 ** 32]) {
      const x = tf.tensor2d([[1, index, 2]]);
      const message = `model: an input of type int32 must hold whole numbers of 32 bits, received ${index}.`;
      await unwatched(async () => {
        expect(() => model.predict(x)).toThrow(message);
        expect(() => model.evaluate(x, y)).toThrow(message);
        // Without a tape, the layer is handed the batch as it is.
        await expect(model.trainOnBatch(x, y)).rejects.toThrow(`received ${index}.`);
      });
    }
    const received = model.predict(tf.tensor2d([[1.9, -0.9, 3]])) as tf.Tensor;
    const expected = model.predict(tf.tensor2d([[1, 0, 3]], undefined, 'int32')) as tf.Tensor;
    expect(received.dataSync()).toEqual(expected.dataSync());
  });

  it('cuts fractions off, as Keras does', () => {
    tf.tidy(() => {
      const layer = layers.embedding({ inputDim: 7, outputDim: 3 });
      const rows = (tokens: number[]) =>
        (layer.apply(tf.tensor2d([tokens])) as tf.Tensor).dataSync();
      expect(rows([2.9, -0.9, 6.5])).toEqual(rows([2, 0, 6]));
    });
  });

  it('is left as it is while training when it is not trainable', async () => {
    const embedding = layers.embedding({
      inputDim: 7,
      outputDim: 3,
      inputLength: 4,
      trainable: false,
    });
    const model = tfl.sequential({
      layers: [embedding, layers.lstm({ units: 2 }), tfl.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const values = (layer: tfl.layers.Layer) => layer.getWeights()[0]!.dataSync().slice();
    const [rows, kernel] = [values(embedding), values(model.layers[1]!)];
    const [x, y] = [tf.tensor2d(TOKENS), tf.ones([2, 1])];
    await unwatched(() => model.trainOnBatch(x, y));
    expect(values(embedding)).toEqual(rows);
    expect(values(model.layers[1]!)).not.toEqual(kernel);
    tf.dispose([x, y]);
  });

  it('trains as its twin does, also where a word repeats, within 1e-6', async () => {
    const trained = async (kernel: 'fused' | 'composed') => {
      const embedding = layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, kernel });
      const model = tfl.sequential({ layers: [embedding, tfl.layers.globalAveragePooling1d({})] });
      model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
      const start = tf.tensor2d(
        Array.from({ length: 21 }, (_, i) => Math.sin(i)),
        [7, 3],
      );
      embedding.setWeights([start]);
      const [x, y] = [tf.tensor2d(TOKENS), tf.ones([2, 3])];
      for (let step = 0; step < 3; step++) await unwatched(() => model.trainOnBatch(x, y));
      tf.dispose([x, y, start]);
      return [...embedding.getWeights()[0]!.dataSync()];
    };
    const [fused, composed] = [await trained('fused'), await trained('composed')];
    fused.forEach((value, i) => {
      expect(value).toBeCloseTo(composed[i]!, 6);
    });
  });

  it('may be followed by a layer that reshapes its rows: an LSTM is its twin within 1e-6', () => {
    for (const targetShape of [
      [2, 6],
      [6, 2],
      [4, 3],
      [1, 12],
    ]) {
      inTidy(() => {
        const modelOf = (kernel: 'fused' | 'composed') =>
          tfl.sequential({
            layers: [
              layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, kernel }),
              tfl.layers.reshape({ targetShape }),
              layers.lstm({ units: 5, returnSequences: true, kernel }),
            ],
          });
        const [fused, composed] = [modelOf('fused'), modelOf('composed')];
        composed.setWeights(fused.getWeights());
        const tokens = tf.tensor2d(TOKENS);
        const predict = (model: tfl.Sequential) => (model.predict(tokens) as tf.Tensor).dataSync();
        // Twice, since weights that stay the same are prepared for the next time.
        for (let i = 0; i < 2; i++) {
          expectClose(`${targetShape}`, predict(fused), predict(composed), 1e-6);
        }
      });
    }
  });
});
