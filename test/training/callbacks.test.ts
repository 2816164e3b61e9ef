/** What counts as callbacks, and what is said of anything else, before anything is trained. */
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { fitWithSeed } from '../../src/index.js';
import { toCallbackList } from '../../src/training/callbacks.js';
import { tinyData, tinyModel, weightsOf } from './models.js';

const check = (callbacks: unknown) => () => toCallbackList('here', callbacks as never, 'auto');

describe('callbacks', () => {
  class Fields {
    onEpochEnd = async () => undefined;
  }
  class Methods {
    async onEpochEnd() {}
  }
  class Counting {
    count = 0;
    onBatchEnd = async () => void this.count++;
  }

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no functions', {}],
    ['functions', { onEpochEnd: () => undefined, onYield: () => undefined }],
    ['a function that is left out', { onEpochEnd: undefined }],
    ['an object of TensorFlow.js', tfl.callbacks.earlyStopping()],
    ['a mixed list', [{ onTrainEnd: () => undefined }, tfl.callbacks.earlyStopping()]],
    ['functions that are fields of a class', new Fields()],
  ])('may be %s', (_, callbacks) => {
    expect(check(callbacks)).not.toThrow();
  });

  test.each<[string, unknown, string]>([
    ['an event that there is not', { onEarlyStop: () => 0 }, 'there is no callback onEarlyStop.'],
    ['a slip', { onEpochend: () => 0 }, 'there is no callback onEpochend. Write onEpochEnd.'],
    [
      'the name of Keras',
      { on_epoch_end: () => 0 },
      'there is no callback on_epoch_end. Write onEpochEnd.',
    ],
    [
      'another name of Keras',
      { on_train_batch_end: () => 0 },
      'there is no callback on_train_batch_end. Write onBatchEnd.',
    ],
    ['one of several', [{ onYield: () => 0 }, { onStop: () => 0 }], 'there is no callback onStop.'],
    ['no function', { onEpochEnd: 'log' }, 'onEpochEnd must be a function, received "log".'],
    [
      'methods of a class, which would not be called',
      new Methods(),
      'callbacks with methods must extend the class Callback of TensorFlow.js, received a Methods.',
    ],
    ['more than functions', new Counting(), 'callbacks must be an object, received a Counting.'],
    ['a function', () => 0, 'callbacks must be callback objects or objects of functions, received'],
    ['null', [null], 'callbacks must be callback objects or objects of functions, received null.'],
  ])('cannot be %s', (_, callbacks, message) => {
    expect(check(callbacks)).toThrow(`here: ${message}`);
  });

  test('yieldEvery is one of its names, or milliseconds', () => {
    for (const yieldEvery of ['auto', 'batch', 'epoch', 'never', 50] as const) {
      expect(() => toCallbackList('here', undefined, yieldEvery)).not.toThrow();
    }
    for (const yieldEvery of ['batches', -1, Number.NaN, null]) {
      expect(() => toCallbackList('here', undefined, yieldEvery as never)).toThrow(
        `here: yieldEvery must be "auto", "batch", "epoch" or "never", received`,
      );
    }
  });

  test('that are wrong let nothing be trained', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const before = weightsOf(model);
    const options = { callbacks: { onEarlyStop: () => undefined } as never };
    await expect(fitWithSeed(model, x, y, options)).rejects.toThrow(
      'there is no callback onEarlyStop',
    );
    expect(weightsOf(model)).toEqual(before);
  });
});
