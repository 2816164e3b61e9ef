import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createEncoderDecoder } from '../../../src/index.js';
import { islandCall } from '../../../src/layers/model/without-tape/island.js';
import { stepWithoutTape } from '../../../src/layers/model/without-tape/step.js';
import { padded, taught } from '../../../src/models/encoder-decoder/sequences.js';
import { make, PAIRS, SIZES, VARIANTS } from './variants.js';

vi.mock('../../../src/layers/model/without-tape/island.js', { spy: true });
vi.mock('../../../src/layers/model/without-tape/step.js', { spy: true });

const LENGTHS = { length: SIZES.target.length, startToken: 9, endToken: 10 };

beforeEach(async () => {
  await tf.setBackend('cpu');
  vi.clearAllMocks();
});

describe('a step of training', () => {
  test.each(Object.keys(VARIANTS))('runs on kernels, without a tape: %s', async (name) => {
    const translator = make(name, { dropoutRate: 0.1 });
    await translator.fit(PAIRS, { epochs: 2, batchSize: 5 });
    expect(vi.mocked(stepWithoutTape).mock.results.map(({ value }) => value === null)).toEqual([
      ...[false, false],
    ]);
    expect(islandCall).not.toHaveBeenCalled();
    translator.dispose();
  });

  test.each(Object.keys(VARIANTS))('goes where a tape goes: %s', async (name) => {
    const ours = make(name);
    const onTape = make(name);
    expect(weightsOf(onTape.model)).toEqual(weightsOf(ours.model));
    await ours.fit(PAIRS, { epochs: 3, batchSize: 5, shuffle: false });
    vi.mocked(stepWithoutTape).mockImplementation(() => null);
    await onTape.fit(PAIRS, { epochs: 3, batchSize: 5, shuffle: false });
    vi.mocked(stepWithoutTape).mockRestore();
    const [a, b] = [weightsOf(ours.model), weightsOf(onTape.model)];
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i]!)).toBeLessThan(1e-5);
    });
  });

  test('leaves no tensor', async () => {
    const translator = make('luong');
    await translator.fit(PAIRS, { epochs: 1 });
    const before = tf.memory().numTensors;
    await translator.fit(PAIRS, { epochs: 2, validationSplit: 0.4 });
    await translator.generate(PAIRS.sources, { beams: 3 });
    await translator.attentionWeights([1, 2], [3]);
    expect(tf.memory().numTensors).toBe(before);
    translator.dispose();
  });
});

describe('padding', () => {
  test.each(['luong', 'without attention'])(
    'counts neither in loss nor accuracy: %s',
    async (name) => {
      const translator = make(name);
      const { model } = translator;
      const probabilities = tf.tidy(() => {
        const { target } = taught(PAIRS.targets, LENGTHS);
        const x = [padded(PAIRS.sources, SIZES.source.length), target];
        return (model.predict(x) as tf.Tensor3D).arraySync();
      });
      let [loss, right, count] = [0, 0, 0];
      PAIRS.targets.forEach((tokens, row) => {
        [...tokens, LENGTHS.endToken].forEach((token, time) => {
          const each = probabilities[row]![time]!;
          loss -= Math.log(each[token]!);
          right += Number(each.indexOf(Math.max(...each)) === token);
          count++;
        });
      });
      const { history } = await translator.fit(PAIRS, { epochs: 1, batchSize: 5 });
      expect(history.loss![0]).toBeCloseTo(loss / count, 5);
      expect(history.acc![0]).toBeCloseTo(right / count, 6);
    },
  );

  test('changes nothing, however much there is of it', async () => {
    const short = make('bahdanau, lstm, both ways');
    const long = make('bahdanau, lstm, both ways', {
      source: { vocabularySize: 9, length: 13 },
      target: { vocabularySize: 11, length: 9 },
    });
    const a = await short.fit(PAIRS, { epochs: 3, batchSize: 5 });
    const b = await long.fit(PAIRS, { epochs: 3, batchSize: 5 });
    b.history.loss!.forEach((loss, i) => {
      expect(loss).toBeCloseTo(a.history.loss![i]!, 5);
    });
  });
});

describe('fit', () => {
  test('appends to the history, validates on given pairs and calls back', async () => {
    const translator = make('luong');
    const onEpochEnd = vi.fn();
    const run = { epochs: 2, validationData: PAIRS, callbacks: { onEpochEnd } };
    await translator.fit(PAIRS, run);
    await translator.fit(PAIRS, run);
    expect(translator.history.epoch).toEqual([0, 1, 2, 3]);
    expect(Object.keys(translator.history.history).sort()).toEqual([
      ...['acc', 'loss', 'val_acc', 'val_loss'],
    ]);
    expect(onEpochEnd).toHaveBeenCalledTimes(4);
  });

  test('repeats with a seed', async () => {
    const losses = async () => {
      const { history } = await make('luong', { dropoutRate: 0.2 }).fit(PAIRS, {
        ...{ epochs: 3, batchSize: 2, validationSplit: 0.4 },
      });
      return history;
    };
    expect(await losses()).toEqual(await losses());
  });

  test('learns to reverse, and looks where it should', async () => {
    const reverse = createEncoderDecoder({ ...SIZES, units: 16, learningRate: 0.02 });
    const sources = [
      [1, 2, 3, 4],
      [4, 1, 2],
      [3, 4, 2, 1],
      [2, 3],
      [1, 4, 3],
      [3, 1],
    ];
    const targets = sources.map((tokens) => [...tokens].reverse());
    await reverse.fit({ sources, targets }, { epochs: 150, batchSize: 6 });
    const written = await reverse.generate(sources);
    expect(written.map(({ tokens }) => tokens)).toEqual(targets);
    expect(written.every(({ ended, text }) => ended && text === '')).toBe(true);
    const [best] = await reverse.generate([sources[0]!], { beams: 3 });
    expect(best!.tokens).toEqual(targets[0]);
    const weights = await reverse.attentionWeights(sources[1]!, targets[1]!);
    expect(weights.map((row) => row.length)).toEqual([3, 3, 3, 3]);
    for (const row of weights) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });
});

function weightsOf(model: { getWeights(): tf.Tensor[] }): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}
