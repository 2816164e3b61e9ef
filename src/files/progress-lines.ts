/** What a progress bar shows, and how where there is no terminal: in plain lines. */
import { displayName } from '../inspect/chart/metric-names.js';
import { showDuration, type TimeLeft } from '../training/pace.js';

/** What there is to show after a batch. */
export interface State {
  epoch: string;
  done: number;
  /** Unknown in the first epoch of a data set without a size. */
  total: number | undefined;
  metrics: [string, number][];
  left: TimeLeft | undefined;
}

export interface View {
  startEpoch(state: State): void;
  batch(state: State): void;
  endEpoch(summary: string, runLeft: string): void;
}

const LINES_AN_EPOCH = 5;
const QUIET_MS = 10_000;
const QUIET_MS_WITHOUT_TOTAL = 30_000;

export class LineView implements View {
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

/** Names and values of metrics, as both views write them. */
export function showMetrics(metrics: [string, number][], separator: string): string {
  return metrics.map(([name, value]) => `${displayName(name)} ${show(value)}`).join(separator);
}

function show(value: number): string {
  const tiny = value !== 0 && Math.abs(value) < 0.001;
  return tiny ? value.toExponential(2) : value.toFixed(4);
}
