/** The logits of a network whose last layer gives probabilities. Without TensorFlow.js. */

/** Probabilities of 32 bits are taken to be this far from 0 and 1, so that their logarithms are finite. */
const LEAST_PROBABILITY = 1e-7;

/**
 * The logits of texts, a list each: that of class 1 for two classes, else one a class.
 *
 * @param probabilities [texts, outputs]
 */
export function logitsOf(probabilities: Float32Array, texts: number): Float64Array[] {
  const outputs = probabilities.length / texts;
  return Array.from({ length: texts }, (_, text) => {
    const ofText = probabilities.subarray(text * outputs, (text + 1) * outputs);
    return Float64Array.from(ofText, outputs === 1 ? logit : logarithm);
  });
}

const logarithm = (probability: number) => Math.log(Math.max(probability, LEAST_PROBABILITY));

const logit = (probability: number) => logarithm(probability) - logarithm(1 - probability);
