/**
 * What a second thread gains.
 *
 *     npx tsx bench/rows/threads.ts --data PATH
 */
import { Bench, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { type Figures, inTurn, median } from '../harness/in-turn.js';
import { BATCH, TIME } from '../harness/inputs.js';
import { runOnce } from '../harness/once.js';
import { runOn, twoProcessors } from '../harness/processors.js';
import { ratio } from '../harness/row.js';

// What the machine has to give changes within seconds, so turns are short and many.
const STEPS = 30;
const ROUNDS = 40;
// The first steps after an answer or on another processor, whose caches have nothing of it.
const LEAD = 10;
// V8 compiles what a step runs for so many of them, on threads of its own.
const WARM_UP = 1500;
const REVIEWS = 5000;

const NAMES = ['1 thread', '2 threads'] as const;

const PINNED =
  'Virtual processors share what they have with other machines: for minutes, one takes up to half ' +
  'as long again as the other for the same work, and then they change places. Two threads always ' +
  'have both, so one thread has a turn on each in every round (the main thread; the threads of V8 ' +
  'are free), and counts at the mean of both speeds: two processors without any loss would be ' +
  'twice as fast as that. All rounds count; as speeds change from one to the next, the ratio is the ' +
  'median of the ratios within rounds.';
const FREE = 'One thread runs where the system puts it, since this one has no taskset.';

const bench = new Bench('threads', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train: reviews } = await bench.inputs();
  const one = (await bench.ours(NAMES[0], { threads: 1 }))!;
  const two = (await bench.ours(NAMES[1], { threads: 2 }))!;
  for (const contestant of [one, two]) await contestant.ask('load', { folder });

  const step = (contestant: Contestant, processor?: number) => ({
    name: processor === undefined ? contestant.name : `${contestant.name}, processor ${processor}`,
    run: async (round: number) => {
      if (processor !== undefined) runOn(contestant.pid, [processor]);
      const start = (round * STEPS * BATCH) % (reviews - (LEAD + STEPS) * BATCH);
      const args = { start, steps: STEPS, lead: LEAD };
      return (await contestant.ask<{ ms: number }>('fit', args)).ms;
    },
  });
  const layer = (contestant: Contestant) => ({
    name: contestant.name,
    run: async () => {
      const args = { units: 128, time: TIME, runs: 1 };
      return (await contestant.ask<{ ms: [number] }>('layer', args)).ms[0];
    },
  });
  const predict = (contestant: Contestant) => ({
    name: contestant.name,
    run: async () => (await contestant.ask<{ ms: number }>('predict', { count: REVIEWS })).ms,
  });
  const arithmetic = (threads: number) => ({
    name: NAMES[threads - 1]!,
    run: async () => {
      const args = ['bench/peers/arithmetic.mjs', `${threads}`];
      return (await runOnce<{ ms: number }>(process.execPath, args)).ms;
    },
  });
  for (const contestant of [one, two]) {
    for (let round = 0; round * STEPS < WARM_UP; round++) await step(contestant).run(round);
  }
  const pair = twoProcessors();
  for (const { pid } of [one, two]) if (pair) runOn(pid, pair, 'all');
  const sides = pair ? pair.map((processor) => step(one, processor)) : [step(one)];
  const measured = await inTurn([...sides, step(two)], ROUNDS, 0);
  if (pair) runOn(one.pid, pair);
  const training = { one: atMeanSpeed(measured.slice(0, -1)), two: measured.at(-1)! };
  const alone = await inTurn([arithmetic(1), arithmetic(2)], bench.rounds);
  const predicting = await inTurn([predict(one), predict(two)], bench.rounds);
  const layers = await inTurn([layer(one), layer(two)], Math.min(bench.rounds, 5));
  const target = { relation: 'at least', value: 1.7 } as const;
  const [whole] = ratio('', training.one, training.two);
  const within = training.one.rounds.map((time, i) => time / training.two.rounds[i]!);
  bench.finish({
    title: 'A second thread',
    method:
      'The same work with `ready({ threads: 1 })` and `ready({ threads: 2 })`: a training step by ' +
      `\`model.fit\`, ${REVIEWS.toLocaleString('en')} reviews by \`model.predict\`, an LSTM layer of ` +
      `128 units forward and backward. Node ${process.versions.node}, backend \`${bench.backend}\`. ` +
      `Training in turns of ${STEPS} steps, after ${WARM_UP.toLocaleString('en')} of each. ${pair ? PINNED : FREE}`,
    tables: [
      { title: 'training', unit: 'ms a step', entries: [training.one, ...measured] },
      { title: 'arithmetic alone', unit: 'ms for 10⁹ multiply-adds', entries: alone },
      { title: 'model.predict', unit: 'ms', entries: predicting },
      { title: 'LSTM layer, 128 units', unit: 'ms', entries: layers },
    ],
    verdicts: [
      { ...whole!, what: 'training, one thread : two', value: median(within), target },
      { ...whole!, what: 'training, one thread : two, of the medians' },
      ...ratio('arithmetic alone, one thread : two', alone[0], alone[1]),
      ...ratio('model.predict, one thread : two', predicting[0], predicting[1]),
      ...ratio('LSTM layer, one thread : two', layers[0], layers[1]),
    ],
    checks: [],
  });
});

/** What one thread takes at the mean of its speeds, round by round. */
function atMeanSpeed(figures: readonly Figures[]): Figures {
  const mean = (times: number[]) => times.length / times.reduce((sum, time) => sum + 1 / time, 0);
  return {
    name: figures.length > 1 ? `${NAMES[0]}, mean speed` : NAMES[0],
    rounds: figures[0]!.rounds.map((_, i) => mean(figures.map(({ rounds }) => rounds[i]!))),
  };
}
