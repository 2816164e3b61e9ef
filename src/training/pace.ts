/**
 * How long an epoch and a run will still take, from how long batches took.
 *
 * TensorFlow.js evaluates the validation part inside the last batch of an
 * epoch: that time is learnt from one epoch and expected of the next ones.
 */
export class Pace {
  private epochStart = 0;
  private beforeLast = 0;
  private tail = 0;

  /** An epoch starts at `now`, in milliseconds. */
  startEpoch(now: number): void {
    this.epochStart = now;
    this.beforeLast = 0;
  }

  /**
   * What is left once `done` of `total` batches are.
   *
   * @param epochsAfter How many epochs follow this one.
   * @returns Seconds.
   */
  left(done: number, total: number, epochsAfter: number, now: number): TimeLeft {
    const elapsed = now - this.epochStart;
    if (done === total - 1) this.beforeLast = elapsed;
    const whole = done < total ? (elapsed / done) * total + this.tail : elapsed;
    const epoch = whole - elapsed;
    return { epoch: epoch / 1000, run: (epoch + whole * epochsAfter) / 1000 };
  }

  /** An epoch of `total` batches ends. Returns the seconds it took. */
  endEpoch(total: number, now: number): number {
    const elapsed = now - this.epochStart;
    const batches = total > 1 ? (this.beforeLast / (total - 1)) * total : elapsed;
    this.tail = this.beforeLast === 0 ? 0 : Math.max(0, elapsed - batches);
    return elapsed / 1000;
  }
}

/** Seconds until the epoch and until the whole run are over. */
export interface TimeLeft {
  epoch: number;
  run: number;
}

/** Seconds as people read them: `9 s`, `1:05`, `2:00:00`. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const pair = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${pair(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${pair(minutes % 60)}:${pair(whole % 60)}`;
}
