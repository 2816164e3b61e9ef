/** normalizedEmbedding: the numbers of the paper's formula, and that inputs stay words behind it. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import {
  adversarialTraining,
  fitWithSeed,
  layers,
  registerLayers,
  saveKerasModel,
} from '../../../src/index.js';
import { blocks } from '../../golden/blocks/read.js';
import { inMemory } from '../../in-memory.js';
import { expectClose } from '../../kernels/kernels.js';
import { useBackend } from '../golden.js';

const floats = (values: unknown) =>
  Float32Array.from([values].flat(Number.POSITIVE_INFINITY) as number[]);

describe.each([
  ['cpu', 'fused'],
  ['cpu', 'composed'],
  ['wasm', 'fused'],
  ['wasm', 'composed'],
] as const)('normalizedEmbedding on %s, %s', (backend, kernel) => {
  beforeAll(() => useBackend(backend, false));

  test.each(blocks.normalized_embedding)('is the formula of Miyato et al., case %#', (golden) => {
    const [inputDim, outputDim] = [golden.table.length, golden.table[0]!.length];
    const frequencies = golden.counts;
    const layer = layers.normalizedEmbedding({ inputDim, outputDim, frequencies, kernel });
    layer.build([null, 4]);
    layer.setWeights([tf.tensor2d(golden.table), layer.getWeights()[1]!]);
    const indices = tf.tensor2d(golden.indices, [3, 4], 'int32');
    const output = layer.apply(indices) as tf.Tensor;
    expectClose('output', output.dataSync(), floats(golden.output), 1e-5);
    const upstream = tf.tensor3d(golden.upstream);
    const [table] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(layer.apply(indices) as tf.Tensor, upstream)) as tf.Scalar,
      [table!],
    );
    expectClose('gradient', grads[table!.name]!.dataSync(), floats(golden.gradient), 1e-5);
  });
});

const [WORDS, TIME] = [9, 6];
const X = () => tf.tensor2d([[0, 0, 1, 2, 3, 4], [0, 5, 6, 7, 8, 1], [2, 2, 3, 0, 4, 5]]); // biome-ignore format: rows
const Y = () => tf.tensor2d([[1], [0], [1]]);

function modelOf(kernel: 'auto' | 'composed'): tfl.LayersModel {
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const model = tfl.sequential({
    layers: [
      layers.normalizedEmbedding({
        ...{ inputDim: WORDS, outputDim: 5, inputLength: TIME, maskZero: true, kernel },
        frequencies: [0, 9, 7, 5, 4, 3, 2, 1, 1],
        embeddingsInitializer: tfl.initializers.randomUniform({ seed: 1 }),
      }),
      layers.gru({
        units: 4,
        kernelInitializer: seeded(2),
        recurrentInitializer: seeded(3),
        kernel,
      }),
      layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: seeded(4) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'binaryCrossentropy' });
  return model;
}

describe('a model with it', () => {
  beforeAll(() => useBackend('cpu', false));

  test.each([false, true])(
    'trains without a tape as its twin, adversarially: %s',
    async (isAdversarial) => {
      const train = async (kernel: 'auto' | 'composed') => {
        const model = modelOf(kernel);
        const callbacks = isAdversarial ? [adversarialTraining({ epsilon: 0.5 })] : [];
        await fitWithSeed(model, X(), Y(), { epochs: 3, shuffle: false, callbacks });
        return Float32Array.from(model.getWeights().flatMap((weight) => [...weight.dataSync()]));
      };
      const tapes = vi.spyOn(tf.engine() as unknown as { startTape(): void }, 'startTape');
      const fused = await train('auto');
      expect(tapes).not.toHaveBeenCalled();
      vi.restoreAllMocks();
      expectClose('weights', fused, await train('composed'), 1e-5);
    },
  );

  test('is saved and loaded with its frequencies, and refused by name in files of Keras', async () => {
    registerLayers();
    const [model, { handler }] = [modelOf('auto'), inMemory()];
    await model.save(handler);
    const loaded = await tfl.loadLayersModel(handler);
    const [same, expected] = [loaded, model].map((one) =>
      (one.predict(X()) as tf.Tensor).dataSync(),
    );
    expect(same).toEqual(expected);
    await expect(saveKerasModel(model)).rejects.toThrow('"NormalizedEmbedding"');
  });
});

test.each<[string, unknown]>([
  ['too few frequencies', [1]],
  ['a negative one', [1, -1]],
  ['none above 0', [0, 0]],
  ['one that is no number', [1, Number.NaN]],
])('refuses %s', (_, frequencies) => {
  expect(() =>
    layers.normalizedEmbedding({ inputDim: 2, outputDim: 1, frequencies: frequencies as number[] }),
  ).toThrow(
    'layers.normalizedEmbedding: frequencies must be 2 numbers of at least 0, not all of them 0, one for each of inputDim, received',
  );
});

test('refuses to be made without frequencies', () => {
  expect(() => layers.normalizedEmbedding({ inputDim: 2, outputDim: 1 } as never)).toThrow(
    'layers.normalizedEmbedding: frequencies must be a list of numbers, one for each word, received undefined. The counts of a Tokenizer are in its wordCounts.',
  );
});
