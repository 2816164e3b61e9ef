import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { type KerasFormat, layers, loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { expectClose, useBackend } from '../../kernels/kernels.js';
import { ALL_LAYERS } from '../writing/write-all-layers.js';
import {
  branchedModel,
  inputsFor,
  maskedModel,
  randomSequential,
} from '../writing/write-models.js';

beforeAll(() => useBackend('cpu'));

const FORMATS: readonly KerasFormat[] = ['keras', 'h5', 'json+h5'];

interface ReturnOptions {
  /** Classes that come back as another one. */
  renamed?: Readonly<Record<string, string>>;
  countsTensors?: boolean;
}

/** What goes out by saveKerasModel, which real Keras opens, comes back the same. */
async function expectReturn(
  make: (seed: number) => tfl.LayersModel,
  seed: number,
  format: KerasFormat,
  { renamed = {}, countsTensors = true }: ReturnOptions = {},
) {
  const atFirst = tf.memory().numTensors;
  const model = make(seed);
  const before = tf.memory().numTensors;
  const loaded = await loadKerasModel(await saveKerasModel(model, { format }));
  const inputs = inputsFor(model, seed);
  const predict = (one: tfl.LayersModel) => [one.predict(inputs) as tf.Tensor].flat();
  const [expected, received] = [predict(model), predict(loaded)];
  expect(received.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  expected.forEach((output, i) => {
    expectClose(`output ${i}`, received[i]!.dataSync(), output.dataSync(), 2e-6);
  });
  expect(loaded.getClassName()).toBe(model.getClassName());
  const nameOf = (layer: tfl.layers.Layer) => layer.getClassName();
  const classes = (one: tfl.LayersModel) =>
    one.layers
      .map((layer) => renamed[nameOf(layer)] ?? nameOf(layer))
      // A Sequential that begins with a model has one more.
      .filter((name) => name !== 'InputLayer')
      .sort();
  expect(classes(loaded)).toEqual(classes(model));
  tf.dispose([inputs, expected, received]);
  loaded.dispose();
  const left = tf.memory().numTensors - before;
  model.dispose();
  if (!countsTensors) return;
  // TensorFlow.js does not dispose the weights of a layer that a model uses more than once.
  expect(2 * left, 'tensors left over').toBe(tf.memory().numTensors - atFirst);
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

describe.each(FORMATS)('what saveKerasModel writes as %s comes back:', (format) => {
  it.each(seeds(24))('a random Sequential model, seed %i', async (seed) => {
    await expectReturn(randomSequential, seed, format);
  });

  it.each(seeds(3))(
    'a functional model with shared layers and initial states, seed %i',
    async (seed) => {
      await expectReturn(branchedModel, seed, format);
    },
  );

  it.each(Object.keys(ALL_LAYERS))('%s', async (name) => {
    await expectReturn(ALL_LAYERS[name]!, 0, format, {
      renamed: { ThresholdedReLU: 'ReLU' },
      // TensorFlow.js leaves those of a model in a TimeDistributed.
      countsTensors: name !== 'models-inside-sequential',
    });
  });

  it.each(seeds(4))('a model with masks and frozen layers, seed %i', async (seed) => {
    await expectReturn(maskedModel, seed, format);
  });
});

it('a model of 300 layers, each with weights, comes back', async () => {
  const model = tfl.sequential({
    layers: Array.from({ length: 300 }, () => layers.dense({ units: 2, inputShape: [2] })),
  });
  const loaded = await loadKerasModel(await saveKerasModel(model));
  expect(loaded.layers.length).toBe(300);
  const kernels = (one: tfl.LayersModel) =>
    one.getWeights().map((weight) => [...weight.dataSync()]);
  expect(kernels(loaded)).toEqual(kernels(model));
  model.dispose();
  loaded.dispose();
});
