/**
 * Whether explanations are true: words that they name are taken out of reviews, and as many at random.
 * Prints the mean probability of what the model said at first, and draws it.
 *
 *     npx tsx bench/deletion.ts --data PATH --model runs/imdb [--reviews 200]
 *
 * The model is one that `npm run demo -- --data PATH` saved; the reviews are of the test half, from the
 * beginning of both classes. The chart is written to docs/deletion.svg.
 */
import '@tensorflow/tfjs-backend-cpu';
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { scaleLinear } from 'd3-scale';
import { type DeletionCurve, deletionCurve, type ExplainMethod, ready } from '../src/index.js';
import { valueAxis, wholeNumberAxis } from '../src/inspect/chart/axes.js';
import { titled } from '../src/inspect/chart/titled.js';
import { curve, legend, legendWidth, type Series } from '../src/inspect/chart/curve.js';
import { readJudgedReviews } from './harness/judged-reviews.js';

const METHODS = [
  { method: 'integratedGradients', name: 'integrated gradients', role: 'first', dashed: false },
  { method: 'occlusion', name: 'occlusion', role: 'first', dashed: true },
  { method: 'gradientTimesInput', name: 'gradient × input', role: 'second', dashed: true },
] as const satisfies { method: ExplainMethod; name: string; role: string; dashed: boolean }[];

tf.enableProdMode();
await tf.setBackend('cpu');
await ready();

const judged = await readJudgedReviews(process.argv.slice(2));
if (!judged) throw new Error('Give the reviews and a model: --data PATH --model runs/imdb.');
const { judge, reviews } = judged;
const curves = METHODS.map(({ method }) =>
  reviews.map((review, seed) => deletionCurve(judge, review, { method, seed })),
);
const percents = curves[0]![0]!.fractions.map((fraction) => Math.round(100 * fraction));
const means = (found: readonly DeletionCurve[], of: 'explained' | 'random') =>
  percents.map((_, i) => found.reduce((sum, one) => sum + one[of][i]!, 0) / found.length);
const rows = [
  ...METHODS.map(({ name, role, dashed }, i) => ({
    ...{ name, role, dashed },
    values: means(curves[i]!, 'explained'),
  })),
  // The same seeds for each method: the same words.
  {
    name: 'at random',
    role: 'second',
    dashed: false,
    values: means(curves[0]!, 'random'),
  } as const,
];

console.log(`| taken out | ${percents.map((percent) => `${percent} %`).join(' | ')} |`);
console.log(`| --- | ${percents.map(() => '---').join(' | ')} |`);
for (const { name, values } of rows) {
  console.log(`| ${name} | ${values.map((value) => value.toFixed(3)).join(' | ')} |`);
}
await writeFile('docs/deletion.svg', chart());

function chart(): string {
  const { width, height } = { width: 640, height: 400 };
  const title = 'The words that count, taken out';
  const plot = { left: 68, right: 616, top: 84, bottom: 342 };
  const x = scaleLinear([0, percents.at(-1)!], [plot.left + 12, plot.right - 12]);
  const y = scaleLinear([0, 1], [plot.bottom, plot.top]);
  const all = rows.map(({ name, role, dashed, values }): Series => {
    const points = values.map((value, i) => ({ epoch: percents[i]!, value }));
    return { name, role, dashed, each: 'percent of the words taken out:', points };
  });
  const said = rows.map(({ name, values }) => `${name}: ${values[2]!.toFixed(2)}`).join(', ');
  return titled(
    {
      ...{ width, height, title, left: plot.left },
      description: `Mean probability of what the model said, of ${reviews.length} reviews, without ${percents[2]} % of the words: ${said}.`,
    },
    legend(all, Math.max(16, plot.right - legendWidth(all)), 60),
    valueAxis(y, plot, 'mean probability of what it said'),
    wholeNumberAxis(x, plot, 'words taken out, %'),
    ...all.map((series) => curve(series, x, y)),
  );
}
