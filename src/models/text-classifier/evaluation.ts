/** How right a classifier is, and how well it knows it. */

/** What predictions on labelled texts are worth. */
export interface TextEvaluation {
  /** How many texts were judged. */
  texts: number;
  /** The fraction that is labelled rightly. */
  accuracy: number;
  /** The mean cross-entropy, in nats. */
  loss: number;
  /**
   * The expected calibration error, from 0 to 1: how far apart the probability of the predicted class and
   * the fraction that is right are, on average over fifteen groups of texts of like probability.
   */
  calibrationError: number;
  /** `confusion[i][j]`: the texts of class i that were taken for class j. */
  confusion: number[][];
}

const GROUPS = 15;

/**
 * Compares probabilities with labels.
 *
 * The calibration error is that of M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated
 * Probabilities Using Bayesian Binning", 2015, in fifteen equal steps of probability, as C. Guo et al. (2017)
 * have it.
 *
 * @param probabilities One list a text, with one for each class.
 * @param labels The classes, as many as texts.
 */
export function evaluate(
  probabilities: readonly Float64Array[],
  labels: Int32Array,
): TextEvaluation {
  const classes = probabilities[0]!.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const groups = Array.from({ length: GROUPS }, () => ({ right: 0, probability: 0 }));
  let loss = 0;
  let right = 0;
  probabilities.forEach((ofText, text) => {
    const label = labels[text]!;
    const predicted = mostProbable(ofText);
    const probability = ofText[predicted]!;
    confusion[label]![predicted]!++;
    loss -= Math.log(Math.max(ofText[label]!, Number.MIN_VALUE));
    const group = groups[Math.min(GROUPS - 1, Math.floor(probability * GROUPS))]!;
    group.probability += probability;
    if (predicted !== label) return;
    right++;
    group.right++;
  });
  const texts = probabilities.length;
  const off = groups.reduce((sum, group) => sum + Math.abs(group.right - group.probability), 0);
  return {
    ...{ texts, accuracy: right / texts, loss: loss / texts },
    ...{ calibrationError: off / texts, confusion },
  };
}

/** The class of the largest probability; of equal ones, the first. */
export function mostProbable(probabilities: Float64Array): number {
  let best = 0;
  probabilities.forEach((probability, label) => {
    if (probability > probabilities[best]!) best = label;
  });
  return best;
}
