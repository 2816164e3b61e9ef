/** serveTraining: the worker's side of training that does not block a page. */
import { errorOf, reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { ready } from '../../kernels/bridge/ready.js';
import { captureTrainingState } from '../checkpoint.js';
import { fitWithSeed } from '../fit-with-seed.js';
import { type Crossing, fromCrossing, toCrossing } from './crossing.js';
import { artifactsOf, putTogether } from './crossing-model.js';
import {
  describeError,
  isMarked,
  type Job,
  marked,
  type Outcome,
  type ToWorker,
} from './messages.js';
import { type Port, portToParent } from './ports.js';
import { SteeredRun, type TrainingRun } from './training-run.js';

const WHERE = 'serveTraining';

/** A model, or whatever else saves itself to a handler of tf.io, as a SentimentClassifier does. */
interface Savable {
  save(handler: tf.io.IOHandler): Promise<unknown>;
  dispose?(): void;
}

type Train = (data: never, run: TrainingRun) => unknown;

/**
 * Has a worker train what its page asks for, one training at a time. Called once, in the worker's file,
 * which also imports a backend of TensorFlow.js.
 *
 * Without a function the worker trains models of the page, which calls {@link fitInWorker}. Layers and
 * optimizers of your own must be registered here, too, by `tf.serialization.registerClass`.
 *
 * @param train What {@link trainInWorker} runs: given the data of the page and a {@link TrainingRun}, it
 *   builds a model, trains it with `run.callbacks` and returns it. What has a method `save`, such as a
 *   model or a {@link SentimentClassifier}, arrives as a handler of `tf.io` to load it from, and is
 *   disposed of here; anything else arrives as it is. Tensors in the data and in the answer are disposed
 *   of at the end.
 * @throws RecurrentError outside of a worker, and when it is called twice.
 *
 * @example
 * ```ts fragment
 * // train.worker.ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { SentimentClassifier, type SentimentData, serveTraining } from 'tfjs-recurrent';
 *
 * serveTraining((reviews: SentimentData, { callbacks }) =>
 *   SentimentClassifier.train(reviews, { epochs: 3, callbacks }),
 * );
 * ```
 */
export function serveTraining<Data = unknown>(
  train?: (data: Data, run: TrainingRun) => unknown,
): void {
  if (train !== undefined && typeof train !== 'function') {
    reject({
      where: WHERE,
      expected: 'train must be a function',
      received: train,
      remedy: 'Leave it out to train models of the page.',
    });
  }
  const port = portToParent(WHERE);
  if (served) {
    const remedy = 'Tell trainings apart by their data, or give each a worker of its own.';
    reject({
      where: WHERE,
      expected: 'a worker serves one function, and has one already',
      remedy,
      see: 'wrong-moment',
    });
  }
  served = true;
  let running: SteeredRun | undefined;
  port.listen((message) => {
    if (!isMarked(message)) return;
    const said = message as ToWorker;
    if (said.say === 'hello') port.post(marked({ say: 'serving' }));
    else if (said.say !== 'start') running?.hear(said.say);
    else if (running) {
      const expected = 'the worker is training already';
      fail(port, errorOf({ where: WHERE, expected, see: 'wrong-moment' }));
    } else {
      running = new SteeredRun(said.events, (answer) => port.post(answer));
      for (const say of said.first) running.hear(say);
      void work(port, said.job, running, train as Train | undefined).finally(() => {
        running = undefined;
      });
    }
  });
  port.post(marked({ say: 'serving' }));
}

let served = false;

async function work(
  port: Port,
  given: unknown,
  run: SteeredRun,
  train: Train | undefined,
): Promise<void> {
  const made: tf.Tensor[] = [];
  try {
    await ready();
    const job = fromCrossing(given, made) as Job;
    const outcome = job.kind === 'fit' ? await fit(job, run) : await runTrain(job.data, run, train);
    const { value, transfer }: Crossing = await toCrossing(WHERE, '', outcome);
    if (outcome.kind === 'value') tf.dispose(outcome.value as tf.TensorContainer);
    port.post(marked({ say: 'done', outcome: value }), transfer);
  } catch (error) {
    fail(port, error);
  } finally {
    tf.dispose(made);
  }
}

function fail(port: Port, error: unknown): void {
  port.post(marked({ say: 'failed', error: describeError(error) }));
}

async function fit(
  { model: crossing, x, y, options }: Extract<Job, { kind: 'fit' }>,
  { callbacks }: SteeredRun,
): Promise<Outcome> {
  const model = await putTogether('fitInWorker', crossing);
  try {
    const history = await fitWithSeed(model, x, y, { ...options, callbacks });
    const state = await captureTrainingState(model, { epoch: 0 });
    return { kind: 'fit', history, state };
  } finally {
    model.dispose();
  }
}

async function runTrain(
  data: unknown,
  run: SteeredRun,
  train: Train | undefined,
): Promise<Outcome> {
  if (train === undefined) {
    reject({
      where: WHERE,
      expected: 'the worker has no function for trainInWorker',
      remedy: 'Write serveTraining((data, { callbacks }) => …), or call fitInWorker with a model.',
      see: 'wrong-moment',
    });
  }
  const value = await train(data as never, run);
  if (!isSavable(value)) return { kind: 'value', value };
  try {
    return { kind: 'saved', artifacts: await artifactsOf(value) };
  } finally {
    value.dispose?.();
  }
}

function isSavable(value: unknown): value is Savable {
  return value instanceof tfl.LayersModel || typeof Object(value).save === 'function';
}
