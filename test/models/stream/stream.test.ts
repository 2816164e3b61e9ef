import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, layers, stream } from '../../../src/index.js';
import {
  BACKENDS,
  expectClose,
  generator,
  inTidy,
  kernels,
  uniform,
  unwatched,
  useBackend,
} from '../../kernels/kernels.js';

type Layer = tfl.layers.Layer;

const TIME = 9;
const sequential = (...list: Layer[]) => tfl.sequential({ layers: list });
const over = { returnSequences: true } as const;
const input: { inputShape: (number | null)[] } = { inputShape: [null, 3] };
const words = { inputDim: 7, outputDim: 5, inputShape: [null] as (number | null)[] };

/** Models from features [batch, time, 3]. */
const OF_FEATURES: Record<string, () => tfl.LayersModel> = {
  lstm: () => sequential(layers.lstm({ units: 5, ...over, ...input }), layers.dense({ units: 2 })),
  'the last of an lstm': () =>
    sequential(
      layers.lstm({ units: 6, recurrentActivation: 'sigmoid', ...input }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ),
  'a gru, resetAfter': () =>
    sequential(
      layers.gru({ units: 5, resetAfter: true, ...over, ...input }),
      layers.dense({ units: 2, activation: 'sigmoid' }),
    ),
  gru: () => sequential(layers.gru({ units: 5, ...over, ...input })),
  'the last of a simple rnn': () =>
    sequential(layers.simpleRNN({ units: 7, activation: 'relu', ...input })),
  'three that differ, dropout and normalization between': () =>
    sequential(
      layers.dense({ units: 6, activation: 'tanh', ...input }),
      layers.lstm({ units: 5, ...over, recurrentDropout: 0.3 }),
      layers.dropout({ rate: 0.5 }),
      tfl.layers.layerNormalization({}),
      layers.gru({ units: 6, ...over }),
      tfl.layers.activation({ activation: 'relu' }),
      layers.simpleRNN({ units: 4, ...over }),
      layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'relu' }) }),
    ),
  'masked features': () =>
    sequential(
      tfl.layers.masking({ maskValue: 0, ...input }),
      layers.lstm({ units: 4, ...over }),
      layers.dropout({ rate: 0.2 }),
      layers.timeDistributed({ layer: layers.dense({ units: 6, activation: 'sigmoid' }) }),
    ),
  'a stack of cells': () => {
    const cell = [layers.lstmCell({ units: 5 }), layers.gruCell({ units: 3 })];
    return sequential(layers.rnn({ cell, ...over, ...input }), layers.dense({ units: 2 }));
  },
  'layers of tf.layers among ours': () =>
    sequential(
      tfl.layers.lstm({ units: 4, ...over, ...input }),
      layers.gru({ units: 4, ...over }),
      tfl.layers.dense({ units: 2 }),
    ),
  'causal convolutions': () =>
    sequential(
      layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal', ...input }),
      layers.conv1d({ filters: 5, kernelSize: 2, dilationRate: 4, padding: 'causal' } as never),
      layers.lstm({ units: 4, ...over }),
    ),
  'a graph with a residual, a model inside and a tail on the last state': () => {
    const x = tfl.input({ shape: [null, 3] });
    const inner = sequential(layers.lstm({ units: 3, ...over, ...input }));
    const first = inner.apply(x) as tfl.SymbolicTensor;
    const again = inner.apply(first) as tfl.SymbolicTensor;
    const sum = tfl.layers.add().apply([x, again]) as tfl.SymbolicTensor;
    const last = layers.gru({ units: 4 }).apply(sum) as tfl.SymbolicTensor;
    const repeated = tfl.layers.repeatVector({ n: 2 }).apply(last) as tfl.SymbolicTensor;
    const outputs = layers
      .bidirectional({ layer: layers.lstm({ units: 2 }) as never })
      .apply(repeated);
    return tfl.model({ inputs: x, outputs: outputs as tfl.SymbolicTensor });
  },
};

/** Models from words [batch, time], of which 0 is masked or not. */
const OF_WORDS: Record<string, () => tfl.LayersModel> = {
  embedding: () =>
    sequential(
      layers.embedding(words),
      layers.lstm({ units: 5, ...over }),
      layers.dense({ units: 7, activation: 'softmax' }),
    ),
  'masked words': () =>
    sequential(
      layers.embedding({ ...words, maskZero: true }),
      layers.lstm({ units: 5, ...over }),
      layers.gru({ units: 3, ...over, zeroOutputForMask: 'untilFirst' }),
      layers.simpleRNN({ units: 3, ...over, zeroOutputForMask: true }),
    ),
  'masked words, the last state': () =>
    sequential(
      layers.embedding({ ...words, maskZero: true }),
      layers.gru({ units: 3, ...over, resetAfter: true }),
      layers.lstm({ units: 5 }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ),
};

/** Distinct weights, so that no bias is zero. */
function seeded(make: () => tfl.LayersModel): tfl.LayersModel {
  const model = make();
  const random = generator(5);
  tf.tidy(() =>
    model.setWeights(model.getWeights().map(({ shape }) => uniform(shape, random, 0.7))),
  );
  return model;
}

function inputOf(model: tfl.LayersModel, batch: number): tf.Tensor {
  const random = generator(batch + 2);
  if (model.inputs[0]!.shape.length === 3) {
    // Some steps are zeros, which count for nothing behind a layer that masks them.
    const counts = Float32Array.from({ length: batch * TIME }, (_, i) => Number(i % 4 > 0));
    return tf.tidy(() =>
      tf.mul(uniform([batch, TIME, 3], random), tf.tensor(counts, [batch, TIME, 1])),
    );
  }
  const indices = Int32Array.from({ length: batch * TIME }, () => Math.floor(7 * random() * 0.99));
  return tf.tensor(indices, [batch, TIME], 'int32');
}

/** Each output of a model, pushed in chunks of `size`; of the last step, where that is all there is. */
function pushed(model: tfl.LayersModel, x: tf.Tensor, size: number): Float32Array {
  const along = stream(model);
  const [batch] = x.shape;
  const parts: tf.Tensor[] = [];
  for (let first = 0; first < TIME; first += size) {
    const count = Math.min(size, TIME - first);
    const begin = [0, first, ...x.shape.slice(2).map(() => 0)];
    parts.push(along.push(tf.slice(x, begin, [batch!, count, ...x.shape.slice(2)])));
  }
  along.reset();
  const all = parts[0]!.rank === 3 ? tf.concat(parts, 1) : parts.at(-1)!;
  return all.dataSync<'float32'>().slice();
}

const MODELS = Object.entries({ ...OF_FEATURES, ...OF_WORDS });

describe.each(BACKENDS)('stream on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  afterAll(() => kernels().setThreads('auto'));

  it.each(MODELS)('%s: gives what the whole sequence gives, to the bit', (_, make) => {
    const model = seeded(make);
    for (const threads of [1, 2]) {
      kernels().setThreads(threads);
      for (const batch of [1, 9]) {
        inTidy(() => {
          const x = inputOf(model, batch);
          const whole = (model.predict(x) as tf.Tensor).dataSync<'float32'>().slice();
          for (const size of [1, 3, 7, TIME]) {
            expect(
              pushed(model, x, size),
              `${threads} threads, ${batch} rows, chunks of ${size}`,
            ).toEqual(whole);
          }
        });
      }
    }
    model.dispose();
  });

  it('chunks of any sizes in turn, many streams and right after training, to the bit', async () => {
    const model = seeded(OF_FEATURES.lstm!);
    model.compile({ optimizer: adam(0.05), loss: 'meanSquaredError' });
    const x = inputOf(model, 40);
    const y = tf.zeros([40, TIME, 2]);
    for (let round = 0; round < 2; round++) {
      await unwatched(() => model.fit(x, y, { epochs: 1, batchSize: 20, verbose: 0 }));
      inTidy(() => {
        const along = stream(model);
        const parts: tf.Tensor[] = [];
        let first = 0;
        for (const count of [1, 3, 1, 4]) {
          parts.push(along.push(tf.slice(x, [0, first, 0], [40, count, 3])));
          first += count;
        }
        along.reset();
        const whole = model.predict(x) as tf.Tensor;
        expect(tf.concat(parts, 1).dataSync()).toEqual(whole.dataSync());
      });
    }
    tf.dispose([x, y]);
    model.dispose();
  });

  it('layers without the fused kernel, within 1e-6', () => {
    const kernel = 'composed' as const;
    const model = seeded(() =>
      sequential(
        layers.lstm({ units: 5, ...over, ...input, kernel }),
        layers.gru({ units: 4, ...over, activation: 'elu' }),
        layers.dense({ units: 2, kernel }),
      ),
    );
    inTidy(() => {
      const x = inputOf(model, 3);
      const whole = (model.predict(x) as tf.Tensor).dataSync<'float32'>();
      for (const size of [1, 4]) expectClose('outputs', pushed(model, x, size), whole, 1e-6);
    });
    model.dispose();
  });

  it('leaves no tensors behind, and releases its states by reset()', () => {
    const model = seeded(OF_FEATURES.lstm!);
    stream(model).push([1, 2, 3]).dispose();
    const before = tf.memory().numTensors;
    const along = stream(model);
    for (let i = 0; i < 3; i++) along.push([[1, 2, 3]]).dispose();
    const { state } = along;
    along.state = state;
    along.push([1, 2, 3]).dispose();
    tf.dispose(state);
    along.reset();
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
