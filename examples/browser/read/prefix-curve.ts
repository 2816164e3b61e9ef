/** The verdict after each word, as a small curve. */
import { say } from '../page/language.js';

const HEIGHT = 100;

/** One <svg>, as wide as its place. */
export function prefixCurve(probabilities: readonly number[]): string {
  if (probabilities.length < 2) return '';
  const last = probabilities.length - 1;
  const points = probabilities.map(
    (p, i) => `${((100 * i) / last).toFixed(2)},${(HEIGHT * (1 - p)).toFixed(2)}`,
  );
  const percent = (p: number) => Math.round(100 * p);
  const told = say('curve', {
    first: percent(probabilities[0]!),
    last: percent(probabilities[last]!),
  });
  return (
    `<svg viewBox="0 -4 100 ${HEIGHT + 8}" preserveAspectRatio="none" role="img" aria-label="${told}">` +
    `<line class="half" x1="0" y1="${HEIGHT / 2}" x2="100" y2="${HEIGHT / 2}"/>` +
    `<polyline class="curve" points="${points.join(' ')}"/></svg>`
  );
}
