/** The logits of a network whose last layer gives probabilities. Without TensorFlow.js. */

/** Probabilities of 32 bits are taken to be this far from 0 and 1, so that their logarithms are finite. */
const LEAST_PROBABILITY = 1e-7;

/**
 * The logits of texts or of pieces of texts, a list each: that of class 1 for two classes, else one a class.
 *
 * @param probabilities [sequences, outputs]
 */
export function logitsOf(probabilities: Float32Array, sequences: number): Float64Array[] {
  const outputs = probabilities.length / sequences;
  return Array.from({ length: sequences }, (_, i) => {
    const own = probabilities.subarray(i * outputs, (i + 1) * outputs);
    return Float64Array.from(own, outputs === 1 ? logit : logarithm);
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
