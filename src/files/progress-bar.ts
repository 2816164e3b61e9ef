import cliProgress from 'cli-progress';
import { tfl } from '../foundation/tensorflow.js';
import { displayName } from '../inspect/chart/metric-names.js';
import { Pace, showDuration, type TimeLeft } from '../training/pace.js';
import { type BatchLogs, RunningMean, readLogs } from '../training/running-mean.js';

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
  const stream = options.stream ?? process.stdout;
  const { CI = '', TERM } = process.env;
  const terminal = stream.isTTY === true && TERM !== 'dumb' && ['', '0', 'false'].includes(CI);
  return new ProgressCallback(terminal ? new TerminalView(stream) : new LineView(stream));
}

/** What there is to show after a batch. */
interface State {
  epoch: string;
  done: number;
  /** Unknown in the first epoch of a data set without a size. */
  total: number | undefined;
  metrics: [string, number][];
  left: TimeLeft | undefined;
}

interface View {
  startEpoch(state: State): void;
  batch(state: State): void;
  endEpoch(summary: string, runLeft: string): void;
}

class ProgressCallback extends tfl.Callback {
  private readonly pace = new Pace();
  private mean = new RunningMean();
  private epoch = 0;
  private done = 0;
  private total: number | undefined;

  constructor(private readonly view: View) {
    super();
  }

  override async onTrainBegin(): Promise<void> {
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

const LONGEST_BAR = 24;
const SHORTEST_BAR = 5;
// Kept free for the time left, so that the bar does not change its size with it.
const TIME_WIDTH = '59:59 left, run 9:59:59'.length;

class TerminalView implements View {
  private bar: EpochBar | undefined;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  startEpoch(state: State): void {
    this.bar?.stop();
    this.bar = new EpochBar({
      stream: this.stream,
      clearOnComplete: true,
      // Trims to the width; otherwise a control code switches the terminal's
      // wrapping off, and a killed process leaves it so.
      linewrap: true,
      format: drawBar,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: LONGEST_BAR,
    });
    this.bar.start(state.total ?? 0, 0, { state });
  }

  batch(state: State): void {
    this.bar?.update(state.done, { state });
  }

  endEpoch(summary: string): void {
    this.bar?.stop();
    this.bar = undefined;
    this.stream.write(`${summary}\n`);
  }
}

/** cli-progress redraws by a timer, which would keep a process alive whose training threw. */
class EpochBar extends cliProgress.SingleBar {
  declare private timer: NodeJS.Timeout | null;

  override render(): void {
    super.render();
    this.timer?.unref();
  }
}

function drawBar(
  options: cliProgress.Options,
  params: cliProgress.Params,
  { state }: { state: State },
): string {
  const { epoch, done, total, metrics, left } = state;
  const batches = `${String(done).padStart(String(total ?? '').length)}/${total ?? '?'}`;
  const time = left ? `${showDuration(left.epoch)} left, run ${showDuration(left.run)}` : '';
  const text = [batches, showMetrics(metrics, '  ')].filter(Boolean).join('  ');
  const room = params.maxWidth - epoch.length - text.length - TIME_WIDTH - 5;
  const bar =
    total === undefined || room < SHORTEST_BAR
      ? ''
      : cliProgress.Format.BarFormat(params.progress, {
          ...options,
          barsize: Math.min(room, LONGEST_BAR),
        });
  return [[epoch, bar, text].filter(Boolean).join(' '), time].filter(Boolean).join('  ');
}

const LINES_AN_EPOCH = 5;
const QUIET_MS = 10_000;
const QUIET_MS_WITHOUT_TOTAL = 30_000;

class LineView implements View {
  private lastLine = 0;
  private nextAt = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  startEpoch(): void {
    this.lastLine = performance.now();
    this.nextAt = 1 / LINES_AN_EPOCH;
  }

  batch({ epoch, done, total, metrics, left }: State): void {
    const quiet = performance.now() - this.lastLine;
    const share = total === undefined ? 0 : done / total;
    const due =
      total === undefined
        ? quiet >= QUIET_MS_WITHOUT_TOTAL
        : share >= this.nextAt && quiet >= QUIET_MS;
    if (!due || done === total) return;
    this.nextAt = (Math.floor(share * LINES_AN_EPOCH) + 1) / LINES_AN_EPOCH;
    const time = left
      ? `, ${showDuration(left.epoch)} left of the epoch, ${showDuration(left.run)} of the run`
      : '';
    this.write(`${epoch}: ${done}/${total ?? '?'} batches, ${showMetrics(metrics, ', ')}${time}`);
  }

  endEpoch(summary: string, runLeft: string): void {
    this.write(summary + runLeft);
  }

  private write(line: string): void {
    this.lastLine = performance.now();
    this.stream.write(`${line}\n`);
  }
}

function showMetrics(metrics: [string, number][], separator: string): string {
  return metrics.map(([name, value]) => `${displayName(name)} ${show(value)}`).join(separator);
}

function show(value: number): string {
  const tiny = value !== 0 && Math.abs(value) < 0.001;
  return tiny ? value.toExponential(2) : value.toFixed(4);
}
