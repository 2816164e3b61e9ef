import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { ctc } from '../../../src/layers/losses/ctc.js';
import { type CtcDecodeOptions, ctcDecode } from '../../../src/models/decoding/ctc.js';
import { generator, uniform, useBackend } from '../../kernels/kernels.js';

/** [path][row][time], padded with -1; and [row][path]. */
interface Decoded {
  labels: number[][][];
  scores: number[][];
}

interface GoldenCase {
  time: number;
  classes: number;
  lengths: number[];
  blank: number;
  mergeRepeated: boolean;
  greedy: Decoded;
  /** That keeps everything. */
  beam: Decoded;
  /** That keeps four. */
  narrow: Decoded;
}

const golden: { decoded: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('../../golden/ctc.json', import.meta.url), 'utf8'),
);

beforeAll(() => useBackend('cpu'));

function goldenLogits(number: number, shape: [number, number, number]): tf.Tensor3D {
  const size = tf.util.sizeFromShape(shape);
  const value = (_: unknown, i: number) => 3 * Math.sin(number + 1.7 * i + 0.013 * i * i);
  return tf.tensor3d(Float32Array.from({ length: size }, value), shape);
}

describe.each(golden.decoded.map((each, i) => [i, each] as const))(
  'case %i of Keras',
  (i, each) => {
    const { time, classes, lengths, blank, mergeRepeated, greedy, beam } = each;
    const logits = () => goldenLogits(100 + i, [lengths.length, time, classes]);

    test('greedy', () => {
      const decoded = ctcDecode(logits(), lengths, { mergeRepeated, maskIndex: blank });
      expect(decoded.map(([path]) => path!.labels)).toEqual(
        greedy.labels[0]!.map((labels) => labels.filter((label) => label >= 0)),
      );
      for (const [row, [path]] of decoded.entries()) {
        expect(path!.score).toBeCloseTo(-greedy.scores[row]![0]!, 4);
      }
    });

    test.each([
      ['everything', 2000, beam],
      ['four', 4, each.narrow],
    ] as const)('a beam that keeps %s', (_, beamWidth, expected) => {
      const options: CtcDecodeOptions = {
        strategy: 'beam',
        beamWidth,
        topPaths: expected.labels.length,
        maskIndex: blank,
      };
      for (const [row, paths] of ctcDecode(logits(), lengths, options).entries()) {
        expect(paths.length).toBeGreaterThan(0);
        for (const [place, { labels, score }] of paths.entries()) {
          expect(labels).toEqual(expected.labels[place]![row]!.filter((label) => label >= 0));
          expect(score).toBeCloseTo(expected.scores[row]![place]!, 4);
        }
      }
    });
  },
);

test.each([
  [4, 3, 0],
  [5, 3, 2],
  [6, 2, 1],
  [4, 4, 1],
])(
  'a beam finds what exhaustive enumeration does: %i frames, %i classes, blank %i',
  (time, classes, blank) => {
    const logits = uniform<tf.Rank.R3>([1, time, classes], generator(time + classes), 2);
    const probabilities = tf.softmax(logits).dataSync();
    // Every way through the frames, by what it reads.
    const read = new Map<string, number>();
    for (let way = 0; way < classes ** time; way++) {
      const ofFrames = Array.from(
        { length: time },
        (_, t) => Math.floor(way / classes ** t) % classes,
      );
      const labels = ofFrames.filter((k, t) => k !== blank && k !== ofFrames[t - 1]);
      const p = ofFrames.reduce((product, k, t) => product * probabilities[t * classes + k]!, 1);
      read.set(labels.join(), (read.get(labels.join()) ?? 0) + p);
    }
    const expected = [...read].sort(([, a], [, b]) => b - a);
    const options: CtcDecodeOptions = {
      strategy: 'beam',
      maskIndex: blank,
      beamWidth: 1000,
      topPaths: expected.length,
    };
    const [paths] = ctcDecode(logits, undefined, options);
    expect(paths!.map(({ labels }) => labels.join())).toEqual(expected.map(([labels]) => labels));
    for (const [i, { labels, score }] of paths!.entries()) {
      expect(Math.exp(score)).toBeCloseTo(expected[i]![1], 6);
      // And the loss is the logarithm of the same.
      const loss = ctc(tf.tensor2d(labels, [1, labels.length]), logits, undefined, undefined, {
        maskIndex: blank,
      });
      expect(loss.dataSync()[0]).toBeCloseTo(-score, 5);
    }
  },
);

test('a narrow beam never says more than the probability of its labels', () => {
  const logits = uniform<tf.Rank.R3>([3, 20, 6], generator(3), 3);
  const options: CtcDecodeOptions = { strategy: 'beam', beamWidth: 3, topPaths: 3 };
  for (const [row, paths] of ctcDecode(logits, undefined, options).entries()) {
    expect(paths.length).toBe(3);
    for (const { labels, score } of paths) {
      const ofRow = tf.slice(logits, [row, 0, 0], [1, -1, -1]);
      const [loss] = ctc(tf.tensor2d(labels, [1, labels.length]), ofRow).dataSync();
      expect(score).toBeLessThanOrEqual(-loss! + 1e-5);
    }
  }
});

test('no frames read no labels', () => {
  for (const strategy of ['greedy', 'beam'] as const) {
    const [[path]] = ctcDecode(tf.zeros([1, 3, 2]), [0], { strategy }) as [[object]];
    expect(path).toEqual({ labels: [], score: 0 });
  }
});

test.each<[string, () => unknown]>([
  [
    'ctcDecode: lengths must be whole numbers from 0 to 3, the most frames a row has, received 4.',
    () => ctcDecode(tf.zeros([1, 3, 2]), [4]),
  ],
  [
    'ctcDecode: lengths must have one length for each of the 1 rows, received 2.',
    () => ctcDecode(tf.zeros([1, 3, 2]), [1, 1]),
  ],
  [
    'ctcDecode: logits must have the shape [batch, time, classes], received [3, 2]. A single sequence is tf.expandDims(logits, 0).',
    () => ctcDecode(tf.zeros([3, 2])),
  ],
  [
    'ctcDecode: logits must be numbers; row 0 has another, received NaN. A network that returns NaN has diverged: train it with a smaller learning rate.',
    () => ctcDecode(tf.tensor3d([[[NaN, 0]]])),
  ],
  [
    'ctcDecode: maskIndex must be one of the classes, 0 to 1, received 2.',
    () => ctcDecode(tf.zeros([1, 3, 2]), undefined, { maskIndex: 2 }),
  ],
  [
    'ctcDecode: beamWidth must be a positive integer, received 0.',
    () => ctcDecode(tf.zeros([1, 3, 2]), undefined, { strategy: 'beam', beamWidth: 0 }),
  ],
  [
    'ctcDecode: topPaths must be at most beamWidth, 2, received 3. A beam returns no more than it keeps: raise beamWidth.',
    () =>
      ctcDecode(tf.zeros([1, 3, 2]), undefined, { strategy: 'beam', beamWidth: 2, topPaths: 3 }),
  ],
  [
    'ctcDecode: strategy must be "greedy" or "beam", received "beam_search".',
    () => ctcDecode(tf.zeros([1, 3, 2]), undefined, { strategy: 'beam_search' as 'beam' }),
  ],
  [
    'ctcDecode: mergeRepeated: false is for greedy decoding alone. A beam joins what repeats without a blank in between, as the loss does.',
    () => ctcDecode(tf.zeros([1, 3, 2]), undefined, { strategy: 'beam', mergeRepeated: false }),
  ],
  [
    'ctcDecode: there is no option blank. Write maskIndex, as in Keras.',
    () => ctcDecode(tf.zeros([1, 3, 2]), undefined, { blank: 1 } as CtcDecodeOptions),
  ],
])('%s', (message, call) => {
  expect(call).toThrow(message);
});
