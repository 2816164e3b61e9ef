import { requireKnownOptions } from '../foundation/option-checks.js';
import { tfl } from '../foundation/tensorflow.js';
import { Pace, showDuration, type TimeLeft } from '../training/pace.js';
import { type BatchLogs, RunningMean, readLogs } from '../training/running-mean.js';
import { LineView, type State, showMetrics, type View } from './progress-lines.js';

/** Where {@link progressBar} writes. */
export interface ProgressBarOptions {
  /** `process.stdout` when left out. A stream whose `isTTY` is not true gets plain lines. */
  stream?: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/**
 * A callback that shows how training goes: epoch, batches, loss, accuracy, time left.
 *
 * On a terminal a bar for the epoch that runs, and one line for each that is
 * over. Elsewhere, and where the environment variable CI is set, plain lines
 * without control codes: one an epoch, and up to four more within it, at least
 * ten seconds apart. Time left is that of the epoch, then that of the whole run.
 * Loss and accuracy are the means over the epoch so far, as in Keras.
 *
 * @param options Where to write; standard output when left out.
 * @returns A callback object for `model.fit`, `model.fitDataset` or {@link fitWithSeed}. In a list
 *   with objects of plain functions only `fitWithSeed` takes it: TensorFlow.js does not mix them.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { Writable } from 'node:stream';
 * import { fitWithSeed, progressBar } from 'tfjs-recurrent/node';
 *
 * const model = tfl.sequential();
 * model.add(tfl.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }));
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const lines: string[] = [];
 * const stream = new Writable({
 *   write(chunk, _encoding, done) {
 *     lines.push(String(chunk));
 *     done();
 *   },
 * });
 * const x = tf.tensor2d([[1], [2], [3], [4]]);
 * const y = tf.tensor2d([[2], [4], [6], [8]]);
 * await fitWithSeed(model, x, y, { epochs: 1, batchSize: 4, callbacks: progressBar({ stream }) });
 * console.log(lines.join('').replace(/[\d.]+ s/, '(time)').trim());
 * // Epoch 1/1: loss 30.0000, (time)
 * ```
 */
export function progressBar(options: ProgressBarOptions = {}): tfl.Callback {
  requireKnownOptions('progressBar', options, ['stream']);
  const stream = options.stream ?? process.stdout;
  const { CI = '', TERM } = process.env;
  const terminal = stream.isTTY === true && TERM !== 'dumb' && ['', '0', 'false'].includes(CI);
  return new ProgressCallback(async () => {
    if (!terminal) return new LineView(stream);
    // Only here, since it loads what draws bars.
    const { TerminalView } = await import('./progress-terminal.js');
    return new TerminalView(stream);
  });
}

class ProgressCallback extends tfl.Callback {
  private readonly pace = new Pace();
  private mean = new RunningMean();
  private epoch = 0;
  private done = 0;
  private total: number | undefined;
  private view!: View;

  constructor(private readonly openView: () => Promise<View>) {
    super();
  }

  override async onTrainBegin(): Promise<void> {
    this.view ??= await this.openView();
    const { samples, batchSize, steps } = this.params;
    const batches = Number.isFinite(steps) ? steps : Math.ceil(Number(samples) / Number(batchSize));
    this.total = Number.isFinite(batches) && Number(batches) > 0 ? Number(batches) : undefined;
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.epoch = epoch;
    this.done = 0;
    this.mean = new RunningMean();
    this.pace.startEpoch(performance.now());
    this.view.startEpoch(this.state(undefined));
  }

  override async onBatchEnd(_batch: number, logs?: BatchLogs): Promise<void> {
    await this.mean.add(logs);
    this.done++;
    const { done, total } = this;
    const left = total && this.pace.left(done, total, this.epochsAfter(), performance.now());
    this.view.batch(this.state(left || undefined));
  }

  override async onEpochEnd(_epoch: number, logs?: BatchLogs): Promise<void> {
    // TensorFlow.js puts validation first when it is done within the last batch.
    const metrics = Object.entries(await readLogs(logs)).sort(
      ([a], [b]) => Number(a.startsWith('val_')) - Number(b.startsWith('val_')),
    );
    const seconds = this.pace.endEpoch(this.done, performance.now());
    this.total ??= this.done;
    const { epoch } = this.state(undefined);
    const after = this.epochsAfter();
    this.view.endEpoch(
      `${epoch}: ${showMetrics(metrics, ', ')}, ${
        seconds < 60 ? `${seconds.toFixed(1)} s` : showDuration(seconds)
      }`,
      after > 0 ? `, ${showDuration(seconds * after)} left` : '',
    );
  }

  private epochsAfter(): number {
    return Math.max(0, (Number(this.params.epochs) || 1) - this.epoch - 1);
  }

  private state(left: TimeLeft | undefined): State {
    return {
      epoch: `Epoch ${this.epoch + 1}/${this.params.epochs ?? '?'}`,
      done: this.done,
      total: this.total,
      metrics: this.mean.means(),
      left,
    };
  }
}
