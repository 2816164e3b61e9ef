/**
 * The LSTM layer behind an embedding, on a batch of real reviews, forward and backward.
 *
 *     npx tsx bench/rows/lstm-text.ts --data PATH --python PATH [--node24 PATH]
 */
import { Bench, KEPT_NOTE, runRow, WIDE_NOTE } from '../harness/bench.js';
import { inTurn, median } from '../harness/in-turn.js';
import { BATCH, TIME } from '../harness/inputs.js';
import { ratio, type Table, type Verdict } from '../harness/row.js';
import { requireEqual } from '../harness/same.js';

const SIZES = [
  { units: 32, rate: 0.2, runs: 5 },
  { units: 64, rate: 0, runs: 4 },
  { units: 64, rate: 0.2, runs: 4 },
  { units: 128, rate: 0, runs: 2 },
  { units: 128, rate: 0.2, runs: 2 },
  { units: 256, rate: 0, runs: 1 },
];

const bench = new Bench('lstm-text', { rounds: 5, needsData: true });
await runRow(bench, async () => {
  const { folder } = await bench.inputs();
  const ours = [...(await bench.oursOnEachNode()), await bench.oursWide()].filter((one) => !!one);
  const contestants = [...ours, ...(await bench.pytorch())];

  const tables: Table[] = [];
  const verdicts: Verdict[] = [];
  const shapes = new Set<string>();
  for (const { units, rate, runs } of SIZES) {
    const size = `${units} units, ${rate ? `dropout ${rate}` : 'no dropout'}`;
    const gradients: { name: string; value: unknown }[] = [];
    const turns = contestants.map((contestant) => ({
      name: contestant.name,
      run: async (round: number) => {
        const answer = await contestant.ask<{ ms: number[]; gradients: unknown }>('textLayer', {
          ...{ folder, units, rate, runs },
        });
        if (round < 0) gradients.push({ name: contestant.name, value: answer.gradients });
        return median(answer.ms);
      },
    }));
    const entries = await inTurn(turns, bench.rounds);
    shapes.add(requireEqual('shapes of gradients', gradients));
    for (const contestant of contestants) await contestant.ask('forget');
    tables.push({ title: size, unit: 'ms', entries });
    const of = (name: string) => entries.find((entry) => entry.name === name);
    for (const { name } of ours) {
      for (const peer of ['PyTorch', 'PyTorch, memory kept']) {
        verdicts.push(...ratio(`${size}, ${name} : ${peer}`, of(name), of(peer)));
      }
    }
  }
  bench.finish({
    title: 'The LSTM layer behind an embedding, forward and backward',
    method:
      `A table as wide as the layer, ${BATCH} real reviews of ${TIME} steps, the weights that each ` +
      'library begins with; the gradient of all outputs is given, and those by the table and by ' +
      'the weights are asked for. Ours multiplies with the inputs once a word instead of once a ' +
      `position. ${WIDE_NOTE} ${KEPT_NOTE}`,
    tables,
    verdicts,
    checks: [...shapes],
  });
});
