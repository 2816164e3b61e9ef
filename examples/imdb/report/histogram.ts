import type { Judged } from '../result.js';

const BINS = 20;
const WIDTH = 440;
const HEIGHT = 200;
const EDGE = { top: 10, right: 8, bottom: 36, left: 8 };

/**
 * Draws how the model's probabilities are spread, as an inline SVG: positive
 * reviews above the axis, negative ones below. What a sure and able model
 * leaves is one tall bar at the right end above and one at the left end below.
 */
export function probabilityHistogram(judged: readonly Judged[]): string {
  const bins = { 0: new Array<number>(BINS).fill(0), 1: new Array<number>(BINS).fill(0) };
  for (const { label, probability } of judged) {
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    bins[label === 1 ? 1 : 0][bin]! += 1;
  }

  const tallest = Math.max(1, ...bins[0], ...bins[1]);
  const step = (WIDTH - EDGE.left - EDGE.right) / BINS;
  const half = (HEIGHT - EDGE.top - EDGE.bottom) / 2;
  const axis = EDGE.top + half;
  const bars = ([1, 0] as const).flatMap((label) =>
    bins[label].map((reviews, bin) => {
      if (reviews === 0) return '';
      // The square root: a single review must still be seen beside a thousand.
      const height = Math.sqrt(reviews / tallest) * half;
      const x = EDGE.left + bin * step + 1;
      const y = label === 1 ? axis - height : axis;
      const from = ((bin / BINS) * 100).toFixed(0);
      const to = (((bin + 1) / BINS) * 100).toFixed(0);
      return (
        `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(step - 2).toFixed(1)}" ` +
        `height="${height.toFixed(1)}" rx="1" fill="var(--${label === 1 ? 'good' : 'bad'})">` +
        `<title>${reviews} ${label === 1 ? 'positive' : 'negative'} reviews at ${from} to ${to} %</title></rect>`
      );
    }),
  );
  const ticks = [0, 0.5, 1].map((share) => {
    const x = EDGE.left + share * (WIDTH - EDGE.left - EDGE.right);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text x="${x}" y="${HEIGHT - 19}" text-anchor="${anchor}">${share * 100} %</text>`;
  });

  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Probabilities of the test reviews" ` +
    `font-size="12" fill="var(--soft)" font-family="inherit">${bars.join('')}` +
    `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${axis}" y2="${axis}" stroke="var(--soft)"/>` +
    `${ticks.join('')}` +
    `<text x="${WIDTH / 2}" y="${HEIGHT - 3}" text-anchor="middle">probability that the review is positive</text>` +
    '</svg>'
  );
}
