import { reasonOf } from '../../../src/foundation/errors.js';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  RecurrentError,
  SentimentClassifier,
  serveTraining,
  Tokenizer,
  trainInWorker,
} from '../../../src/index.js';
import { tinyData, tinyModel, weightsOf } from '../models.js';
import type { Task } from './train.worker.js';
import { startWorker } from './worker.js';

let worker: Worker;
beforeAll(() => {
  worker = startWorker('./train.worker.ts');
});
afterAll(() => worker.terminate());

const ask = (task: Task, options = {}) => trainInWorker(worker, task, options);

/** What a promise rejects with. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('It did not reject.'),
    (error: Error) => error,
  );

describe('trainInWorker', () => {
  test('trains a classifier, which arrives as a handler to load it from', async () => {
    const data = {
      texts: ['warm and funny', 'dull', 'funny', 'dull and slow'],
      labels: [1, 0, 1, 0],
    };
    const heard: unknown[] = [];
    const callbacks = {
      onEpochEnd: async (epoch: number, logs?: tfl.Logs) => void heard.push([epoch, logs!.loss]),
    };
    const training = ask({ task: 'classify', data }, { callbacks });
    const classifier = await SentimentClassifier.load(await training.finished);
    expect(heard).toEqual(classifier.history.history.loss!.map((loss, epoch) => [epoch, loss]));

    const tiny = { vocabularySize: 20, sequenceLength: 4, embeddingDim: 4, lstmUnits: 4 };
    const options = { ...tiny, denseUnits: 4, epochs: 3, validationSplit: 0, seed: 1 };
    const here = await SentimentClassifier.train(data, options);
    expect(classifier.history).toEqual(here.history);
    expect(await classifier.predict(data.texts)).toEqual(await here.predict(data.texts));
  });

  test('gives the callbacks to model.fit, too', async () => {
    const begun: number[] = [];
    const callbacks = { onEpochBegin: async (epoch: number) => void begun.push(epoch) };
    const training = ask({ task: 'model.fit' }, { callbacks });
    const trained = await tfl.loadLayersModel(await training.finished);
    const [here, { x, y }] = [tinyModel(), tinyData()];
    await here.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
    expect(weightsOf(trained)).toEqual(weightsOf(here));
    expect(begun).toEqual([0, 1]);
  });

  test('carries tensors both ways, and leaves none in the worker', async () => {
    const tensor = tf.tensor2d([[1, 2, 3]], undefined, 'int32');
    const echo = async () => {
      const training = trainInWorker<{ twice: tf.Tensor; list: number[]; tensors: number }>(
        worker,
        { task: 'echo', data: { tensor, list: [1, 2] } },
        { onProgress: (value) => void progress.push(value) },
      );
      return training.finished;
    };
    const progress: unknown[] = [];
    const first = await echo();
    expect(first.twice.dtype).toBe('int32');
    expect(first.twice.arraySync()).toEqual([[2, 4, 6]]);
    expect(first.list).toEqual([1, 2]);
    expect(progress).toEqual([{ half: 0.5 }, 1]);
    expect(tensor.arraySync()).toEqual([[1, 2, 3]]);
    expect((await echo()).tensors).toBe(first.tensors);
  });

  test('rejects with the errors of the worker', async () => {
    const ours = await failureOf(ask({ task: 'fail' }).finished);
    expect(ours).toBeInstanceOf(RecurrentError);
    expect(ours.message).toMatch(/^fitWithSeed: y must have as many rows as x/);
    const others = await failureOf(ask({ task: 'break' }).finished);
    expect([others.name, others.message]).toEqual(['TypeError', 'no such luck']);
    expect(others.stack).toContain('train.worker.ts');
  });

  test('refuses what would arrive as something else', async () => {
    const remedy =
      'Send what it is made from, such as tokenizer.toJson(), and make it anew on the other side.';
    const expected =
      'cannot cross to another thread, which takes data but no functions or objects of classes';
    const refused = await failureOf(ask({ task: 'x', data: [new Tokenizer()] }).finished);
    expect(reasonOf(refused)).toBe(
      `trainInWorker: data.data[0] ${expected}, received a Tokenizer. ${remedy}`,
    );
    const back = await failureOf(ask({ task: 'function' }).finished);
    expect(back.message).toMatch(/^serveTraining: value cannot cross to another thread/);
  });

  test('ends with the error of a callback', async () => {
    const onEpochEnd = async (epoch: number) => {
      if (epoch === 1) throw new Error('enough');
    };
    const data = { texts: ['warm', 'dull'], labels: [1, 0] };
    const training = ask({ task: 'classify', data }, { callbacks: { onEpochEnd } });
    expect((await failureOf(training.finished)).message).toBe('enough');
    await ask({ task: 'model.fit' }).finished; // which the worker is ready for
  });

  test('trains one at a time', async () => {
    const first = ask({ task: 'model.fit' });
    expect(() => ask({ task: 'model.fit' })).toThrow(
      'trainInWorker: the worker is training already. Wait until it has finished, or take another worker.',
    );
    await first.finished;
  });

  test.each([
    [
      { onEpochEnds: () => undefined },
      /there is no callback onEpochEnds\. Did you mean onEpochEnd/,
    ],
    [{ onEpochEnd: 1 }, /onEpochEnd must be a function, received 1/],
    [tfl.callbacks.earlyStopping(), /callbacks must be an object of functions/],
  ])('refuses callbacks that are none', (callbacks, message) => {
    expect(() => ask({ task: 'echo' }, { callbacks })).toThrow(message);
  });

  test('refuses what is no worker', () => {
    expect(() => trainInWorker('train.worker.js' as never, {})).toThrow(
      /^trainInWorker: worker must be a Worker, received "train\.worker\.js"\. Write new Worker/,
    );
  });
});

test('serveTraining is for workers', () => {
  expect(() => serveTraining()).toThrow(
    /^serveTraining: it must be called in a worker\. Call it in/,
  );
});

test('a worker that cannot start is an error', async () => {
  const gone = startWorker('./no-such-file.ts');
  const failure = await failureOf(trainInWorker(gone, {}).finished);
  expect(failure.message).toMatch(/^trainInWorker: the worker has failed: .*no-such-file/);
});
