/**
 * The loss of connectionist temporal classification by the book, in doubles: forward and backward
 * variables of Graves et al. 2006, equations 6 to 15, as logarithms. The twin of the kernel, and what runs
 * where the kernel does not.
 */
import type { CtcTargets, LogitSizes } from './ctc-targets.js';

/** The losses, and what a slope of 1 for each passes back to the logits. */
export interface CtcByTheBook {
  losses: Float32Array; // [batch]
  gradient: Float32Array; // [batch, time, classes]
}

/**
 * @param targets Checked.
 * @param logits [batch, time, classes]
 */
export function ctcByTheBook(
  targets: CtcTargets,
  logits: ArrayLike<number>,
  { batch, time, classes }: LogitSizes,
): CtcByTheBook {
  const losses = new Float32Array(batch);
  const gradient = new Float32Array(batch * time * classes);
  for (let row = 0; row < batch; row++) {
    const frames = targets.logitLengths[row]!;
    const start = row * targets.width;
    const labels = targets.labels.subarray(start, start + targets.labelLengths[row]!);
    const at = (t: number, k: number) => (row * time + t) * classes + k;
    const logP = Array.from({ length: frames }, (_, t) =>
      logSoftmax(Float64Array.from({ length: classes }, (_, k) => logits[at(t, k)]!)),
    );
    // The labels with a blank before, between and behind them.
    const states = [targets.blank, ...[...labels].flatMap((label) => [label, targets.blank])];
    const alpha = forwardVariables(states, logP);
    const beta = backwardVariables(states, logP);
    // Of any frame, as of the first here.
    const whole = sumOfLogs(
      frames === 0
        ? [states.length === 1 ? 0 : -Infinity]
        : alpha[0]!.map((a, s) => a + beta[0]![s]!),
    );
    losses[row] = whole === 0 ? 0 : -whole;
    for (let t = 0; t < frames; t++) {
      for (let k = 0; k < classes; k++) gradient[at(t, k)] = Math.exp(logP[t]![k]!);
      const shares = new Float64Array(classes);
      for (const [s, k] of states.entries()) {
        shares[k]! += Math.exp(alpha[t]![s]! + beta[t]![s]! - whole);
      }
      for (let k = 0; k < classes; k++) {
        gradient[at(t, k)] = Math.exp(logP[t]![k]!) - shares[k]!;
      }
      // No alignment, or a frame without numbers.
      if (!Number.isFinite(whole))
        for (let k = 0; k < classes; k++) gradient[at(t, k)] = Number.NaN;
    }
  }
  return { losses, gradient };
}

/** log α: the probability of all that leads to a state, its own frame included; [time][state] */
function forwardVariables(states: readonly number[], logP: readonly Float64Array[]): number[][] {
  const alpha: number[][] = [];
  for (const [t, p] of logP.entries()) {
    const before = alpha[t - 1];
    alpha.push(
      states.map((k, s) => {
        if (!before) return s < 2 ? p[k]! : -Infinity;
        const from = [before[s]!, before[s - 1] ?? -Infinity];
        if (skips(states, s)) from.push(before[s - 2]!);
        return sumOfLogs(from) + p[k]!;
      }),
    );
  }
  return alpha;
}

/** log β: the probability of all that follows a state, its own frame left out; [time][state] */
function backwardVariables(states: readonly number[], logP: readonly Float64Array[]): number[][] {
  const beta: number[][] = new Array(logP.length);
  for (let t = logP.length - 1; t >= 0; t--) {
    const [after, p] = [beta[t + 1], logP[t + 1]];
    beta[t] = states.map((_, s) => {
      if (!after) return s >= states.length - 2 ? 0 : -Infinity;
      const to = (next: number) =>
        next < states.length ? after[next]! + p![states[next]!]! : -Infinity;
      return sumOfLogs([to(s), to(s + 1), ...(skips(states, s + 2) ? [to(s + 2)] : [])]);
    });
  }
  return beta;
}

/** Whether the blank before a state may be left out: before a label that is not the one before. */
function skips(states: readonly number[], s: number): boolean {
  return s % 2 === 1 && s >= 3 && s < states.length && states[s] !== states[s - 2];
}

function sumOfLogs(logs: readonly number[]): number {
  const most = Math.max(...logs);
  if (most === -Infinity) return most;
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}

function logSoftmax(x: Float64Array): Float64Array {
  const whole = sumOfLogs([...x]);
  return x.map((value) => value - whole);
}
