/** A training in a worker, as the page sees it. */
import {
  type Complaint,
  errorOf,
  reasonOf,
  RecurrentError,
  reject,
} from '../../foundation/errors.js';
import { requireKnownOptions } from '../../foundation/option-checks.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { fromCrossing, toCrossing } from './crossing.js';
import {
  type CrossingError,
  EVENTS,
  type EventName,
  isMarked,
  type Job,
  marked,
  type Outcome,
  type Steering,
  type ToPage,
} from './messages.js';
import { type Port, portTo, type TrainingWorker } from './ports.js';

/**
 * What a page can hear of a training in a worker: functions as `model.fit` takes them. Training waits for
 * those of a whole epoch, and for promises that they return; it does not wait for those of a batch.
 */
export type WorkerCallbacks = Pick<
  tfl.CustomCallbackArgs,
  'onTrainBegin' | 'onTrainEnd' | 'onEpochBegin' | 'onEpochEnd' | 'onBatchBegin' | 'onBatchEnd'
>;

/** Workers that train. */
const busy = new WeakSet<TrainingWorker>();

/**
 * A training that runs in a worker, as {@link trainInWorker} and {@link fitInWorker} return it.
 *
 * @example
 * ```ts fragment
 * const training = fitInWorker(worker, model, x, y, { epochs: 10 });
 * await training.pause(); // stands still from here on
 * training.resume();
 * const { history } = await training.finished;
 * ```
 */
export class WorkerTraining<Result> {
  /**
   * The result, when training has ended or was stopped.
   *
   * Rejects with the error of the worker, of a callback, or of {@link WorkerTraining.terminate}.
   */
  readonly finished: Promise<Result>;

  readonly #where: string;
  readonly #worker: TrainingWorker;
  readonly #port: Port;
  readonly #callbacks: WorkerCallbacks;
  readonly #onProgress: ((value: unknown) => void) | undefined;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (error: unknown) => void;
  #asked = false;
  /** What was said before the worker began, which it is told with the start; undefined from then on. */
  #unsaid: Steering[] | undefined = [];
  #ended = false;
  #failure: { error: unknown } | undefined;
  #leave: () => void;
  #standsStill: (() => void)[] = [];

  /** @internal */
  constructor(
    where: string,
    worker: TrainingWorker,
    job: () => Promise<Job>,
    finish: (outcome: Outcome) => Result | Promise<Result>,
    options: {
      callbacks?: WorkerCallbacks | undefined;
      onProgress?: ((value: unknown) => void) | undefined;
    },
  ) {
    this.#where = where;
    this.#worker = worker;
    this.#port = portTo(where, worker);
    this.#callbacks = requireCallbacks(where, options.callbacks);
    this.#onProgress = options.onProgress;
    if (busy.has(worker)) {
      const remedy = 'Wait until it has finished, or take another worker.';
      reject({ where, expected: 'the worker is training already', remedy, see: 'wrong-moment' });
    }
    busy.add(worker);
    let resolve!: (outcome: Outcome) => void;
    let fail!: (error: unknown) => void;
    const outcome = new Promise<Outcome>((onDone, onFailed) => {
      resolve = onDone;
      fail = onFailed;
    });
    [this.#resolve, this.#reject] = [resolve, fail];
    this.finished = outcome.then(finish);
    this.#leave = this.#port.listen(
      (message) => {
        if (isMarked(message)) void this.#hear(message as ToPage, job);
      },
      (error) => this.#crashed(error),
    );
    // A worker that serves already has said so before anybody listened.
    this.#port.post(marked({ say: 'hello' }));
  }

  /**
   * Has training stand still behind the batch that is at work.
   *
   * @returns When it does, or has ended.
   */
  pause(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#say('pause');
    return new Promise((resolve) => {
      this.#standsStill.push(resolve);
    });
  }

  /** Goes on after {@link WorkerTraining.pause}. */
  resume(): void {
    this.#say('resume');
  }

  /** Ends training behind the batch that is at work; `finished` then has what was trained so far. */
  stop(): void {
    this.#say('stop');
  }

  /** Ends the worker itself, at once. What it has trained is lost, and `finished` rejects. */
  terminate(): void {
    if (!this.#ended) {
      const error = errorOf({
        where: this.#where,
        expected: 'the worker was terminated',
        remedy: 'What it had trained is lost: stop() ends training and keeps it.',
        see: 'worker-failed',
      });
      this.#end(() => this.#reject(error));
    }
    this.#worker.terminate();
  }

  #say(say: Steering): void {
    if (this.#ended) return;
    if (this.#unsaid) this.#unsaid.push(say);
    else this.#port.post(marked({ say }));
  }

  async #hear(said: ToPage, job: () => Promise<Job>): Promise<void> {
    if (this.#ended) return;
    switch (said.say) {
      case 'serving':
        if (!this.#asked) await this.#start(job);
        break;
      case 'event':
        await this.#guard(() => this.#tell(said.name, said.index, said.logs));
        if (!said.name.startsWith('onBatch')) this.#say('heard');
        break;
      case 'progress':
        await this.#guard(() => this.#onProgress?.(fromCrossing(said.value, [])));
        break;
      case 'paused':
        for (const resolve of this.#standsStill.splice(0)) resolve();
        break;
      case 'done': {
        const { outcome } = said;
        const failure = this.#failure;
        this.#end(() => {
          if (failure) this.#reject(failure.error);
          else this.#resolve(fromCrossing(outcome, []) as Outcome);
        });
        break;
      }
      case 'failed':
        this.#end(() => this.#reject(this.#failure?.error ?? errorFrom(said.error)));
    }
  }

  async #start(job: () => Promise<Job>): Promise<void> {
    this.#asked = true;
    try {
      const { value, transfer } = await toCrossing(this.#where, '', await job());
      const events = EVENTS.filter((name) => this.#callbacks[name] != null);
      if (this.#ended) return;
      // In one message: a short training would be over before a second one arrived.
      const first = this.#unsaid ?? [];
      this.#unsaid = undefined;
      this.#port.post(marked({ say: 'start', job: value, events, first }), transfer);
    } catch (error) {
      this.#end(() => this.#reject(error));
    }
  }

  async #tell(name: EventName, index: number | undefined, logs: tfl.Logs): Promise<void> {
    const callback = this.#callbacks[name] as ((...args: unknown[]) => unknown) | undefined;
    await (index === undefined ? callback?.(logs) : callback?.(index, logs));
  }

  /** Runs what the user gave; an error in it ends training. */
  async #guard(run: () => unknown): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#failure ??= { error };
      this.stop();
    }
  }

  #crashed(error: unknown): void {
    if (this.#ended) return;
    const reason = error ? reasonOf(error) : '';
    const complaint: Complaint = {
      where: this.#where,
      expected: `the worker has failed${reason && `: ${reason}`}`,
      ...(!reason && { remedy: 'Check that its file exists, and what the console says of it.' }),
      see: 'worker-failed',
    };
    this.#end(() => this.#reject(errorOf(complaint, error)));
  }

  #end(settle: () => void): void {
    this.#ended = true;
    busy.delete(this.#worker);
    this.#leave();
    settle();
    for (const resolve of this.#standsStill.splice(0)) resolve();
  }
}

function errorFrom({ name, message, stack }: CrossingError): Error {
  const error: Error = name === 'RecurrentError' ? new RecurrentError(message) : new Error(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name });
  // Where it happened, which no stack of the page says.
  if (stack !== undefined) error.stack = stack;
  return error;
}

function requireCallbacks(where: string, callbacks: unknown): WorkerCallbacks {
  if (callbacks === undefined) return {};
  if (Array.isArray(callbacks) || typeof Object(callbacks).setModel === 'function') {
    reject({
      where,
      expected: 'callbacks must be an object of functions, since callback objects need the model',
      received: callbacks,
      remedy:
        'Create those in the worker, and pass them on beside run.callbacks: ' +
        'callbacks: [tf.callbacks.earlyStopping(), run.callbacks].',
      see: 'wrong-callback',
    });
  }
  requireKnownOptions(where, callbacks, EVENTS, {}, 'callback');
  for (const [name, value] of Object.entries(callbacks as object)) {
    if (value == null || typeof value === 'function') continue;
    reject({ where, expected: `${name} must be a function`, received: value });
  }
  return callbacks as WorkerCallbacks;
}

/** A handler of tf.io that loads what the worker has saved. */
export function handlerFor(artifacts: tf.io.ModelArtifacts): tf.io.IOHandler {
  return { load: async () => artifacts };
}
