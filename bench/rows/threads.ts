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

// What the machine has to give changes within seconds, so turns are short and many.
const STEPS = 30;
const ROUNDS = 60;
// The first steps after an answer: who is woken by another process begins on that one's processor,
// where its own thread may have slept.
const LEAD = 10;
// V8 compiles what a step runs for so many of them, on threads of its own.
const WARM_UP = 1500;
const REVIEWS = 5000;
// How much longer than at its best each side may take in a round that counts.
const NOISE = 1.1;

const NAMES = ['1 thread', '2 threads'] as const;

const bench = new Bench('threads', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train: reviews } = await bench.inputs();
  const one = (await bench.ours(NAMES[0], { threads: 1 }))!;
  const two = (await bench.ours(NAMES[1], { threads: 2 }))!;
  for (const contestant of [one, two]) await contestant.ask('load', { folder });

  const step = (contestant: Contestant) => ({
    name: contestant.name,
    run: async (round: number) => {
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
  const all = await inTurn([step(one), step(two)], ROUNDS, 0);
  const quiet = quietRounds(all);
  const training = all.map(({ name, rounds }) => ({ name, rounds: quiet.map((i) => rounds[i]!) }));
  const alone = await inTurn([arithmetic(1), arithmetic(2)], bench.rounds);
  const predicting = await inTurn([predict(one), predict(two)], bench.rounds);
  const layers = await inTurn([layer(one), layer(two)], Math.min(bench.rounds, 5));
  const target = { relation: 'at least', value: 1.7 } as const;
  bench.finish({
    title: 'A second thread',
    method:
      'The same work with `ready({ threads: 1 })` and `ready({ threads: 2 })`: a training step by ' +
      `\`model.fit\`, ${REVIEWS.toLocaleString('en')} reviews by \`model.predict\`, an LSTM layer of ` +
      `128 units forward and backward. Node ${process.versions.node}, backend \`${bench.backend}\`. ` +
      `Training in turns of ${STEPS} steps, after ${WARM_UP.toLocaleString('en')} of each. What a virtual processor has ` +
      'it may have to share with other machines for a while, and then takes up to half as long again ' +
      `for the same work. So a round counts if each side took at most ${NOISE} times its best: ` +
      `${quiet.length} of ${ROUNDS} did; ` +
      'beside it, the ratio in all rounds.',
    tables: [
      { title: 'training', unit: 'ms a step', entries: training },
      { title: 'training, all rounds', unit: 'ms a step', entries: all },
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

/** The rounds in which everyone was close to the best of his rounds; all if there are none. */
function quietRounds(all: readonly Figures[]): number[] {
  const rounds = [...all[0]!.rounds.keys()];
  const quiet = rounds.filter((i) =>
    all.every((figures) => figures.rounds[i]! <= NOISE * Math.min(...figures.rounds)),
  );
  return quiet.length > 0 ? quiet : rounds;
}
