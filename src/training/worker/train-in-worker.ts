/** trainInWorker and fitInWorker: the page's side of training that does not block it. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions } from '../../foundation/option-checks.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import type { FitData } from '../fit-data.js';
import { type FitWithSeedOptions, requireFitOptions, requireTrainable } from '../fit-with-seed.js';
import type { TrainingHistory } from '../history.js';
import { bringState, takeApart } from './crossing-model.js';
import type { Outcome } from './messages.js';
import type { TrainingWorker } from './ports.js';
import { handlerFor, type WorkerCallbacks, WorkerTraining } from './worker-training.js';

/** What {@link trainInWorker} can be told. */
export interface TrainInWorkerOptions {
  /** Functions that run in the page as epochs and batches begin and end in the worker. */
  callbacks?: WorkerCallbacks | undefined;
  /** Is given what the worker's function passes to `run.progress`. */
  onProgress?: ((value: unknown) => void) | undefined;
}

/** The options of {@link fitInWorker}: those of {@link fitWithSeed}, with functions as callbacks. */
export interface FitInWorkerOptions extends Omit<FitWithSeedOptions, 'callbacks'> {
  /** Functions that run in the page as epochs and batches begin and end in the worker. */
  callbacks?: WorkerCallbacks | undefined;
}

/**
 * Runs the function that a worker has given {@link serveTraining}, with data of the page. Files cross
 * without being read, so that the worker can read and train on what was dropped on the page.
 *
 * @param worker A Web Worker, or one of `node:worker_threads`. It stays, for the next training, until you
 *   terminate it.
 * @param data What the worker's function is given: tensors, typed arrays, files, texts, lists and
 *   objects of them. No functions, and no objects of classes such as {@link Tokenizer}: `toJson` makes
 *   a text of one.
 * @returns The training; its `finished` has what the function returned. A model, a
 *   {@link SentimentClassifier} and whatever else has a method `save` come as a handler to load it from.
 * @throws RecurrentError when the worker is none or trains already, and when a callback is no function.
 *
 * @example
 * ```ts fragment
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const training = trainInWorker(worker, { texts, labels }, {
 *   callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch, logs) },
 * });
 * const classifier = await SentimentClassifier.load(await training.finished);
 * ```
 */
export function trainInWorker<Result = tf.io.IOHandler>(
  worker: TrainingWorker,
  data: unknown,
  options: TrainInWorkerOptions = {},
): WorkerTraining<Result> {
  const where = 'trainInWorker';
  requireKnownOptions(where, options, ['callbacks', 'onProgress']);
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    const received = options.onProgress;
    reject({ where, expected: 'onProgress must be a function', received });
  }
  const finish = (outcome: Outcome) => {
    if (outcome.kind === 'saved') return handlerFor(outcome.artifacts) as Result;
    return (outcome as Extract<Outcome, { kind: 'value' }>).value as Result;
  };
  return new WorkerTraining(where, worker, async () => ({ kind: 'train', data }), finish, options);
}

/**
 * Trains a model as {@link fitWithSeed} does, in a worker that has called {@link serveTraining}. At the
 * end the model has the weights, the states and the memory of its optimizer, the same to the bit that
 * `fitWithSeed` gives with the same backend and number of threads. Layers of tf.layers are exchanged in the
 * worker for those of this library that compute the same, and may round otherwise.
 *
 * The page may predict with the model meanwhile, by the weights of before, but must not train it. What
 * is in the tensors is copied.
 *
 * @param worker A Web Worker, or one of `node:worker_threads`. It stays, for the next training, until you
 *   terminate it.
 * @param model A compiled model of tf.layers, with losses and metrics by name. An optimizer or layer of
 *   your own must be registered in the worker, too.
 * @param x Samples along the first axis of each tensor; left as it is.
 * @param y Labels, as many as samples; left as it is.
 * @param options Those of `fitWithSeed`; `callbacks` is an object of functions.
 * @returns The training; its `finished` has what `fitWithSeed` returns. Where it rejects, the model is
 *   as it was.
 * @throws RecurrentError when the worker is none or trains already, and when a callback is no function.
 *
 * @example
 * ```ts fragment
 * const training = fitInWorker(worker, model, x, y, { epochs: 10, batchSize: 100, seed: 1 });
 * document.querySelector('button')!.onclick = () => training.stop();
 * const { history } = await training.finished; // and model is trained
 * ```
 */
export function fitInWorker(
  worker: TrainingWorker,
  model: tfl.LayersModel,
  x: FitData,
  y: FitData,
  options: FitInWorkerOptions = {},
): WorkerTraining<TrainingHistory> {
  const where = 'fitInWorker';
  requireFitOptions(where, options);
  requireTrainable(where, Object(model));
  const { callbacks, ...others } = options;
  const job = async () => {
    const crossing = await takeApart(where, model);
    return { kind: 'fit' as const, model: crossing, x, y, options: others };
  };
  const finish = (outcome: Outcome) => {
    const { history, state } = outcome as Extract<Outcome, { kind: 'fit' }>;
    bringState(model, state);
    return history;
  };
  return new WorkerTraining(where, worker, job, finish, { callbacks });
}
