import { Writable } from 'node:stream';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fitWithSeed, progressBar } from '../../src/node.js';
import { showDuration } from '../../src/training/pace.js';

/** A stream that keeps what is written to it. */
class Screen extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void) {
    this.text += String(chunk);
    done();
  }

  /** What was drawn, one line for each drawing, without control codes. */
  get frames(): string[] {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are what is removed
    const codes = /\x1b(?:\[[\d;]*[A-Za-z]|[78])/g;
    return this.text.split(codes).filter((frame) => frame !== '');
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

let now = 0;
beforeEach(() => {
  now = 1000;
  vi.stubEnv('CI', '');
  vi.stubEnv('TERM', 'xterm');
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  // cli-progress draws at most ten times a second.
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Plays a run of epochs with given seconds a batch, and validation at the end of each. */
async function play(
  screen: Screen,
  run: { epochs: number; initialEpoch?: number; batches: number; seconds: number; tail?: number },
) {
  const { epochs, initialEpoch = 0, batches, seconds, tail = 0 } = run;
  const bar = progressBar({ stream: screen });
  bar.setParams({ epochs, initialEpoch, samples: batches * 10, batchSize: 10 });
  await bar.onTrainBegin();
  for (let epoch = initialEpoch; epoch < epochs; epoch++) {
    await bar.onEpochBegin(epoch);
    for (let batch = 0; batch < batches; batch++) {
      now += 1000 * (seconds + (batch === batches - 1 ? tail : 0));
      await bar.onBatchEnd(batch, { batch, size: 10, loss: 1 / (batch + 1), acc: 0.5 });
    }
    await bar.onEpochEnd(epoch, { val_loss: 0.5, val_acc: 0.75, loss: 0.25, acc: 0.875 });
  }
  await bar.onTrainEnd();
}

describe('progressBar on a terminal', () => {
  test('draws epoch, bar, batches, mean loss, accuracy and the time left', async () => {
    const screen = new Screen(true);
    await play(screen, { epochs: 3, batches: 4, seconds: 2 });
    expect(screen.frames.slice(0, 4)).toEqual([
      'Epoch 1/3 ░░░░░░░░░░░░░░░░░░░░░░░░ 0/4',
      'Epoch 1/3 ███░░░░░░░ 1/4  loss 1.0000  accuracy 0.5000  6 s left, run 22 s',
      'Epoch 1/3 █████░░░░░ 2/4  loss 0.7500  accuracy 0.5000  4 s left, run 20 s',
      'Epoch 1/3 ████████░░ 3/4  loss 0.6111  accuracy 0.5000  2 s left, run 18 s',
    ]);
  });

  test('leaves one line for each epoch that is over', async () => {
    const screen = new Screen(true);
    await play(screen, { epochs: 2, batches: 2, seconds: 1.5 });
    expect(screen.frames.filter((frame) => frame.endsWith('\n'))).toEqual([
      'Epoch 1/2: loss 0.2500, accuracy 0.8750, val_loss 0.5000, val_accuracy 0.7500, 3.0 s\n',
      'Epoch 2/2: loss 0.2500, accuracy 0.8750, val_loss 0.5000, val_accuracy 0.7500, 3.0 s\n',
    ]);
    // The bar is wiped before its line is written.
    expect(screen.text).toContain('\x1b[2KEpoch 1/2: loss');
  });

  test('learns from one epoch how long validation takes', async () => {
    const screen = new Screen(true);
    await play(screen, { epochs: 2, batches: 2, seconds: 3, tail: 4 });
    expect(screen.frames.filter((frame) => / 1\/2 {2}/.test(frame))).toEqual([
      expect.stringContaining('3 s left, run 9 s'),
      expect.stringContaining('7 s left, run 7 s'),
    ]);
  });

  test('keeps within the width of the terminal', async () => {
    const screen = new Screen(true);
    await play(screen, { epochs: 100, initialEpoch: 99, batches: 2000, seconds: 5 });
    const bars = screen.frames.filter((frame) => !frame.endsWith('\n'));
    expect(Math.max(...bars.map((frame) => frame.length))).toBeLessThanOrEqual(80);
  });

  test('keeps no process alive whose training threw', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers();
    const bar = progressBar({ stream: new Screen(true) });
    bar.setParams({ epochs: 1, samples: 20, batchSize: 10 });
    await bar.onTrainBegin();
    await bar.onEpochBegin(0);
    expect(timers()).toEqual(before);
  });
});

describe('progressBar elsewhere', () => {
  test('writes one plain line for a short epoch, and what is left of the run', async () => {
    const screen = new Screen(false);
    await play(screen, { epochs: 2, batches: 100, seconds: 0.09 });
    expect(screen.lines).toEqual([
      'Epoch 1/2: loss 0.2500, accuracy 0.8750, val_loss 0.5000, val_accuracy 0.7500, 9.0 s, 9 s left',
      'Epoch 2/2: loss 0.2500, accuracy 0.8750, val_loss 0.5000, val_accuracy 0.7500, 9.0 s',
    ]);
    expect(screen.text).not.toContain('\x1b');
  });

  test('writes four lines within a long epoch', async () => {
    const screen = new Screen(false);
    await play(screen, { epochs: 2, initialEpoch: 1, batches: 100, seconds: 1 });
    expect(screen.lines).toEqual([
      'Epoch 2/2: 20/100 batches, loss 0.1799, accuracy 0.5000, 1:20 left of the epoch, 1:20 of the run',
      'Epoch 2/2: 40/100 batches, loss 0.1070, accuracy 0.5000, 1:00 left of the epoch, 1:00 of the run',
      'Epoch 2/2: 60/100 batches, loss 0.0780, accuracy 0.5000, 40 s left of the epoch, 40 s of the run',
      'Epoch 2/2: 80/100 batches, loss 0.0621, accuracy 0.5000, 20 s left of the epoch, 20 s of the run',
      'Epoch 2/2: loss 0.2500, accuracy 0.8750, val_loss 0.5000, val_accuracy 0.7500, 1:40',
    ]);
  });

  test.each([
    ['CI', 'true'],
    ['TERM', 'dumb'],
  ])('is also where %s is %s', async (name, value) => {
    vi.stubEnv(name, value);
    const screen = new Screen(true);
    await play(screen, { epochs: 1, batches: 2, seconds: 1 });
    expect(screen.lines).toHaveLength(1);
    expect(screen.text).not.toContain('\x1b');
  });

  test('counts batches of a data set whose size is unknown', async () => {
    const screen = new Screen(false);
    const bar = progressBar({ stream: screen });
    bar.setParams({ epochs: 1, initialEpoch: 0 });
    await bar.onTrainBegin();
    await bar.onEpochBegin(0);
    for (let batch = 0; batch < 4; batch++) {
      now += 20_000;
      await bar.onBatchEnd(batch, { batch, size: 1, loss: 0.00001 });
    }
    await bar.onEpochEnd(0, { loss: Number.NaN });
    expect(screen.lines).toEqual([
      'Epoch 1/1: 2/? batches, loss 1.00e-5',
      'Epoch 1/1: 4/? batches, loss 1.00e-5',
      'Epoch 1/1: loss NaN, 1:20',
    ]);
  });
});

describe('progressBar in training', () => {
  const compiled = () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['accuracy'] });
    return model;
  };

  test.each(['model.fit', 'fitWithSeed'])('follows %s, and leaves no tensor behind', async (by) => {
    const model = compiled();
    const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[0], [1], [0]])];
    const screen = new Screen(false);
    const options = { epochs: 2, batchSize: 2, validationData: [x, y] as [tf.Tensor, tf.Tensor] };
    const before = tf.memory().numTensors;
    const callbacks = [progressBar({ stream: screen })];
    if (by === 'model.fit') await model.fit(x, y, { ...options, callbacks, verbose: 0 });
    else await fitWithSeed(model, x, y, { ...options, callbacks });
    expect(tf.memory().numTensors).toBe(before);
    const numbers =
      /loss \d+\.\d{4}, accuracy \d\.\d{4}, val_loss \d+\.\d{4}, val_accuracy \d\.\d{4}/;
    expect(screen.lines).toEqual([
      expect.stringMatching(numbers),
      expect.stringMatching(/^Epoch 2\/2: /),
    ]);
  });
});

test.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.6, '1:00'],
  [605, '10:05'],
  [7325, '2:02:05'],
  [-1, '0 s'],
])('%d seconds are shown as %s', (seconds, shown) => {
  expect(showDuration(seconds)).toBe(shown);
});
