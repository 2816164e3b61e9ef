/** losses.ctc: connectionist temporal classification, of models and by itself. */
import { reject } from '../../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { ctcLoss, ctcLossGradient } from '../../kernels/losses/ctc.js';
import { ctcByTheBook } from '../../kernels/losses/ctc-by-the-book.js';
import { type CtcTargets, ctcTargets, type LogitSizes } from '../../kernels/losses/ctc-targets.js';

/** A number for each row of a batch. */
export type Lengths = tf.Tensor | readonly number[] | Int32Array;

/** The options of {@link ctc}. */
export interface CtcOptions {
  /** The class that stands for no label, the blank. Default: 0. */
  maskIndex?: number;
}

const WHERE = 'losses.ctc';

/**
 * Connectionist temporal classification: the loss of labels that belong to a sequence of frames in their
 * order, without saying where. It is -log of the probability of the labels, summed over every way to
 * spread them over the frames, with blanks in between. One WebAssembly kernel computes it, and one its
 * gradient, as `keras.ops.ctc_loss` and `keras.losses.CTC` do; `model.compile({ loss: losses.ctc })` trains
 * a model with it.
 *
 * @param labels `[batch, labels]` numbers of classes, without the blank. Rows are padded at their end.
 * @param logits `[batch, time, classes]`, what a dense layer without activation returns: no softmax before.
 * @param labelLengths `[batch]` How many labels of each row count. Default: those before the first blank,
 *   with which rows are padded then.
 * @param logitLengths `[batch]` How many frames of each row count. Default: all of them; in a model, those
 *   that its mask leaves, which must come first.
 * @param options `maskIndex` names the blank. Default: class 0.
 * @returns `[batch]` The loss of each row. NaN where a frame that counts has NaN or Infinity; -Infinity is
 *   a probability of 0.
 * @throws RecurrentError for lengths beyond the padded size, for labels that are the blank or no class, and
 *   for rows with fewer frames than their labels need.
 * @see Graves, Fernández, Gomez & Schmidhuber 2006, Connectionist Temporal Classification.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { losses } from 'tfjs-recurrent';
 *
 * const labels = tf.tensor2d([[1, 2], [2, 0]], [2, 2], 'int32'); // 0 pads
 * const logits = tf.zeros([2, 3, 3]); // every class is as likely as any other
 * // Of 27 ways through three frames, 5 read 1 2, and 6 read 2.
 * const ofRows = losses.ctc(labels, logits);
 * console.log(Array.from(ofRows.dataSync(), (loss) => Math.round(27 * Math.exp(-loss))));
 * // [ 5, 6 ]
 * ```
 */
export function ctc(
  labels: tf.Tensor,
  logits: tf.Tensor,
  labelLengths?: Lengths,
  logitLengths?: Lengths,
  options?: CtcOptions,
): tf.Tensor1D {
  requireKnownOptions(WHERE, options, ['maskIndex'], {
    blank: 'Write maskIndex, as in Keras.',
    blankIndex: 'Write maskIndex, as in Keras.',
  });
  const sizes = sizesOf(labels, logits);
  const targets = targetsOf(labels, sizes, options?.maskIndex ?? 0, labelLengths, logitLengths);
  return ofLogits(targets, sizes, logits) as tf.Tensor1D;
}

/** As {@link ctc}, for a model whose output has a mask: [batch, time], or null. */
export function ctcOfModel(
  labels: tf.Tensor,
  logits: tf.Tensor,
  mask: tf.Tensor | null,
): tf.Tensor {
  const sizes = sizesOf(labels, logits);
  return ofLogits(targetsOf(labels, sizes, 0, undefined, framesOf(mask)), sizes, logits);
}

/** What the losses of {@link ctcOfModel} pass back to the logits, by the kernel. */
export function ctcGradientOfModel(
  labels: tf.Tensor,
  logits: tf.Tensor,
  dy: tf.Tensor | number,
  mask: tf.Tensor | null,
): tf.Tensor {
  const sizes = sizesOf(labels, logits);
  return ctcLossGradient(targetsOf(labels, sizes, 0, undefined, framesOf(mask)), logits, dy);
}

function ofLogits(targets: CtcTargets, sizes: LogitSizes, logits: tf.Tensor): tf.Tensor {
  if (fusedAvailable()) return ctcLoss(targets, logits);
  return tf.tidy(() => byTheBook(targets, sizes)(tf.cast(logits, 'float32')));
}

function byTheBook(targets: CtcTargets, sizes: LogitSizes): (logits: tf.Tensor) => tf.Tensor {
  return tf.customGrad((x, save) => {
    const logits = x as tf.Tensor;
    const { losses, gradient } = ctcByTheBook(targets, logits.dataSync(), sizes);
    (save as tf.GradSaveFunc)([tf.tensor(gradient, logits.shape)]);
    return {
      value: tf.tensor1d(losses),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.mul(tf.reshape(dy, [sizes.batch, 1, 1]), saved!),
    };
  });
}

function sizesOf({ shape: labels }: tf.Tensor, { shape: logits }: tf.Tensor): LogitSizes {
  if (logits.length !== 3) {
    reject({
      where: WHERE,
      expected: 'logits must have the shape [batch, time, classes]',
      received: logits,
      remedy: 'A recurrent layer returns every step with returnSequences: true.',
      see: 'wrong-shape',
    });
  }
  const [batch, time, classes] = logits as [number, number, number];
  if (labels.length !== 2 || labels[0] !== batch) {
    reject({
      where: WHERE,
      expected: `labels must have the shape [${batch}, labels], a row for each row of the logits`,
      received: labels,
      remedy:
        "padSequences(rows, { padding: 'post' }) makes it from lists, padded with the blank 0.",
      see: 'wrong-shape',
    });
  }
  return { batch, time, classes };
}

function targetsOf(
  labels: tf.Tensor,
  sizes: LogitSizes,
  blank: number,
  labelLengths: Lengths | undefined,
  logitLengths: Lengths | undefined,
): CtcTargets {
  const { classes } = sizes;
  requireInteger(WHERE, 'maskIndex', blank, 0, `The classes are 0 to ${classes - 1}.`);
  if (blank >= classes) {
    reject({
      where: WHERE,
      expected: `maskIndex must be one of the classes, 0 to ${classes - 1}`,
      received: blank,
    });
  }
  const width = labels.shape[1]!;
  const given = [labelLengths, logitLengths].map((each) => (each ? valuesOf(each) : null));
  return ctcTargets(labels.dataSync(), width, sizes, blank, given[0]!, given[1]!);
}

function valuesOf(lengths: Lengths): ArrayLike<number> {
  return lengths instanceof tf.Tensor ? lengths.dataSync() : lengths;
}

/** How many frames of each row a mask leaves. */
function framesOf(mask: tf.Tensor | null): Int32Array | undefined {
  if (!mask) return undefined;
  const [batch, time] = mask.shape as [number, number];
  const counts = mask.dataSync();
  return Int32Array.from({ length: batch }, (_, row) => {
    const frames = counts.subarray(row * time, (row + 1) * time);
    const end = frames.lastIndexOf(1) + 1;
    if (!frames.subarray(0, end).includes(0)) return end;
    return reject({
      where: WHERE,
      expected: `the frames that the mask leaves out must be the last of their row; row ${row} has some before others`,
      remedy: "Pad sequences at their end: padSequences(rows, { padding: 'post' }).",
      see: 'no-alignment',
    });
  });
}
