/**
 * What a step of time costs in sequences of 100, 300 and 1,000.
 *
 *     npx tsx bench/rows/sequence-length.ts [--node24 PATH]
 */
import { Bench, runRow } from '../harness/bench.js';
import { type Figures, inTurn, median } from '../harness/in-turn.js';
import { BATCH } from '../harness/inputs.js';
import type { Verdict } from '../harness/row.js';

const TIMES = [
  { time: 100, runs: 15 },
  { time: 300, runs: 5 },
  { time: 1000, runs: 2 },
];
const UNITS = 32;

const bench = new Bench('sequence-length', { rounds: 9 });
await runRow(bench, async () => {
  const ours = await bench.oursOnly();
  const turn = (name: string, operation: string, time: number, args: object) => ({
    name: `${name}, ${time.toLocaleString('en')} steps`,
    run: async () => {
      const { ms } = await ours.ask<{ ms: number[] }>(operation, { time, ...args });
      return (1000 * median(ms)) / time;
    },
  });
  const layer = await inTurn(
    TIMES.map(({ time, runs }) => turn('LSTM layer', 'layer', time, { units: UNITS, runs })),
    bench.rounds,
  );
  await ours.ask('forget');
  const model = await inTurn(
    TIMES.map(({ time, runs }) => turn('training step', 'modelStep', time, { runs })),
    bench.rounds,
  );
  bench.finish({
    title: 'Longer sequences',
    method:
      `Milliseconds divided by the steps of time, so that equal figures mean that time costs ` +
      `nothing extra: the LSTM layer (${UNITS} units and inputs, batch ${BATCH}) forward and ` +
      'backward, and a training step of the whole model, part of whose cost is the same for every ' +
      `length. Node ${process.versions.node}, backend \`${bench.backend}\`.`,
    tables: [
      { title: 'LSTM layer', unit: 'µs a step of time', entries: layer },
      { title: 'whole model', unit: 'µs a step of time', entries: model },
    ],
    verdicts: [
      spread('LSTM layer, furthest from the mean', layer, { relation: 'at most', value: 0.15 }),
      spread('whole model, furthest from the mean', model),
    ],
    checks: [],
  });
});

function spread(what: string, figures: readonly Figures[], target?: Verdict['target']): Verdict {
  const costs = figures.map(({ rounds }) => median(rounds));
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const value = Math.max(...costs.map((cost) => Math.abs(cost / mean - 1)));
  return { what, value, unit: 'of it', ...(target ? { target } : {}) };
}
