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

const STEPS = 50;
// V8 compiles what a step runs for some hundreds of steps, on threads of its own.
const WARM_UP = 10;
const REVIEWS = 5000;
// How much longer than at its best arithmetic may take in a round that counts; and how many times
// as many rounds there are at most until enough of them do.
const NOISE = 1.1;
const MOST_TIMES = 4;

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
  for (let i = 1; i < MOST_TIMES && quietRounds(all).length < bench.rounds; i++) {
    const more = await inTurn(mixed, bench.rounds, 0);
    for (const [k, { rounds }] of all.entries()) rounds.push(...more[k]!.rounds);
  }
  const quiet = quietRounds(all);
  const counted = all.map(({ name, rounds }) => ({ name, rounds: quiet.map((i) => rounds[i]!) }));
  const [training, alone] = [counted.slice(0, 2), counted.slice(2)];
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
      'kilobytes of each thread. A virtual processor may have to share its core for minutes. Rounds ' +
      `in which that arithmetic took more than ${NOISE} times its best, by one thread or by two, do not ` +
      `count: ${quiet.length} of ${all[0]!.rounds.length} did; beside it, the ratio in all rounds.`,
    tables: [
      { title: 'training', unit: 'ms a step', entries: training },
      { title: 'arithmetic alone', unit: 'ms for 10⁹ multiply-adds', entries: alone },
      { title: 'model.predict', unit: 'ms', entries: predicting },
      { title: 'LSTM layer, 128 units', unit: 'ms', entries: layers },
    ],
    verdicts: [
      ...ratio('training, one thread : two', training[0], training[1], target),
      ...ratio('training in all rounds, one thread : two', all[0], all[1]),
      ...ratio('arithmetic alone, one thread : two', alone[0], alone[1]),
      ...ratio('model.predict, one thread : two', predicting[0], predicting[1]),
      ...ratio('LSTM layer, one thread : two', layers[0], layers[1]),
    ],
    checks: [],
  });
});

/** The rounds of training in which the machine was quiet, by arithmetic; all if it never was. */
function quietRounds([training, , ...arithmetic]: readonly Figures[]): number[] {
  const rounds = [...training!.rounds.keys()];
  const quiet = rounds.filter((i) =>
    arithmetic.every((figures) => figures.rounds[i]! <= NOISE * Math.min(...figures.rounds)),
  );
  return quiet.length > 0 ? quiet : rounds;
}
