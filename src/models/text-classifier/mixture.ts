/** From the logits of several paths to calibrated probabilities. */

/** The logits of a text, a list for each path: that of class 1 for two classes, else one a class. */
export type PathLogits = readonly Float64Array[];

/** Keeps the scales of few or clearly parted texts near their prior, in texts. */
const PRIOR_TEXTS = 1;
const STEPS = 50;

/**
 * The probability of each class: the softmax of `Σ scalesₚ · logitsₚ`.
 */
export function mixedProbabilities(logits: PathLogits, scales: readonly number[]): Float64Array {
  const scores = withAllClasses(logits[0]!).fill(0);
  logits.forEach((ofPath, path) => {
    withAllClasses(ofPath).forEach((logit, label) => {
      scores[label]! += scales[path]! * logit;
    });
  });
  const largest = scores.reduce((a, b) => Math.max(a, b));
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
}

/** Equal shares: where there are no texts to fit the scales on. */
export function equalScales(paths: number): number[] {
  return new Array<number>(paths).fill(1 / paths);
}

/**
 * The scales with the smallest cross-entropy on texts that no path was trained on. One path has one scale,
 * the inverse of the temperature of C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On Calibration of
 * Modern Neural Networks", 2017; several are weighed against each other by theirs at the same time.
 *
 * The function is convex, so Newton's method finds its one minimum. No scale is below 0.
 */
export function fitScales(texts: readonly PathLogits[], labels: Int32Array): number[] {
  const paths = texts[0]!.length;
  const prior = equalScales(paths);
  let scales = [...prior];
  for (let step = 0; step < STEPS; step++) {
    const { gradient, curvature } = derivatives(texts, labels, scales);
    for (let path = 0; path < paths; path++) {
      gradient[path]! += PRIOR_TEXTS * (scales[path]! - prior[path]!);
      curvature[path]![path]! += PRIOR_TEXTS;
    }
    const direction = solve(curvature, gradient);
    const next = scales.map((scale, path) => Math.max(0, scale - direction[path]!));
    let length = 1;
    const before = loss(texts, labels, scales, prior);
    const between = () => scales.map((scale, path) => scale + length * (next[path]! - scale));
    while (length > 1e-4 && loss(texts, labels, between(), prior) > before) length /= 2;
    const moved = between();
    const change = Math.max(...moved.map((scale, path) => Math.abs(scale - scales[path]!)));
    if (length > 1e-4) scales = moved;
    if (change < 1e-9 || length <= 1e-4) break;
  }
  return scales;
}

/** A single logit is that of class 1; class 0 has 0. */
function withAllClasses(logits: Float64Array): Float64Array {
  return logits.length === 1 ? Float64Array.of(0, logits[0]!) : Float64Array.from(logits);
}

function loss(
  texts: readonly PathLogits[],
  labels: Int32Array,
  scales: readonly number[],
  prior: readonly number[],
): number {
  const distance = scales.reduce((sum, scale, path) => sum + (scale - prior[path]!) ** 2, 0);
  return texts.reduce(
    (sum, logits, text) =>
      sum - Math.log(mixedProbabilities(logits, scales)[labels[text]!]! + 1e-300),
    (PRIOR_TEXTS * distance) / 2,
  );
}

/** Of the cross-entropy by the scales: `Σ E[z] − z_y`, and the covariances of the paths' logits. */
function derivatives(
  texts: readonly PathLogits[],
  labels: Int32Array,
  scales: readonly number[],
): { gradient: number[]; curvature: number[][] } {
  const gradient = scales.map(() => 0);
  const curvature = scales.map(() => scales.map(() => 0));
  texts.forEach((logits, text) => {
    const probabilities = mixedProbabilities(logits, scales);
    const complete = logits.map(withAllClasses);
    const mean = (f: (label: number) => number) =>
      probabilities.reduce((sum, probability, label) => sum + probability * f(label), 0);
    const means = complete.map((ofPath) => mean((label) => ofPath[label]!));
    complete.forEach((a, i) => {
      gradient[i]! += means[i]! - a[labels[text]!]!;
      complete.forEach((b, j) => {
        curvature[i]![j]! += mean((label) => a[label]! * b[label]!) - means[i]! * means[j]!;
      });
    });
  });
  return { gradient, curvature };
}

/** One equation, or two by Cramer's rule; the matrix is positive definite. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const [[a = 1, b = 0] = [], [c = 0, d = 1] = []] = matrix;
  const [x = 0, y = 0] = right;
  if (right.length === 1) return [x / a];
  const determinant = a * d - b * c;
  return [(d * x - b * y) / determinant, (a * y - c * x) / determinant];
}
