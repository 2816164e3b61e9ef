/** sampledSoftmax: the numbers of TensorFlow, what it draws, and a language model that trains by it. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers, saveKerasModel } from '../../../src/index.js';
import { drawCandidates, logExpected } from '../../../src/kernels/losses/log-uniform.js';
import { sampledSoftmax } from '../../../src/kernels/losses/sampled-softmax.js';
import { sampledSoftmaxComposed } from '../../../src/kernels/losses/sampled-softmax-composed.js';
import { blocks } from '../../golden/blocks/read.js';
import { inMemory } from '../../in-memory.js';
import { expectClose } from '../../kernels/kernels.js';
import { useBackend } from '../golden.js';

const floats = (values: unknown) =>
  Float32Array.from([values].flat(Number.POSITIVE_INFINITY) as number[]);

describe.each(['cpu', 'wasm'] as const)('sampledSoftmax on %s', (backend) => {
  beforeAll(() => useBackend(backend, false));
  afterAll(() => useBackend('cpu', false));

  test.each(blocks.sampled_softmax)('is that of TensorFlow, case %#', (golden) => {
    const [x, kernel] = [tf.tensor2d(golden.x), tf.tensor2d(golden.kernel)];
    const bias = tf.tensor1d(golden.bias);
    const labels = Int32Array.from(golden.labels);
    const { tries } = golden;
    const candidates = { classes: golden.bias.length, ids: Int32Array.from(golden.ids), tries };
    const upstream = tf.tensor1d(golden.upstream);
    const fused = sampledSoftmax({ x, kernel, bias, labels }, candidates);
    const d = fused.gradients(upstream);
    const composed = (...[ofX, ofKernel, ofBias]: tf.Tensor[]) =>
      sampledSoftmaxComposed(
        {
          x: ofX as tf.Tensor2D,
          kernel: ofKernel as tf.Tensor2D,
          bias: ofBias as tf.Tensor1D,
          labels,
        },
        candidates,
      );
    const all = [x, kernel, bias];
    const total = (...each: tf.Tensor[]) => tf.sum(tf.mul(composed(...each), upstream));
    const ours = [
      [fused.losses, d.x, d.kernel, d.bias],
      [composed(...all), ...tf.grads(total)(all)],
    ];
    const expected = [golden.losses, ...golden.gradients];
    for (const path of ours) {
      ['losses', 'x', 'kernel', 'bias'].forEach((name, i) => {
        expectClose(name, path[i]!.dataSync(), floats(expected[i]), 2e-5);
      });
    }
  });

  test('trains without a tape and without an island of its own, as the twin', async () => {
    const train = async (onTape: boolean) => {
      const { model, inputs, zeros } = languageModel();
      const { optimizer } = model;
      if (onTape) optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
      const losses = [];
      for (let step = 0; step < 3; step++) losses.push(await model.trainOnBatch(inputs, zeros));
      const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
      return Float32Array.from([...(losses as number[]), ...weights]);
    };
    const tapes = vi.spyOn(tf.engine(), 'gradients');
    const fused = await train(false);
    expect(tapes).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expectClose('weights', fused, await train(true), 1e-5);
  });

  test('is the whole cross-entropy where the model does not train', () => {
    const { model, inputs, zeros, words } = languageModel();
    const loss = (model.evaluate(inputs, zeros) as tf.Scalar).dataSync()[0]!;
    // The same weights in a model that writes.
    const [kernel, bias] = model.getLayer('loss').getWeights() as [tf.Tensor2D, tf.Tensor1D];
    const states = tfl.model({
      inputs: model.inputs[0]!,
      outputs: model.getLayer('lstm').output as tfl.SymbolicTensor,
    });
    const h = tf.reshape(states.predict(words) as tf.Tensor, [-1, UNITS]) as tf.Tensor2D;
    const logits = tf.add(tf.matMul(h, kernel, false, true), bias);
    const following = tf.cast(tf.reshape(inputs[1]!, [-1]), 'int32');
    const right = tf.cast(tf.oneHot(following, CLASSES), 'float32');
    const each = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), right), 1));
    const counts = tf.cast(tf.notEqual(tf.reshape(words, [-1]), 0), 'float32');
    const expected = tf.div(tf.sum(tf.mul(each, counts)), tf.sum(counts)).dataSync()[0]!;
    expect(loss).toBeCloseTo(expected, 5);
  });
});

const [TIME, CLASSES, UNITS] = [5, 20, 4];

/** A masked language model of two sentences. */
function languageModel() {
  const words = tf.tensor2d([[1, 2, 3, 4, 5], [6, 7, 8, 0, 0]]); // biome-ignore format: rows
  const next = tf.tensor2d([[2, 3, 4, 5, 19], [7, 8, 1, 0, 0]]); // biome-ignore format: rows
  const [tokens, following] = ['tokens', 'following'].map((name) =>
    tfl.input({ shape: [TIME], name }),
  );
  const embedded = layers
    .embedding({
      ...{ inputDim: CLASSES, outputDim: 3, maskZero: true },
      embeddingsInitializer: tfl.initializers.randomUniform({ seed: 1 }),
    })
    .apply(tokens!);
  const states = layers
    .lstm({
      ...{ units: UNITS, returnSequences: true, name: 'lstm' },
      kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      recurrentInitializer: tfl.initializers.glorotUniform({ seed: 3 }),
    })
    .apply(embedded) as tfl.SymbolicTensor;
  const losses = layers
    .sampledSoftmax({ classes: CLASSES, numSampled: 6, seed: 4, name: 'loss' })
    .apply([states, following!]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [tokens!, following!], outputs: losses });
  model.compile({ optimizer: tf.train.sgd(0.5), loss: (_, given) => given });
  return { model, inputs: [words, next], zeros: tf.zeros([2, TIME, 1]), words };
}

describe('what is drawn', () => {
  test('is expected as often as TensorFlow says', () => {
    for (const { ids, tries, expected, bias } of blocks.sampled_softmax) {
      const ours = ids.map((id) => Math.exp(logExpected(id, { classes: bias.length, tries })));
      expectClose('expected counts', Float32Array.from(ours), Float32Array.from(expected), 1e-4);
    }
  });

  test('are different classes, frequent ones oftener, the same for the same seed', () => {
    const [classes, count, draws] = [200, 20, 400];
    const times = new Float64Array(classes);
    let expected = 0;
    for (let seed = 0; seed < draws; seed++) {
      const candidates = drawCandidates(classes, count, seed);
      expect(new Set(candidates.ids).size).toBe(count);
      for (const id of candidates.ids) times[id]!++;
      expected += Math.exp(logExpected(10, candidates));
    }
    // Three standard deviations.
    expect(Math.abs(times[10]! - expected)).toBeLessThan(3 * Math.sqrt(expected));
    expect(times[0]).toBeGreaterThan(times[10]!);
    expect(times[10]).toBeGreaterThan(times[190]!);
    expect(drawCandidates(classes, count, 7)).toEqual(drawCandidates(classes, count, 7));
  });
});

test('is saved and loaded, and refused by name in files of Keras', async () => {
  registerLayers();
  const { model, inputs } = languageModel();
  const { handler } = inMemory();
  await model.save(handler);
  const loaded = await tfl.loadLayersModel(handler);
  expect(loaded.getLayer('loss').getConfig()).toMatchObject({
    classes: CLASSES,
    numSampled: 6,
    seed: 4,
  });
  const [same, expected] = [loaded, model].map((one) =>
    (one.predict(inputs) as tf.Tensor).dataSync(),
  );
  expect(same).toEqual(expected);
  await expect(saveKerasModel(model)).rejects.toThrow('"SampledSoftmax"');
});

test('refuses what it cannot take', () => {
  expect(() => layers.sampledSoftmax({ classes: 3, numSampled: 3 })).toThrow(
    'layers.sampledSoftmax: numSampled must be less than classes, 3, received 3. For so few classes take layers.dense with softmax.',
  );
  const loss = layers.sampledSoftmax({ classes: 3, numSampled: 1 });
  expect(() => loss.apply([tf.ones([2, 3]), tf.ones([2])])).toThrow(
    'layers.sampledSoftmax: the inputs must be states, [batch, time, columns], and labels, [batch, time]',
  );
  expect(() => loss.apply([tf.ones([1, 2, 2]), tf.tensor2d([[1, 3]], [1, 2], 'int32')])).toThrow(
    'layers.sampledSoftmax: labels must be classes, from 0 to 2, received 3.',
  );
});
