import { beforeAll, describe, expect, it } from 'vitest';
import { RecurrentError } from '../../../src/foundation/errors.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { embeddingComposed } from '../../../src/kernels/embedding/embedding-composed.js';
import {
  BACKENDS,
  bytesInUse,
  expectClose,
  generator,
  inTidy,
  uniform,
  unwatched,
  useBackend,
} from '../kernels.js';

const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 32];
const SHAPES = [[11], [3, 4], [2, 1, 5], [1]];
const ROWS = 6; // fewer than most shapes have indices, so that some repeat

type Embedding = typeof embedding;

// On wasm, what any customGrad saves looks to TensorFlow.js like a leak when it tests itself.
const twin: Embedding = (indices, table) => {
  tf.env().set('IS_TEST', false);
  const rows = embeddingComposed(indices, table);
  tf.env().set('IS_TEST', true);
  return rows;
};

/** The rows, and the table's gradient when every value of the output has a weight of its own. */
function run(embed: Embedding, width: number, shape: number[]): [Float32Array, Float32Array] {
  return inTidy(() => {
    const random = generator(width + 10 * shape.length);
    const count = tf.util.sizeFromShape(shape);
    // Half of them zero, so that some come several times in a row, as padding does.
    const chosen = Array.from({ length: count }, () =>
      Math.max(0, Math.floor((2 * random() - 1) * ROWS)),
    );
    const indices = tf.tensor(chosen, shape, 'int32');
    const table = uniform<tf.Rank.R2>([ROWS, width], random);
    const weights = uniform([...shape, width], random);
    const rows = embed(indices, table);
    expect(rows.shape).toEqual([...shape, width]);
    const gradient = tf.grad((t) => tf.sum(tf.mul(embed(indices, t as tf.Tensor2D), weights)))(
      table,
    );
    return [rows.dataSync<'float32'>().slice(), gradient.dataSync<'float32'>().slice()];
  });
}

describe.each(BACKENDS)('the fused embedding on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each(WIDTHS.flatMap((width) => SHAPES.map((shape) => [width, shape] as const)))(
    'is its twin: rows of width %i for indices %j exactly, the gradient within 1e-6',
    (width, shape) => {
      const [rows, gradient] = run(embedding, width, shape);
      const [twinRows, twinGradient] = run(twin, width, shape);
      expect([...rows]).toEqual([...twinRows]);
      expectClose('gradient', gradient, twinGradient, 1e-6);
    },
  );

  it('adds up the gradients of an index that repeats, and has zero for one that is not used', () => {
    tf.tidy(() => {
      const indices = tf.tensor1d([2, 0, 2, 2], 'int32');
      const dy = tf.tensor2d([
        [1, 2, 3, 4, 5],
        [10, 10, 10, 10, 10],
        [1, 1, 1, 1, 1],
        [0, 0, 0, 0, 7],
      ]);
      const gradient = tf.grad((table) => embedding(indices, table as tf.Tensor2D));
      expect(gradient(tf.zeros([4, 5]), dy).arraySync()).toEqual([
        [10, 10, 10, 10, 10],
        [0, 0, 0, 0, 0],
        [2, 3, 4, 5, 13],
        [0, 0, 0, 0, 0],
      ]);
    });
  });

  it.each([
    [
      'beyond the table',
      [
        [0, 1],
        [5, 2],
      ],
      ['[1, 0]', '5'],
    ],
    [
      'below zero',
      [
        [0, 1],
        [4, -1],
      ],
      ['[1, 1]', '-1'],
    ],
    ['far beyond', [[2 ** 31 - 1]], ['[0, 0]', '2147483647']],
  ])('names an index %s and its place', (_, indices, [at, received]) => {
    tf.tidy(() => {
      const ask = () => embedding(tf.tensor2d(indices, undefined, 'int32'), tf.zeros([5, 3]));
      expect(ask).toThrow(RecurrentError);
      expect(ask).toThrow(
        `embedding: the index at ${at} must be a row of the table, from 0 to 4, received ${received}.`,
      );
      expect(ask).toThrow(
        'Raise inputDim (the size of the vocabulary, counting 0 for padding), ' +
          'or give the Tokenizer numWords.',
      );
    });
  });

  it('has a second derivative: 36·n²·t³ for the squared gradient of the cubes of n occurrences', async () => {
    const indices = tf.tensor2d([[1, 0, 1]], undefined, 'int32');
    const table = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    for (const look of [embedding, embeddingComposed]) {
      const second = await unwatched(() =>
        tf.grad((t) => {
          const first = tf.grad((u) => tf.sum(tf.pow(look(indices, u as tf.Tensor2D), 3)));
          return tf.sum(tf.square(first(t)));
        })(table),
      );
      expect([...second.dataSync()]).toEqual([36, 288, 3888, 9216]);
      second.dispose();
    }
    tf.dispose([indices, table]);
  });

  it('leaves nothing behind when it refuses an index', () => {
    const counts = () => [bytesInUse(), tf.memory().numTensors, tf.engine().backend.numDataIds()];
    const before = counts();
    for (let i = 0; i < 3; i++) {
      tf.tidy(() => {
        const indices = tf.tensor1d([1, 9], 'int32');
        expect(() => embedding(indices, tf.zeros([5, 300]))).toThrow(RecurrentError);
      });
    }
    expect(counts()).toEqual(before);
  });

  it('reads what a cast from bool left as bytes', () => {
    tf.tidy(() => {
      const bits = tf.cast(tf.tensor1d([true, false, true], 'bool'), 'int32');
      expect([...embedding(bits, tf.tensor2d([[5], [7]])).dataSync()]).toEqual([7, 5, 7]);
    });
  });

  it.each(['fused', 'composed'])(
    'the gradient outlives a tidy around the forward pass: %s',
    (kind) => {
      const embed = kind === 'fused' ? embedding : twin;
      const gradient = inTidy(() =>
        tf
          .grad((table) =>
            // The indices are gone when the gradient is computed.
            tf.tidy(() => tf.sum(embed(tf.tensor1d([1, 1, 0], 'int32'), table as tf.Tensor2D))),
          )(tf.zeros([3, 2]))
          .arraySync(),
      );
      expect(gradient).toEqual([
        [1, 1],
        [2, 2],
        [0, 0],
      ]);
    },
  );
});
