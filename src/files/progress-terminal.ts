/** A progress bar on a terminal. */
import cliProgress from 'cli-progress';
import { showDuration } from '../training/pace.js';
import { type State, showMetrics, type View } from './progress-lines.js';

const LONGEST_BAR = 24;
const SHORTEST_BAR = 5;
// Kept free for the time left, so that the bar does not change its size with it.
const TIME_WIDTH = '59:59 left, run 9:59:59'.length;

export class TerminalView implements View {
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
