/**
 * One review and a training step in Chromium, beside Node. Prints its section of docs/benchmarks.md, too.
 *
 *     npx tsx bench/rows/browser.ts --data PATH
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { Bench, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { inTurn, type Turn } from '../harness/in-turn.js';
import { BATCH, PARAMETERS, readRows } from '../harness/inputs.js';
import { section } from '../harness/page.js';
import { ratio } from '../harness/row.js';
import { requireClose, requireLoss, requireParameters } from '../harness/same.js';
import { type Tab, Tabs } from '../harness/tab.js';

const REVIEWS = 100;
const STEPS = 20;
// V8 compiles what a step runs for so many rounds.
const WARM_UP = 3;
// Whoever does not learn stays at 0.69.
const LOSS = 0.6;

const bench = new Bench('browser', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as string[];
  const node = (await bench.ours('Node, two threads', { threads: 2 }))!;
  const { parameters } = await node.ask<{ parameters: number }>('load', { folder });
  const tabs = await Tabs.open();
  bench.versions.chromium = tabs.version;
  try {
    const alone = await tabs.tab('Chromium, one thread', folder, 1);
    const isolated = await tabs.tab('Chromium, isolated, two threads', folder, 2);
    const checks = [
      requireParameters(PARAMETERS, [{ name: node.name, parameters }, alone, isolated]),
    ];

    const found = new Map<string, number[]>();
    const startOf = (round: number) => ((round + WARM_UP) * REVIEWS) % (texts.length - REVIEWS);
    const reviewIn = (tab: Tab): Turn => ({
      name: tab.name,
      run: async (round) => {
        const start = startOf(round);
        const { ms, probabilities } = await tab.one(texts.slice(start, start + REVIEWS));
        if (round === -WARM_UP) found.set(tab.name, probabilities);
        return ms;
      },
    });
    const reviewInNode: Turn = {
      name: node.name,
      run: async (round) => {
        const args = { start: startOf(round), count: REVIEWS };
        const { ms, probabilities } = await node.ask<{ ms: number[]; probabilities: number[] }>(
          'one',
          args,
        );
        if (round === -WARM_UP) found.set(node.name, probabilities);
        // The mean, since the clock of a page that is not isolated tells no single review.
        return ms.reduce((sum, one) => sum + one, 0) / ms.length;
      },
    };
    const reviews = await inTurn(
      [reviewInNode, reviewIn(alone), reviewIn(isolated)],
      bench.rounds,
      WARM_UP,
    );
    checks.push(
      requireClose(
        'probabilities',
        [...found].map(([name, values]) => ({ name, values })),
        1e-5,
      ),
    );

    const first = (round: number) => ((round + WARM_UP) * STEPS * BATCH) % (train - STEPS * BATCH);
    const stepIn = (tab: Tab): Turn => ({
      name: tab.name,
      run: async (round) => {
        const rows = rowsOf(folder, first(round), STEPS * BATCH);
        return learned(tab, await tab.fit(rows, BATCH));
      },
    });
    const stepInNode: Turn = {
      name: node.name,
      run: async (round) => {
        const args = { start: first(round), steps: STEPS };
        return learned(node, await node.ask<{ ms: number; loss: number }>('fit', args));
      },
    };
    const steps = await inTurn(
      [stepInNode, stepIn(alone), stepIn(isolated)],
      bench.rounds,
      WARM_UP,
    );
    checks.push(`every loss is below ${LOSS}, in the second epoch of this model`);

    const of = (figures: typeof steps, { name }: { name: string }) =>
      figures.find((one) => one.name === name);
    const atMost = (value: number) => ({ relation: 'at most', value }) as const;
    const result = bench.finish({
      title: 'In a browser',
      method:
        `Headless Chromium beside Node on backend \`cpu\`. One review: \`SentimentClassifier.predict\`, the ` +
        `mean of ${REVIEWS} different real reviews in each round. A step: one pass of \`model.fit\` over ` +
        `${STEPS} batches of ${BATCH} real reviews, divided by ${STEPS}, in the page itself. A page has ` +
        'threads only where it is cross-origin isolated.',
      tables: [
        { title: 'One review', unit: 'ms a review', entries: reviews },
        { title: 'A training step', unit: 'ms a step', entries: steps },
      ],
      verdicts: [
        ...ratio('one review, Chromium : Node', of(reviews, alone), of(reviews, node), atMost(1.5)),
        ...ratio(
          'a step, Chromium, one thread : Node, two',
          ...([of(steps, alone), of(steps, node), atMost(2.2)] as const),
        ),
        ...ratio(
          'a step, Chromium, isolated, two threads : Node, two',
          ...([of(steps, isolated), of(steps, node), atMost(1.3)] as const),
        ),
      ],
      checks,
    });
    console.log(`\n${section(result).filter(Boolean).join('\n\n')}`);
  } finally {
    await tabs.close();
  }
});

function learned({ name }: Contestant | Tab, { ms, loss }: { ms: number; loss: number }): number {
  requireLoss(name, loss, LOSS);
  return ms;
}

/** Rows of the training reviews, as they cross to a page. */
function rowsOf(folder: string, start: number, count: number) {
  const [x, y] = readRows(folder, 'train', start, count);
  const rows = { count, x: x.dataSync() as Int32Array, y: y.dataSync() as Float32Array };
  tf.dispose([x, y]);
  return rows;
}
