import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { ctcLoss, ctcLossGradient } from '../../../src/kernels/losses/ctc.js';
import { ctcByTheBook } from '../../../src/kernels/losses/ctc-by-the-book.js';
import { type CtcTargets, ctcTargets } from '../../../src/kernels/losses/ctc-targets.js';
import { BACKENDS, bytesInUse, expectClose, generator, useBackend } from '../kernels.js';

interface GoldenCase {
  name: string;
  labels: number[][];
  labelLengths: number[];
  logitLengths: number[];
  time: number;
  classes: number;
  blank: number;
  losses: number[];
  /** Of the losses, the first weighted by 1, the next by 2, and so on. */
  gradient: number[];
  /** By PyTorch in doubles. */
  exactLosses: number[];
}

const golden: { cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('../../golden/ctc.json', import.meta.url), 'utf8'),
);

/** The logits of a case, by the formula of test/golden/generate_ctc.py. */
function goldenLogits(number: number, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) =>
    Math.fround(3 * Math.sin(number + 1.7 * i + 0.013 * i * i)),
  );
}

/** The kernel's losses and gradient, the losses weighted as in the golden cases. */
function byKernel(targets: CtcTargets, logits: Float32Array, shape: [number, number, number]) {
  return tf.tidy(() => {
    const x = tf.tensor3d(logits, shape);
    const weights = tf.range(1, shape[0] + 1);
    const weighted = (z: tf.Tensor) => tf.sum(tf.mul(ctcLoss(targets, z), weights)) as tf.Scalar;
    return {
      losses: ctcLoss(targets, x).dataSync<'float32'>(),
      gradient: tf.grad(weighted)(x).dataSync<'float32'>(),
      ofEach: ctcLossGradient(targets, x, 0.25).dataSync<'float32'>(),
    };
  });
}

describe.each(BACKENDS)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(golden.cases.map((each, i) => [each.name, i, each] as const))(
    'has the losses and gradients of Keras: %s',
    (name, number, { labels, labelLengths, logitLengths, time, classes, blank, ...expected }) => {
      const sizes = { batch: labels.length, time, classes };
      const logits = goldenLogits(number, sizes.batch * time * classes);
      const width = labels[0]!.length;
      const targets = ctcTargets(labels.flat(), width, sizes, blank, labelLengths, logitLengths);
      const before = bytesInUse();
      const actual = byKernel(targets, logits, [sizes.batch, time, classes]);
      expectClose('losses', actual.losses, expected.exactLosses, 1e-6);
      // Keras adds the one state of a row without labels to itself where the labels have no column.
      const twice = name === 'empty' ? Math.LN2 : 0;
      const losses = actual.losses.map((loss) => loss - twice);
      expectClose("Keras's losses", losses, expected.losses, 1e-6);
      expectClose('gradient', actual.gradient, expected.gradient, name === 'long' ? 2e-5 : 2e-6);
      expect(bytesInUse()).toBe(before);
    },
  );

  test.each([
    [1, 5, 3, 2],
    [3, 7, 2, 1],
    [4, 13, 5, 3],
    [5, 30, 9, 4],
    [6, 21, 29, 7],
    [37, 50, 17, 8],
    [40, 64, 33, 16],
  ])('is its twin: %i rows, %i frames, %i classes, %i labels', (batch, time, classes, width) => {
    const random = generator(batch + width);
    const below = (n: number) => Math.floor(random() * n);
    const logits = Float32Array.from(
      { length: batch * time * classes },
      () => 8 * (random() + random() - 1),
    );
    const blank = below(classes);
    const labels = Array.from(
      { length: batch * width },
      () => (blank + 1 + below(classes - 1)) % classes,
    );
    const labelLengths = Array.from({ length: batch }, () => below(width + 1));
    const logitLengths = labelLengths.map((length) => Math.min(time, 2 * length + below(time)));
    const sizes = { batch, time, classes };
    const targets = ctcTargets(labels, width, sizes, blank, labelLengths, logitLengths);
    const actual = byKernel(targets, logits, [batch, time, classes]);
    const twin = ctcByTheBook(targets, logits, sizes);
    expectClose('losses', actual.losses, twin.losses, 1e-6);
    expectClose(
      'each',
      actual.ofEach,
      twin.gradient.map((value) => value / 4),
      2e-6,
    );
    const weighted = twin.gradient.map((value, i) => value * (1 + Math.floor(i / time / classes)));
    expectClose('gradient', actual.gradient, weighted, 2e-6);
  });

  test('probabilities far below what a float holds neither vanish nor overflow', () => {
    const [time, classes, width] = [500, 5, 230];
    const sizes = { batch: 1, time, classes };
    // A network that has learnt to say blank, and very sure of it.
    const logits = Float32Array.from({ length: time * classes }, (_, i) =>
      i % classes === 0 ? 60 : -60 - (i % 7),
    );
    const labels = Array.from({ length: width }, (_, i) => 1 + (i % 4));
    const targets = ctcTargets(labels, width, sizes, 0, null, null);
    const actual = byKernel(targets, logits, [1, time, classes]);
    const twin = ctcByTheBook(targets, logits, sizes);
    expect(twin.losses[0]).toBeGreaterThan(25_000);
    expectClose('losses', actual.losses, twin.losses, 1e-6);
    expectClose('gradient', actual.gradient, twin.gradient, 1e-4);
  });

  test('NaN and Infinity in a frame that counts make the loss NaN, beyond it they are not read', () => {
    for (const [value, loss] of [
      [NaN, NaN],
      [Infinity, NaN],
      [-Infinity, Infinity], // a probability of 0 for a label that must be
    ] as const) {
      const sizes = { batch: 2, time: 2, classes: 3 };
      const logits = Float32Array.of(0, value, 0, 0, value, 0, 0, 1, 0, 0, value, 0);
      const targets = ctcTargets([1, 1], 1, sizes, 0, [1, 1], [2, 1]);
      const { losses, ofEach } = byKernel(targets, logits, [2, 2, 3]);
      expect([...losses]).toEqual([loss, expect.closeTo(Math.log(2 + Math.E) - 1, 6)]);
      expect([...ofEach.subarray(0, 6)]).toEqual(new Array(6).fill(NaN));
      expect([...ofEach.subarray(9)]).toEqual([0, 0, 0]);
    }
  });

  test('-Infinity leaves a class out', () => {
    const sizes = { batch: 1, time: 3, classes: 4 };
    const rows = [1, -Infinity, 2, 0.5, 0, -Infinity, 1, 1, 2, -Infinity, 0, 3];
    const without = rows.filter((value) => value !== -Infinity);
    const targets = ctcTargets([2, 3], 2, sizes, 0, null, null);
    const fewer = ctcTargets([1, 2], 2, { ...sizes, classes: 3 }, 0, null, null);
    const actual = byKernel(targets, Float32Array.from(rows), [1, 3, 4]);
    const expected = byKernel(fewer, Float32Array.from(without), [1, 3, 3]);
    expectClose('losses', actual.losses, expected.losses, 1e-6);
    expectClose(
      'gradient',
      actual.gradient.filter((_, i) => i % 4 !== 1),
      expected.gradient,
      1e-6,
    );
    expect(actual.gradient.filter((_, i) => i % 4 === 1).every((value) => value === 0)).toBe(true);
  });
});

test('the gradient by the book is that of differences', () => {
  const sizes = { batch: 2, time: 6, classes: 4 };
  const targets = ctcTargets([1, 1, 3, 2, 0, 0], 3, sizes, 0, null, [6, 4]);
  const logits = Float64Array.from({ length: 48 }, (_, i) => Math.sin(1.3 * i * i));
  const { gradient } = ctcByTheBook(targets, logits, sizes);
  const lossAt = (i: number, step: number) => {
    const moved = logits.slice();
    moved[i]! += step;
    return ctcByTheBook(targets, moved, sizes).losses[i < 24 ? 0 : 1]!;
  };
  for (let i = 0; i < 48; i++) {
    expect(gradient[i]).toBeCloseTo((lossAt(i, 0.01) - lossAt(i, -0.01)) / 0.02, 4);
  }
});
