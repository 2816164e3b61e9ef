/** The line of the pen, and below it the probabilities over time, as SVG. */
import { CLASSES, type Writing } from './strokes.js';

const WIDTH = 720;
const HEIGHT = 330;
const LEFT = 30;
const RIGHT = 700;
const [TOP, BOTTOM] = [150, 300];
const COLOURS = [
  '#9a9a9a',
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#17becf',
  '#bcbd22',
  '#3b3b3b',
];

/** @param probabilities [frames][classes]; class 0 is the blank. */
export function spikeChart(
  { digits, frames }: Writing,
  probabilities: readonly number[][],
): string {
  const last = Math.max(1, frames.length - 1);
  const x = (t: number) => (LEFT + ((RIGHT - LEFT) * t) / last).toFixed(1);
  const y = (p: number) => (BOTTOM - (BOTTOM - TOP) * p).toFixed(1);
  const lines = Array.from({ length: CLASSES }, (_, k) => {
    const points = probabilities.map((p, t) => `${x(t)},${y(p[k]!)}`).join(' ');
    const dashes = k === 0 ? ' stroke-dasharray="3 3"' : '';
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[k]}" stroke-width="1.5"${dashes}/>`;
  });
  const names = probabilities.flatMap((p, t) => {
    const k = p.indexOf(Math.max(...p));
    const isPeak =
      k > 0 &&
      !((probabilities[t - 1]?.[k] ?? 0) > p[k]! || (probabilities[t + 1]?.[k] ?? 0) >= p[k]!);
    return isPeak
      ? `<text x="${x(t)}" y="${TOP - 6}" text-anchor="middle" fill="${COLOURS[k]}">${k - 1}</text>`
      : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    `<title>${digits.join('')}: the line of a pen, and the probabilities of digits over time</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    penLine(frames),
    `<path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none" stroke="#888"/>`,
    `<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">1</text>`,
    `<text x="${LEFT - 6}" y="${BOTTOM}" text-anchor="end">0</text>`,
    `<text x="${RIGHT}" y="${BOTTOM + 18}" text-anchor="end">frame ${frames.length}; dashed: the blank</text>`,
    ...lines,
    ...names,
    '</svg>',
    '',
  ].join('\n');
}

/** Movements added up. */
function penLine(frames: readonly number[][]): string {
  let [right, up] = [0, 0];
  const points = frames.map(([dx, dy]) => {
    right += dx! / 4;
    up += dy! / 4;
    return [right, up] as const;
  });
  const [xs, ys] = [points.map(([px]) => px), points.map(([, py]) => py)];
  const scale = Math.min(
    660 / (Math.max(...xs) - Math.min(...xs)),
    100 / (Math.max(...ys) - Math.min(...ys)),
  );
  const placed = points.map(
    ([px, py]) =>
      `${(LEFT + scale * (px - Math.min(...xs))).toFixed(1)},${(15 + scale * (Math.max(...ys) - py)).toFixed(1)}`,
  );
  return `<polyline points="${placed.join(' ')}" fill="none" stroke="#222" stroke-width="2" stroke-linejoin="round"/>`;
}
