import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import * as layers from '../../../src/layers/layers.js';
import { ctc, type CtcOptions } from '../../../src/layers/losses/ctc.js';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { fitWithSeed } from '../../../src/training/fit-with-seed.js';
import {
  BACKENDS,
  expectClose,
  generator,
  uniform,
  unwatched,
  useBackend,
} from '../../kernels/kernels.js';

const golden: { ofModel: { labels: number[][]; losses: number[]; loss: number }[] } = JSON.parse(
  readFileSync(new URL('../../golden/ctc.json', import.meta.url), 'utf8'),
);

function network(masked = false): tfl.LayersModel {
  const input = tfl.input({ shape: [null, 3] });
  const frames = masked ? tfl.layers.masking({}).apply(input) : input;
  const gru = layers.gru({
    units: 5,
    returnSequences: true,
    kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
    recurrentInitializer: tfl.initializers.orthogonal({ seed: 2 }),
  });
  const dense = layers.dense({
    units: 4,
    kernelInitializer: tfl.initializers.glorotUniform({ seed: 3 }),
  });
  const outputs = dense.apply(gru.apply(frames)) as tfl.SymbolicTensor;
  return tfl.model({ inputs: input, outputs });
}

const weightsOf = (model: tfl.LayersModel) =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()]);

describe.each(BACKENDS)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test('labels are padded with the blank, as by keras.losses.CTC', () => {
    const { labels, losses } = golden.ofModel[0]!;
    const values = Float32Array.from(
      { length: 64 },
      (_, i) => 3 * Math.sin(200 + 1.7 * i + 0.013 * i * i),
    );
    const ofRows = ctc(tf.tensor2d(labels), tf.tensor3d(values, [2, 8, 4]));
    expectClose('losses', ofRows.dataSync(), losses, 1e-6);
  });

  test.each([[false], [true]])(
    'a model trains by it as by its gradient; masked: %s',
    async (masked) => {
      await unwatched(async () => {
        const random = generator(5);
        const x = uniform<tf.Rank.R3>([6, 9, 3], random);
        const frames = [9, 7, 9, 4, 5, 8];
        const kept = tf.tensor3d(
          x.arraySync().map((row, i) => row.map((v, t) => (t < frames[i]! ? v : [0, 0, 0]))),
        );
        const y = tf.tensor2d(
          [1, 2, 0, 3, 3, 1, 2, 0, 0, 1, 0, 0, 0, 0, 0, 2, 1, 3],
          [6, 3],
          'int32',
        );
        const model = network(masked);
        const twin = network(masked);
        twin.setWeights(model.getWeights());
        model.compile({ optimizer: tf.train.sgd(0.1), loss: ctc });
        const before = tf.memory().numTensors;
        const history = await model.fit(kept, y, { epochs: 2, batchSize: 6, shuffle: false });
        expect(tf.memory().numTensors).toBe(before);

        const logitLengths = masked ? frames : undefined;
        const total = () =>
          tf.mean(ctc(y, twin.apply(kept) as tf.Tensor, undefined, logitLengths)) as tf.Scalar;
        const variables = twin.trainableWeights.map((w) => w.read() as tf.Variable);
        const losses = [0, 1].map(
          () => tf.train.sgd(0.1).minimize(total, true, variables)!.dataSync()[0]!,
        );
        expectClose('losses', history.history.loss as number[], losses, 1e-6);
        expectClose('weights', weightsOf(model), weightsOf(twin), 1e-6);
        const evaluated = (model.evaluate(kept, y, { batchSize: 6 }) as tf.Scalar).dataSync()[0]!;
        expect(evaluated).toBeCloseTo(total().dataSync()[0]!, 5);
      });
    },
  );

  test('fitWithSeed takes label sequences, for validation too', async () => {
    await unwatched(async () => {
      const model = network();
      model.compile({ optimizer: tf.train.sgd(0.1), loss: ctc });
      const x = uniform([8, 6, 3], generator(6));
      const y = tf.tensor2d([1, 2, 3, 0, 2, 2, 1, 0, 3, 1, 2, 0, 1, 1, 3, 2], [8, 2]);
      const { history } = await fitWithSeed(model, x, y, {
        epochs: 1,
        seed: 3,
        validationData: [x, y],
      });
      expect(Number.isFinite((history.val_loss as number[])[0])).toBe(true);
    });
  });

  test('frames that a mask leaves out must be the last', async () => {
    await unwatched(async () => {
      const model = network(true);
      model.compile({ optimizer: 'sgd', loss: ctc });
      const x = tf.tensor3d([
        [
          [0, 0, 0],
          [1, 1, 1],
          [1, 0, 1],
        ],
      ]);
      await expect(model.fit(x, tf.tensor2d([[1]]), { epochs: 1 })).rejects.toThrow(
        'losses.ctc: the frames that the mask leaves out must be the last of their row; row 0 has some before others. ' +
          "Pad sequences at their end: padSequences(rows, { padding: 'post' }).",
      );
    });
  });

  test.each<[string, () => unknown]>([
    [
      'losses.ctc: labelLengths must be whole numbers from 0 to 2, the most labels a row has, received 3.',
      () => ctc(tf.tensor2d([[1, 2]]), tf.zeros([1, 5, 3]), [3]),
    ],
    [
      'losses.ctc: logitLengths must be whole numbers from 0 to 5, the most frames a row has, received 6.',
      () => ctc(tf.tensor2d([[1, 2]]), tf.zeros([1, 5, 3]), [2], [6]),
    ],
    [
      'losses.ctc: labelLengths must have one length for each of the 1 rows, received 2.',
      () => ctc(tf.tensor2d([[1, 2]]), tf.zeros([1, 5, 3]), [1, 1]),
    ],
    [
      'losses.ctc: labels must not be the blank, 0; row 0 has it within its length. Number the labels without it, or name another blank by maskIndex.',
      () => ctc(tf.tensor2d([[1, 0]]), tf.zeros([1, 5, 3]), [2]),
    ],
    [
      'losses.ctc: labels must not hold the blank, 0, before another label; row 0 does at place 1. Number the labels without the blank, and pad rows with it at the end; or give labelLengths.',
      () => ctc(tf.tensor2d([[1, 0, 2]]), tf.zeros([1, 5, 3])),
    ],
    [
      'losses.ctc: labels must be numbers from 0 to 2, the classes of the logits; row 1 has another, received 3. Give the last layer as many units as there are labels, and one for the blank.',
      () => ctc(tf.tensor2d([[1], [3]]), tf.zeros([2, 5, 3])),
    ],
    [
      'losses.ctc: labels must be numbers from 0 to 2, the classes of the logits; row 0 has another, received -1.',
      () => ctc(tf.tensor2d([[1, -1]]), tf.zeros([1, 5, 3])),
    ],
    [
      'losses.ctc: row 0 has 2 labels, which need at least 3 frames (one each, and one more between two that are the same), received 2. Take fewer labels or more frames, or leave such rows out: no alignment exists, so the loss would be infinite.',
      () => ctc(tf.tensor2d([[1, 1]]), tf.zeros([1, 2, 3])),
    ],
    [
      'losses.ctc: logits must have the shape [batch, time, classes], received [5, 3]. A recurrent layer returns every step with returnSequences: true.',
      () => ctc(tf.tensor2d([[1, 1]]), tf.zeros([5, 3])),
    ],
    [
      "losses.ctc: labels must have the shape [2, labels], a row for each row of the logits, received [1, 2]. padSequences(rows, { padding: 'post' }) makes it from lists, padded with the blank 0.",
      () => ctc(tf.tensor2d([[1, 1]]), tf.zeros([2, 5, 3])),
    ],
    [
      'losses.ctc: maskIndex must be one of the classes, 0 to 2, received 3.',
      () => ctc(tf.tensor2d([[1]]), tf.zeros([1, 5, 3]), [1], [5], { maskIndex: 3 }),
    ],
    [
      'losses.ctc: there is no option blank. Write maskIndex, as in Keras.',
      () => ctc(tf.tensor2d([[1]]), tf.zeros([1, 5, 3]), [1], [5], { blank: 3 } as CtcOptions),
    ],
  ])('%s', (message, call) => {
    const before = tf.memory().numTensors;
    expect(() => tf.tidy(() => void call())).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('on a backend without the kernels it is computed by the book', async () => {
  await useBackend('cpu');
  const logits = uniform<tf.Rank.R3>([2, 6, 4], generator(8), 3);
  const labels = tf.tensor2d([
    [1, 1, 0],
    [3, 2, 1],
  ]);
  const weights = tf.tensor1d([2, 0.5]);
  const both = () => {
    const weighted = (x: tf.Tensor) => tf.sum(tf.mul(ctc(labels, x), weights)) as tf.Scalar;
    return [ctc(labels, logits).dataSync(), tf.grad(weighted)(logits).dataSync()] as const;
  };
  const [losses, gradient] = both();
  // A backend that our kernels do not know: that of TensorFlow.js under another name.
  tf.registerBackend('book', tf.findBackendFactory('cpu') as () => tf.KernelBackend);
  tf.copyRegisteredKernels('cpu', 'book');
  await tf.setBackend('book');
  await unwatched(() => {
    const [ofBook, gradientOfBook] = both();
    expectClose('losses', losses, ofBook, 1e-6);
    expectClose('gradient', gradient, gradientOfBook, 2e-6);
  });
  await tf.setBackend('cpu');
});
