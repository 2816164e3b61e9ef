import { join } from 'node:path';
import { reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';
import { requireOneCopy, tfl } from '../foundation/tensorflow.js';
import {
  captureTrainingState,
  findMismatch,
  historyOf,
  restoreTrainingState,
} from '../training/checkpoint.js';
import type { TrainingHistory } from '../training/history.js';
import { readLogs } from '../training/running-mean.js';
import { warn } from '../training/warn.js';
import {
  checkpointName,
  type DamagedCheckpoint,
  listCheckpoints,
  readCheckpoint,
  removeCheckpoints,
  sweepCheckpoints,
  writeCheckpoint,
} from './checkpoint-store.js';
import { rejectFile } from '../foundation/reject-file.js';

/** What {@link checkpoint} can be told. */
export interface CheckpointOptions {
  /** Save after each so many epochs; 1 when left out. */
  every?: number;
  /** Keep the newest so many checkpoints; 3 when left out. */
  keep?: number;
}

/** Where a resumed run stands. */
export interface Resumed {
  /** How many epochs are done: the `initialEpoch` to go on with. */
  epoch: number;
  /** What they logged. */
  history: TrainingHistory;
}

/**
 * Makes a callback that saves a training run after an epoch, so that {@link resume} can go on with
 * it as if nothing had happened, bit for bit.
 *
 * Checkpoints are folders, `epoch-0003` after three epochs, that are complete from the moment they
 * are there. The order of samples is not in them: train with `fitWithSeed`, or with
 * `model.fit` and `shuffle: false`.
 *
 * @param directory The folder of one run's checkpoints, made when it is missing.
 * @param options How often to save, and how many to keep.
 * @returns A callback for `fitWithSeed`, `model.fit` or `model.fitDataset`.
 * @throws RecurrentError when an option is not a positive integer. While training, FileError when a
 *   checkpoint cannot be written, or when the folder holds later epochs than the run starts with.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { mkdtemp, readdir, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { checkpoint, fitWithSeed, resume } from 'tfjs-recurrent/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'run-'));
 * const x = tf.tensor2d([[1], [2], [3]]);
 * async function train(epochs: number): Promise<number> {
 *   const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
 *   model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 *   const initialEpoch = (await resume(folder, model))?.epoch ?? 0;
 *   await fitWithSeed(model, x, x, { initialEpoch, epochs, callbacks: checkpoint(folder) });
 *   return initialEpoch;
 * }
 *
 * console.log(`starts with epoch ${await train(4)}`);
 * // starts with epoch 0
 * console.log(`starts with epoch ${await train(6)}`);
 * // starts with epoch 4
 * console.log((await readdir(folder)).join(' '));
 * // epoch-0004 epoch-0005 epoch-0006
 * await rm(folder, { recursive: true });
 * ```
 */
export function checkpoint(directory: string, options: CheckpointOptions = {}): tfl.Callback {
  return new Checkpoint(directory, options);
}

/**
 * Restores the newest whole checkpoint of a folder into a model, and clears what killed processes
 * left there. Each file carries a digest: a checkpoint in which a single bit has changed since is
 * passed over and removed, and a warning on the console names the file.
 *
 * @param directory The folder that {@link checkpoint} was given.
 * @param model A model built and compiled as in the run that was saved.
 * @returns How many epochs are done and what they logged; null when there is no checkpoint yet.
 * @throws FileError when the checkpoint belongs to another model, in which case the model and the
 *   folder are as before, or when none of the checkpoints is whole.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { resume } from 'tfjs-recurrent/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'run-'));
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const resumed = await resume(folder, model);
 * const initialEpoch = resumed?.epoch ?? 0;
 * console.log(`starts with epoch ${initialEpoch}`);
 * // starts with epoch 0
 * await rm(folder, { recursive: true });
 * ```
 */
export async function resume(directory: string, model: tfl.LayersModel): Promise<Resumed | null> {
  const where = 'resume';
  requireOneCopy(where, model);
  const epochs = await listCheckpoints(where, directory);
  const damaged: (DamagedCheckpoint & { epoch: number })[] = [];
  for (const epoch of epochs) {
    const path = join(directory, checkpointName(epoch));
    const state = await readCheckpoint(where, directory, epoch);
    if ('damage' in state) {
      damaged.push({ ...state, epoch });
      continue;
    }
    const mismatch = model.optimizer == null ? undefined : findMismatch(model, state.header);
    if (mismatch !== undefined) {
      rejectFile(path, {
        where,
        expected: `${path} must come from a model like this one, but ${mismatch}`,
        remedy: 'Build and compile the model as in that run, or choose an empty folder.',
        see: 'checkpoint-of-another-run',
      });
    }
    const restored = restoreTrainingState(model, state);
    for (const { path: file, damage } of damaged) {
      warn({ where, expected: `${file} ${damage}`, remedy: `The run goes on from ${path}.` });
    }
    // Out of the way of the run that goes on: it will write these epochs again.
    await removeCheckpoints(
      where,
      directory,
      damaged.map((each) => each.epoch),
    );
    await sweepCheckpoints(where, directory);
    return restored;
  }
  if (damaged[0] !== undefined) {
    const { path, damage } = damaged[0];
    rejectFile(path, {
      where,
      expected: `${path} ${damage}, and there is no whole checkpoint before it`,
      remedy: `Empty ${directory} to start from the beginning.`,
      see: 'damaged-file',
    });
  }
  await sweepCheckpoints(where, directory);
  return null;
}

const WHERE = 'checkpoint';

class Checkpoint extends tfl.Callback {
  readonly #directory: string;
  readonly #every: number;
  readonly #keep: number;
  #history: TrainingHistory = { epoch: [], history: {} };
  #started = false;
  #batches = 0;

  constructor(directory: string, options: CheckpointOptions) {
    super();
    requireKnownOptions(WHERE, options, ['every', 'keep']);
    const { every = 1, keep = 3 } = options;
    if (typeof directory !== 'string' || directory === '') {
      reject({
        where: WHERE,
        expected: 'directory must be the path of a folder',
        received: directory,
        remedy: "For example checkpoint('runs/imdb/checkpoints').",
      });
    }
    for (const [name, value] of Object.entries({ every, keep })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      reject({ where: WHERE, expected: `${name} must be a positive integer`, received: value });
    }
    this.#directory = directory;
    this.#every = every;
    this.#keep = keep;
    // model.fit takes the functions off a callback when an object of functions stands before it.
    this.onTrainBegin = this.onTrainBegin.bind(this);
    this.onEpochBegin = this.onEpochBegin.bind(this);
    this.onBatchEnd = this.onBatchEnd.bind(this);
    this.onEpochEnd = this.onEpochEnd.bind(this);
  }

  override async onTrainBegin(): Promise<void> {
    this.#started = false;
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.#batches = 0;
    if (this.#started) return;
    this.#started = true;
    if (this.model == null) {
      reject({
        where: WHERE,
        expected: 'model.fit must be given callback objects only',
        remedy: 'Wrap the others in new tfl.CustomCallback({ … }), or train with fitWithSeed.',
        see: 'wrong-callback',
      });
    }
    await this.#start(epoch);
  }

  override async onBatchEnd(): Promise<void> {
    this.#batches++;
  }

  override async onEpochEnd(epoch: number, logs?: Parameters<typeof readLogs>[0]): Promise<void> {
    // model.stopTraining may end an epoch between two batches: saved as done, it would never be.
    if (this.model.stopTraining && this.#batches !== this.#batchesOfEpoch()) return;
    const done = epoch + 1;
    this.#history.epoch.push(epoch);
    for (const [name, value] of Object.entries(await readLogs(logs ?? {}))) {
      this.#history.history[name] = [...(this.#history.history[name] ?? []), value];
    }
    if (done % this.#every !== 0) return;
    const state = await captureTrainingState(this.model, { epoch: done, history: this.#history });
    await writeCheckpoint(WHERE, this.#directory, state);
    const epochs = await listCheckpoints(WHERE, this.#directory);
    await removeCheckpoints(WHERE, this.#directory, epochs.slice(this.#keep));
  }

  /** NaN for a dataset of unknown length. */
  #batchesOfEpoch(): number {
    const { steps, samples, batchSize } = this.params;
    return typeof steps === 'number' ? steps : Math.ceil(Number(samples) / Number(batchSize));
  }

  /** Takes up the history of the epochs before; refuses to mix two runs in one folder. */
  async #start(initialEpoch: number): Promise<void> {
    const [newest] = await listCheckpoints(WHERE, this.#directory);
    if (newest !== undefined && newest > initialEpoch) {
      const path = join(this.#directory, checkpointName(newest));
      rejectFile(path, {
        where: WHERE,
        expected: `${path} is ahead of this run, which starts with initialEpoch ${initialEpoch}`,
        remedy:
          'Call resume(directory, model) and pass its epoch as initialEpoch, ' +
          'or choose an empty folder.',
        see: 'checkpoint-of-another-run',
      });
    }
    await sweepCheckpoints(WHERE, this.#directory);
    if (this.#history.epoch.at(-1) === initialEpoch - 1) return;
    this.#history = { epoch: [], history: {} };
    if (newest !== initialEpoch) return;
    const state = await readCheckpoint(WHERE, this.#directory, newest);
    if ('header' in state) this.#history = historyOf(state.header);
  }
}
