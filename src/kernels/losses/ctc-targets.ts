/** Labels and lengths of connectionist temporal classification, checked before anything is computed. */
import { reject } from '../../foundation/errors.js';

/** What a batch of logits is compared with. */
export interface CtcTargets {
  /** Rows of `width` numbers of classes, one behind the other. */
  labels: Int32Array;
  width: number;
  /** How many labels of each row count. */
  labelLengths: Int32Array;
  /** How many frames of each row count. */
  logitLengths: Int32Array;
  /** The class that stands for no label. */
  blank: number;
}

/** The sizes of the logits. */
export interface LogitSizes {
  batch: number;
  time: number;
  classes: number;
}

const WHERE = 'losses.ctc';

/**
 * @param labels [batch, width]
 * @param labelLengths Without them, the labels of a row that are not blank count, which come first.
 * @param logitLengths Without them, every frame counts.
 * @throws RecurrentError for labels and lengths that cannot be.
 */
export function ctcTargets(
  labels: ArrayLike<number>,
  width: number,
  sizes: LogitSizes,
  blank: number,
  labelLengths: ArrayLike<number> | null,
  logitLengths: ArrayLike<number> | null,
): CtcTargets {
  const { batch, time, classes } = sizes;
  const targets: CtcTargets = {
    labels: Int32Array.from({ length: batch * width }, (_, i) => labels[i]!),
    width,
    labelLengths: labelLengths
      ? lengths('labelLengths', labelLengths, batch, width, 'labels a row has')
      : Int32Array.from({ length: batch }, (_, row) => countLabels(labels, row, width, blank)),
    logitLengths: logitLengths
      ? lengths('logitLengths', logitLengths, batch, time, 'frames a row has')
      : new Int32Array(batch).fill(time),
    blank,
  };
  for (let row = 0; row < batch; row++) {
    const count = targets.labelLengths[row]!;
    let needed = count;
    for (let i = 0; i < count; i++) {
      const label = labels[row * width + i]!;
      requireLabel(label, row, classes, blank);
      if (i > 0 && label === labels[row * width + i - 1]) needed++;
    }
    if (needed <= targets.logitLengths[row]!) continue;
    reject({
      where: WHERE,
      expected: `row ${row} has ${count} labels, which need at least ${needed} frames (one each, and one more between two that are the same)`,
      received: targets.logitLengths[row]!,
      remedy:
        'Take fewer labels or more frames, or leave such rows out: no alignment exists, so the loss would be infinite.',
      see: 'no-alignment',
    });
  }
  return targets;
}

function lengths(
  name: string,
  given: ArrayLike<number>,
  batch: number,
  most: number,
  what: string,
): Int32Array {
  if (given.length !== batch) {
    reject({
      where: WHERE,
      expected: `${name} must have one length for each of the ${batch} rows`,
      received: given.length,
      see: 'uneven-data',
    });
  }
  return Int32Array.from({ length: batch }, (_, row) => {
    const length = given[row]!;
    if (Number.isInteger(length) && length >= 0 && length <= most) return length;
    return reject({
      where: WHERE,
      expected: `${name} must be whole numbers from 0 to ${most}, the most ${what}`,
      received: length,
    });
  });
}

/** Labels up to the first blank; a blank between labels is a mistake that Keras counts wrongly. */
function countLabels(labels: ArrayLike<number>, row: number, width: number, blank: number): number {
  let count = 0;
  while (count < width && labels[row * width + count] !== blank) count++;
  for (let i = count; i < width; i++) {
    if (labels[row * width + i] === blank) continue;
    reject({
      where: WHERE,
      expected: `labels must not hold the blank, ${blank}, before another label; row ${row} does at place ${count}`,
      remedy:
        'Number the labels without the blank, and pad rows with it at the end; or give labelLengths.',
      see: 'wrong-labels',
    });
  }
  return count;
}

function requireLabel(label: number, row: number, classes: number, blank: number): void {
  if (label === blank) {
    reject({
      where: WHERE,
      expected: `labels must not be the blank, ${blank}; row ${row} has it within its length`,
      remedy: 'Number the labels without it, or name another blank by maskIndex.',
      see: 'wrong-labels',
    });
  }
  if (Number.isInteger(label) && label >= 0 && label < classes) return;
  reject({
    where: WHERE,
    expected: `labels must be numbers from 0 to ${classes - 1}, the classes of the logits; row ${row} has another`,
    received: label,
    remedy: 'Give the last layer as many units as there are labels, and one for the blank.',
    see: 'wrong-labels',
  });
}
