/** The logits of a network whose last layer gives probabilities. Without TensorFlow.js. */
import { reject } from '../../foundation/errors.js';

/** Probabilities of 32 bits are taken to be this far from 0 and 1, so that their logarithms are finite. */
const LEAST_PROBABILITY = 1e-7;

/**
 * The logits of texts or of pieces of texts, a list each: that of class 1 for two classes, else one a class.
 * Those of no words are 0 where the network has no number for them, as one has that takes a mean over nothing.
 *
 * @param probabilities [sequences, outputs]
 * @param sequences The words of each; padding is not among them.
 * @throws RecurrentError where the probability of words is not a number.
 */
export function logitsOf(
  where: string,
  probabilities: Float32Array,
  sequences: readonly (readonly number[])[],
): Float64Array[] {
  const outputs = probabilities.length / sequences.length;
  return sequences.map(({ length }, i) => {
    const own = probabilities.subarray(i * outputs, (i + 1) * outputs);
    if (own.some(Number.isNaN)) {
      if (length === 0) return new Float64Array(outputs);
      rejectNotANumber(where);
    }
    return Float64Array.from(own, outputs === 1 ? logit : logarithm);
  });
}

function rejectNotANumber(where: string): never {
  reject({
    where,
    expected: 'the network must give numbers, but it gives NaN for a text',
    remedy: 'Look for NaN in its weights: a training whose loss became NaN leaves them there.',
    see: 'not-a-number',
  });
}

const logarithm = (probability: number) => Math.log(Math.max(probability, LEAST_PROBABILITY));

const logit = (probability: number) => logarithm(probability) - logarithm(1 - probability);

/**
 * The logits of texts: of each, the mean of those of its pieces.
 *
 * @param pieces Those of each text.
 * @param logits Of all pieces, one behind the other.
 */
export function meansOfPieces(
  pieces: readonly (readonly unknown[])[],
  logits: readonly Float64Array[],
): Float64Array[] {
  let at = 0;
  return pieces.map(({ length }) => {
    const own = logits.slice(at, at + length);
    at += length;
    return own[0]!.map((_, i) => own.reduce((sum, list) => sum + list[i]!, 0) / length);
  });
}
