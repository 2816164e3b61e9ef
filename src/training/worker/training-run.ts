/** A run in a worker, as the page steers and watches it. */
import { tfl } from '../../foundation/tensorflow.js';
import type { BaseCallback } from '../callbacks.js';
import { readLogs } from '../running-mean.js';
import { nextTurn } from '../../foundation/turn.js';
import { toCrossing } from './crossing.js';
import { describeError, type EventName, marked, type Steering, type ToPage } from './messages.js';

/** What the function of {@link serveTraining} is given besides its data. */
export interface TrainingRun {
  /**
   * To be passed on to `train`, `fit`, {@link fitWithSeed} or `model.fit`: it tells the page of epochs
   * and batches, and has training stand still or end where the page says so.
   */
  readonly callbacks: tfl.Callback;
  /** Sends the page a value, for its `onProgress`: how far a file is read, for example. */
  readonly progress: (value: unknown) => void;
}

type Logs = Parameters<BaseCallback['onEpochEnd']>[1];
type Post = (message: ToPage) => void;

/** Between two looks at what the page says, in ms; a look takes microseconds. */
const LOOK_EVERY = 50;

/** The one run of a worker at a time. */
export class SteeredRun implements TrainingRun {
  readonly callbacks: tfl.Callback;
  /** A function by itself, since users take it out of its object. */
  readonly progress: (value: unknown) => void;
  readonly #post: Post;
  readonly #events: ReadonlySet<EventName>;
  #wanted: 'run' | 'pause' | 'stop' = 'run';
  /** Goes on with what waits for the page. */
  #wake: (() => void) | undefined;
  #heard: (() => void) | undefined;
  #lookedAt = 0;

  constructor(events: readonly EventName[], post: Post) {
    this.#events = new Set(events);
    this.#post = post;
    this.callbacks = new RunCallback(this);
    this.progress = (value) => {
      toCrossing('progress', '', { value }).then(
        ({ value: crossing }) =>
          post(marked({ say: 'progress', ...(crossing as { value: unknown }) })),
        (error) => post(marked({ say: 'failed', error: describeError(error) })),
      );
    };
  }

  /** Takes what the page says. */
  hear(say: Steering): void {
    if (say === 'heard') this.#heard?.();
    else if (say === 'pause' || say === 'stop') this.#want(say);
    else if (say === 'resume') this.#want('run');
  }

  #want(wanted: 'run' | 'pause' | 'stop'): void {
    if (this.#wanted === 'stop') return;
    this.#wanted = wanted;
    if (wanted !== 'pause') this.#wake?.();
    // Once more while it stands still already, for whoever asks again.
    else if (this.#wake) this.#post(marked({ say: 'paused' }));
  }

  /**
   * Tells the page of an event that it listens to. Training waits until the page has heard of the
   * begin and end of an epoch, since what it does then may be to stop.
   */
  async tell(name: EventName, index: number | undefined, logs: Logs): Promise<void> {
    if (!this.#events.has(name)) return;
    const waits = !name.startsWith('onBatch');
    const heard =
      waits &&
      new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    this.#post(marked({ say: 'event', name, index, logs: await readLogs(logs ?? {}) }));
    await heard;
  }

  /** Stands still while the page wants it, and says whether training is to end. */
  async look(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#lookedAt >= LOOK_EVERY) {
      await nextTurn();
      this.#lookedAt = performance.now();
    }
    if (this.#wanted === 'pause') {
      this.#post(marked({ say: 'paused' }));
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#wanted === 'stop';
  }
}

class RunCallback extends tfl.Callback {
  constructor(private readonly run: SteeredRun) {
    super();
  }

  override onTrainBegin(logs?: Logs): Promise<void> {
    return this.run.tell('onTrainBegin', undefined, logs);
  }

  override onTrainEnd(logs?: Logs): Promise<void> {
    return this.run.tell('onTrainEnd', undefined, logs);
  }

  override onEpochBegin(epoch: number, logs?: Logs): Promise<void> {
    return this.run.tell('onEpochBegin', epoch, logs);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    await this.run.tell('onEpochEnd', epoch, logs);
    await this.#look();
  }

  override onBatchBegin(batch: number, logs?: Logs): Promise<void> {
    return this.run.tell('onBatchBegin', batch, logs);
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    await this.run.tell('onBatchEnd', batch, logs);
    await this.#look();
  }

  async #look(): Promise<void> {
    if (await this.run.look()) this.model.stopTraining = true;
  }
}
