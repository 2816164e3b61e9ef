import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { continuousBatches, layers } from '../../src/index.js';
import { BACKENDS, expectClose, unwatched, useBackend } from '../kernels/kernels.js';

interface Golden {
  words: number;
  width: number;
  units: number;
  rows: number;
  steps: number;
  epochs: number;
  learningRate: number;
  text: number[];
  cases: { name: 'lstm' | 'gru' | 'simpleRNN'; initial: number[][]; after: number[][][] }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/stateful.json', import.meta.url), 'utf8'),
) as Golden;
const { words, width, units, rows, steps, epochs, learningRate, text } = golden;
type Name = Golden['cases'][number]['name'];

function build(name: Name, stateful: boolean, kernel: 'auto' | 'composed' = 'auto') {
  const common = { units, returnSequences: true, returnState: !stateful, stateful, kernel };
  const recurrent = {
    lstm: () => layers.lstm({ ...common, recurrentActivation: 'sigmoid' }),
    gru: () => layers.gru({ ...common, recurrentActivation: 'sigmoid', resetAfter: true }),
    simpleRNN: () => layers.simpleRNN(common),
  }[name]();
  const embedding = layers.embedding({
    inputDim: words,
    outputDim: width,
    batchInputShape: [rows, null],
    kernel,
  });
  const dense = layers.dense({ units: words, activation: 'softmax', kernel });
  return { embedding, recurrent, dense };
}

function setWeights(model: tfl.LayersModel | tfl.layers.Layer, values: number[][]): void {
  tf.tidy(() => {
    const shaped = model.getWeights().map(({ shape }, i) => tf.tensor(values[i]!, shape));
    model.setWeights(shaped);
  });
}

const valuesOf = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => Float32Array.from(weight.dataSync()));

function compiled(name: Name, initial: number[][]): tfl.Sequential {
  const model = tfl.sequential({ layers: Object.values(build(name, true)) });
  setWeights(model, initial);
  const loss = 'sparseCategoricalCrossentropy';
  model.compile({ optimizer: tf.train.sgd(learningRate), loss });
  return model;
}

describe.each(BACKENDS)('continuousBatches on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each(golden.cases)(
    'train a stateful $name as Keras does: weights after each batch, within 1e-5',
    async ({ name, initial, after }) => {
      const model = compiled(name, initial);
      const batches = continuousBatches(text, { batchSize: rows, steps, model });
      expect(batches.size * epochs).toBe(after.length);
      let batch = 0;
      await unwatched(() =>
        model.fitDataset(batches, {
          epochs,
          verbose: 0,
          callbacks: {
            onBatchEnd: async () => {
              valuesOf(model).forEach((values, i) => {
                expectClose(
                  `weight ${i} after batch ${batch}`,
                  values,
                  Float32Array.from(after[batch]![i]!),
                  1e-5,
                );
              });
              batch++;
            },
          },
        }),
      );
      expect(batch).toBe(after.length);
      model.dispose();
    },
  );

  it('keep nothing of the batches that are over', async () => {
    const { name, initial } = golden.cases[0]!;
    const model = compiled(name, initial);
    const counts: number[] = [];
    const batches = continuousBatches(text, { batchSize: rows, steps: 2, model });
    const callbacks = { onBatchEnd: async () => void counts.push(tf.memory().numTensors) };
    await unwatched(() => model.fitDataset(batches, { epochs: 1, verbose: 0, callbacks }));
    expect(counts.length).toBeGreaterThan(4);
    expect(counts.at(-1)).toBe(counts[2]);
    model.dispose();
  });

  it.each(golden.cases)(
    'train a stateful $name as a loop of the composed twin that hands its states on, within 1e-5',
    async ({ name, initial }) => {
      const model = compiled(name, initial);
      const batches = continuousBatches(text, { batchSize: rows, steps, model });
      await unwatched(() => model.fitDataset(batches, { epochs: 1, verbose: 0 }));
      const expected = await unwatched(() => byHand(name, initial));
      valuesOf(model).forEach((values, i) => {
        expectClose(`weight ${i}`, values, expected[i]!, 1e-5);
      });
      model.dispose();
    },
  );
});

/** One epoch, written out. */
function byHand(name: Name, initial: number[][]): Float32Array[] {
  const { embedding, recurrent, dense } = build(name, false, 'composed');
  const parts = [embedding, recurrent, dense];
  return tf.tidy(() => {
    parts.reduce<tf.Tensor>(
      (x, layer) => [layer.apply(x) as tf.Tensor | tf.Tensor[]].flat()[0]!,
      tf.zeros([rows, steps], 'int32'),
    );
    let left = initial;
    for (const layer of parts) {
      setWeights(layer, left);
      left = left.slice(layer.weights.length);
    }
    const length = Math.floor((text.length - 1) / rows);
    let states: tf.Tensor[] = name === 'lstm' ? [zeros(), zeros()] : [zeros()];
    const optimizer = tf.train.sgd(learningRate);
    for (let k = 0; k < Math.floor(length / steps); k++) {
      const at = (shift: number) =>
        Array.from({ length: rows }, (_, row) => {
          const from = row * length + k * steps + shift;
          return text.slice(from, from + steps);
        });
      optimizer.minimize(() => {
        const x = embedding.apply(tf.tensor2d(at(0), [rows, steps], 'int32')) as tf.Tensor;
        const [sequence, ...next] = recurrent.apply(x, { initialState: states }) as tf.Tensor[];
        states = next.map((state) => tf.keep(state.clone()));
        const p = dense.apply(sequence!) as tf.Tensor;
        const chosen = tf.oneHot(tf.tensor2d(at(1), [rows, steps], 'int32'), words);
        const ofTarget = tf.sum(tf.mul(p, tf.cast(chosen, 'float32')), -1);
        return tf.neg(tf.mean(tf.log(ofTarget))) as tf.Scalar;
      });
      // The states are numbers to the next batch.
      states = states.map((state) => tf.tensor(state.dataSync().slice(), state.shape));
    }
    return parts.flatMap((layer) =>
      layer.getWeights().map((weight) => Float32Array.from(weight.dataSync())),
    );
  });
}

const zeros = () => tf.zeros([rows, units]);

describe('continuousBatches', () => {
  beforeAll(() => useBackend('cpu'));

  it('take targets of their own, vectors and tensors, and leave nothing behind', async () => {
    const before = tf.memory().numTensors;
    const series = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 2]);
    const options = { batchSize: 2, steps: 2, targets: [0, 1, 2, 3, 4] };
    const batches = continuousBatches(series, options);
    expect(batches.size).toBe(1);
    const { value } = await (await batches.iterator()).next();
    expect(value.xs.arraySync()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    expect(value.ys.arraySync()).toEqual([
      [[0], [1]],
      [[2], [3]],
    ]);
    tf.dispose([series, value.xs, value.ys]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [
      'a short sequence',
      () => continuousBatches([1, 2, 3, 4], { batchSize: 2, steps: 2 }),
      /at least 5 steps for one batch of 2 times 2, received 4/,
    ],
    [
      'targets of another length',
      () => continuousBatches([1, 2, 3], { batchSize: 1, steps: 1, targets: [1] }),
      /targets must be as long as the sequence, which has 3 steps, received 1/,
    ],
    [
      'no steps',
      () => continuousBatches([1, 2, 3], { batchSize: 1 } as never),
      /steps must be a positive integer, received undefined/,
    ],
    [
      'shuffle',
      () => continuousBatches([1, 2], { batchSize: 1, steps: 1, shuffle: true } as never),
      /there is no option shuffle/,
    ],
    [
      'NaN',
      () => continuousBatches([1, Number.NaN, 3], { batchSize: 1, steps: 1 }),
      /continuousBatches: sequence\[1\] must be a number/,
    ],
    [
      'a model that keeps no states',
      () =>
        continuousBatches([1, 2, 3], {
          batchSize: 1,
          steps: 1,
          model: tfl.sequential({ layers: [layers.lstm({ units: 1, inputShape: [null, 1] })] }),
        }),
      /a recurrent layer with stateful: true/,
    ],
    [
      'a model of another batch',
      () =>
        continuousBatches([1, 2, 3], {
          batchSize: 1,
          steps: 1,
          model: tfl.sequential({
            layers: [layers.lstm({ units: 1, stateful: true, batchInputShape: [3, null, 1] })],
          }),
        }),
      /batchSize must be that of the model, 3, received 1/,
    ],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
