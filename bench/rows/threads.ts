/**
 * What a second thread gains.
 *
 *     npx tsx bench/rows/threads.ts --data PATH
 */
import { Bench, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { type Figures, inTurn } from '../harness/in-turn.js';
import { BATCH, TIME } from '../harness/inputs.js';
import { runOnce } from '../harness/once.js';
import { ratio } from '../harness/row.js';

const STEPS = 30;
// The first steps after an answer: who is woken by another process begins on that one's processor,
// where its own thread may have slept.
const LEAD = 5;
// V8 compiles what a step runs for so many steps, on threads of its own.
const WARM_UP = 1500;
const REVIEWS = 5000;
// What the machine has to give changes within seconds, so turns are short and many.
const BLOCKS = 10;
const ROUNDS_A_BLOCK = 4;

const bench = new Bench('threads', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const one = (await bench.ours('1 thread', { threads: 1 }))!;
  const two = (await bench.ours('2 threads', { threads: 2 }))!;
  for (const contestant of [one, two]) await contestant.ask('load', { folder });

  const fit = async (contestant: Contestant, first: number, steps: number) => {
    const start = (first * BATCH) % (train - (LEAD + steps) * BATCH);
    const args = { start, steps, lead: LEAD };
    return (await contestant.ask<{ ms: number }>('fit', args)).ms;
  };
  const step = (contestant: Contestant, done: number) => ({
    name: contestant.name,
    run: (round: number) => fit(contestant, (done + round) * STEPS, STEPS),
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
  for (const contestant of [one, two]) {
    for (let done = 0; done < WARM_UP; done += 100) await fit(contestant, done, 100);
  }
  const training: Figures[] = [];
  const alone: Figures[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    const done = block * ROUNDS_A_BLOCK;
    add(training, await inTurn([step(one, done), step(two, done)], ROUNDS_A_BLOCK, 0));
    add(alone, await inTurn([arithmetic(1), arithmetic(2)], 1, 0));
  }
  const predicting = await inTurn([predict(one), predict(two)], bench.rounds);
  const layers = await inTurn([layer(one), layer(two)], Math.min(bench.rounds, 5));
  const target = { relation: 'at least', value: 1.7 } as const;
  bench.finish({
    title: 'A second thread',
    method:
      `The same work with \`ready({ threads: 1 })\` and \`ready({ threads: 2 })\`: a training step by ` +
      `\`model.fit\`, ${REVIEWS.toLocaleString('en')} reviews by \`model.predict\`, an LSTM layer of ` +
      `128 units forward and backward. Node ${process.versions.node}, backend \`${bench.backend}\`. ` +
      `Turns of ${STEPS} steps, after ${WARM_UP.toLocaleString('en')} that do not count. What the ` +
      'machine has to give is measured in between: arithmetic on a few kilobytes of each thread. ' +
      'The two processors of a virtual machine are seldom equally fast, and change within seconds.',
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

/** Appends rounds to those before. */
function add(to: Figures[], more: readonly Figures[]): void {
  for (const [i, { name, rounds }] of more.entries()) {
    to[i] ??= { name, rounds: [] };
    to[i].rounds.push(...rounds);
  }
}
