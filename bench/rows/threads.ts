/**
 * What a second thread gains.
 *
 *     npx tsx bench/rows/threads.ts --data PATH
 */
import { Bench, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { inTurn } from '../harness/in-turn.js';
import { BATCH, TIME } from '../harness/inputs.js';
import { runOnce } from '../harness/once.js';
import { ratio } from '../harness/row.js';

const STEPS = 50;
// V8 compiles what a step runs for some hundreds of steps, on threads of its own.
const WARM_UP = 4;
const REVIEWS = 5000;

const bench = new Bench('threads', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const one = (await bench.ours('1 thread', { threads: 1 }))!;
  const two = (await bench.ours('2 threads', { threads: 2 }))!;
  for (const contestant of [one, two]) await contestant.ask('load', { folder });

  const step = (contestant: Contestant) => ({
    name: contestant.name,
    run: async (round: number) => {
      const start = ((round + WARM_UP) * STEPS * BATCH) % (train - STEPS * BATCH);
      return (await contestant.ask<{ ms: number }>('fit', { start, steps: STEPS })).ms;
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
    name: threads === 1 ? '1 thread' : `${threads} threads`,
    run: async () => {
      const args = ['bench/peers/arithmetic.mjs', `${threads}`];
      return (await runOnce<{ ms: number }>(process.execPath, args)).ms;
    },
  });
  const mixed = [step(one), step(two), arithmetic(1), arithmetic(2)];
  const all = await inTurn(mixed, bench.rounds, WARM_UP);
  const [training, alone] = [all.slice(0, 2), all.slice(2)];
  const predicting = await inTurn([predict(one), predict(two)], bench.rounds);
  const layers = await inTurn([layer(one), layer(two)], Math.min(bench.rounds, 5));
  const target = { relation: 'at least', value: 1.7 } as const;
  bench.finish({
    title: 'A second thread',
    method:
      `The same work with \`ready({ threads: 1 })\` and \`ready({ threads: 2 })\`: a training step by ` +
      `\`model.fit\`, ${REVIEWS.toLocaleString('en')} reviews by \`model.predict\`, an LSTM layer of ` +
      `128 units forward and backward. Node ${process.versions.node}, backend \`${bench.backend}\`. ` +
      'What the machine has to give is measured in turn with training: arithmetic on a few ' +
      'kilobytes of each thread. A virtual processor may have to share its core.',
    tables: [
      { title: 'training', unit: 'ms a step', entries: training },
      { title: 'arithmetic alone', unit: 'ms for 10⁹ multiply-adds', entries: alone },
      { title: 'model.predict', unit: 'ms', entries: predicting },
      { title: 'LSTM layer, 128 units', unit: 'ms', entries: layers },
    ],
    verdicts: [
      ...ratio('training, one thread : two', training[0], training[1], target),
      ...ratio('arithmetic alone, one thread : two', alone[0], alone[1]),
      ...ratio('model.predict, one thread : two', predicting[0], predicting[1]),
      ...ratio('LSTM layer, one thread : two', layers[0], layers[1]),
    ],
    checks: [],
  });
});
