/** attentionPooling1d: the numbers of its paper's formula, in models, on disk and without a tape. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers, saveKerasModel, stream } from '../../../src/index.js';
import { blocks } from '../../golden/blocks/read.js';
import { inMemory } from '../../in-memory.js';
import { expectClose } from '../../kernels/kernels.js';
import { memoryInUse, useBackend } from '../golden.js';

const numbers = (values: unknown) =>
  Float32Array.from([values].flat(Number.POSITIVE_INFINITY) as number[]);

describe.each([
  ['cpu', 'fused'],
  ['cpu', 'composed'],
  ['wasm', 'fused'],
  ['wasm', 'composed'],
] as const)('attentionPooling1d on %s, %s', (backend, kernel) => {
  beforeAll(() => useBackend(backend, false));

  test.each(blocks.attention_pooling)('is the formula of Yang et al., case %#', (golden) => {
    const before = memoryInUse();
    tf.tidy(() => {
      const units = golden.weights[1].length;
      const layer = layers.attentionPooling1d({ units, kernel });
      const x = tf.tensor3d(golden.x);
      const mask = golden.mask && tf.tensor2d(golden.mask as never, undefined, 'bool');
      const call = (steps: tf.Tensor) =>
        layer.apply(steps, { ...(mask && { mask }) } as object) as tf.Tensor;
      call(x); // makes the weights
      const [ofKernel, bias, query] = golden.weights;
      layer.setWeights([tf.tensor2d(ofKernel), tf.tensor1d(bias), tf.tensor1d(query)]);
      const upstream = tf.tensor2d(golden.upstream);
      const loss = (steps: tf.Tensor) => tf.sum(tf.mul(call(steps), upstream)) as tf.Scalar;
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => loss(x), variables);
      const ours = [tf.grad(loss)(x), ...variables.map(({ name }) => grads[name]!)];
      expectClose('output', call(x).dataSync(), numbers(golden.output), 1e-5);
      ['input', 'kernel', 'bias', 'query'].forEach((name, i) => {
        const [actual, expected] = [ours[i]!.dataSync(), numbers(golden.gradients[i])];
        expectClose(`gradient of ${name}`, actual, expected, 1e-5);
      });
      layer.dispose();
    });
    expect(memoryInUse()).toEqual(before);
  });
});

const [TIME, WORDS] = [6, 9];

/** Words, pooled, as a label; the last sample has no word. */
function modelOf(kernel: 'auto' | 'composed'): tfl.LayersModel {
  const seed = (n: number) => ({ kernelInitializer: tfl.initializers.glorotUniform({ seed: n }) });
  const recurrentInitializer = tfl.initializers.glorotUniform({ seed: 4 });
  const embeddingsInitializer = tfl.initializers.randomUniform({ seed: 1 });
  const model = tfl.sequential({
    layers: [
      layers.embedding({
        ...{ inputDim: WORDS, outputDim: 5, inputLength: TIME, maskZero: true },
        embeddingsInitializer,
      }),
      layers.gru({ units: 4, returnSequences: true, recurrentInitializer, ...seed(2) }),
      layers.attentionPooling1d({ units: 3, seed: 5, kernel }),
      layers.dense({ units: 1, activation: 'sigmoid', ...seed(6) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'binaryCrossentropy' });
  return model;
}

const words = () =>
  tf.tensor2d([[1, 2, 3, 4, 0, 0], [0, 0, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]]); // biome-ignore format: rows
const labels = () => tf.tensor2d([[1], [0], [1], [0]]);

describe.each(['cpu', 'wasm'] as const)('a model with it on %s', (backend) => {
  beforeAll(() => useBackend(backend, false));
  afterAll(() => useBackend('cpu', false));

  test('trains without a tape and without an island, as the twin does with them', async () => {
    const train = async (kernel: 'auto' | 'composed') => {
      const model = modelOf(kernel);
      for (let step = 0; step < 3; step++) await model.trainOnBatch(words(), labels());
      return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    };
    const tapes = vi.spyOn(tf.engine(), 'gradients');
    const islands = vi.spyOn(tf.engine() as unknown as { startTape(): void }, 'startTape');
    const fused = await train('auto');
    expect(tapes).not.toHaveBeenCalled();
    expect(islands).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expectClose(
      'weights',
      Float32Array.from(fused),
      Float32Array.from(await train('composed')),
      1e-5,
    );
  });
});

test('is saved and loaded', async () => {
  registerLayers();
  const [model, { handler }] = [modelOf('auto'), inMemory()];
  await model.save(handler);
  const loaded = await tfl.loadLayersModel(handler);
  expect(loaded.layers[2]!.getConfig()).toMatchObject({ units: 3, seed: 5 });
  const [same, expected] = [loaded, model].map((one) =>
    (one.predict(words()) as tf.Tensor).dataSync(),
  );
  expect(same).toEqual(expected);
});

test('is refused by name in files of Keras, which has no such layer', async () => {
  await expect(saveKerasModel(modelOf('auto'))).rejects.toThrow(
    /^saveKerasModel: .* is a layer of a class that cannot be written for Keras, received "AttentionPooling1D"\./,
  );
});

test('is refused in a stream, which has not seen all steps', () => {
  expect(() => stream(modelOf('auto'))).toThrow('it pools over steps');
});

test('begins with the same weights for the same seed, with others for another', () => {
  const weightsOf = (seed: number) => {
    const layer = layers.attentionPooling1d({ seed });
    layer.build([null, 3, 4]);
    return layer.getWeights().map((weight) => [...weight.dataSync()]);
  };
  expect(weightsOf(1)).toEqual(weightsOf(1));
  expect(weightsOf(1)).not.toEqual(weightsOf(2));
  expect(weightsOf(1).map(({ length }) => length)).toEqual([16, 4, 4]);
});

test('refuses what it cannot take', () => {
  const pool = layers.attentionPooling1d();
  expect(() => layers.attentionPooling1d({ units: 0 })).toThrow(
    'layers.attentionPooling1d: units must be a positive integer, received 0',
  );
  expect(() => pool.apply(tf.ones([2, 3]))).toThrow(
    'layers.attentionPooling1d: the input must be one sequence, [batch, time, columns], received [2, 3]. Let the layer in front return sequences.',
  );
  const mask = tf.ones([2, 5], 'bool');
  expect(() => pool.apply(tf.ones([2, 3, 4]), { mask } as object)).toThrow(
    'layers.attentionPooling1d: the mask of the value must be a tensor of the shape [2, 3], received [2, 5]',
  );
});
