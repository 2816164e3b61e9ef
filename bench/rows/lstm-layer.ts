/**
 * The LSTM layer alone, forward and backward, at batch 100 and 300 steps of time.
 *
 *     npx tsx bench/rows/lstm-layer.ts --python PATH [--node24 PATH]
 */
import { Bench, KEPT_NOTE, runRow, WIDE_NOTE } from '../harness/bench.js';
import { type Figures, inTurn, median } from '../harness/in-turn.js';
import { BATCH, TIME } from '../harness/inputs.js';
import { ratio, type Table, type Verdict } from '../harness/row.js';
import { requireEqual } from '../harness/same.js';

const SIZES = [
  { units: 32, runs: 5, last: false, target: undefined },
  { units: 64, runs: 4, last: false, target: 0.5 },
  { units: 128, runs: 2, last: false, target: 0.9 },
  { units: 256, runs: 1, last: false, target: 1.5 },
  { units: 64, runs: 2, last: true, target: undefined },
  { units: 128, runs: 1, last: true, target: undefined },
];

const bench = new Bench('lstm-layer', { rounds: 7 });
await runRow(bench, async () => {
  const ours = [...(await bench.oursOnEachNode()), await bench.oursWide()].filter((one) => !!one);
  const contestants = [...ours, ...(await bench.pytorch())];

  const tables: Table[] = [];
  const verdicts: Verdict[] = [];
  const shapes = new Set<string>();
  for (const { units, runs, last, target } of SIZES) {
    const size = `${units} units${last ? ', last output' : ''}`;
    const gradients: { name: string; value: unknown }[] = [];
    const turns = contestants.map((contestant) => ({
      name: contestant.name,
      run: async (round: number) => {
        const answer = await contestant.ask<{ ms: number[]; gradients: unknown }>('layer', {
          units,
          time: TIME,
          runs,
          last,
        });
        if (round < 0) gradients.push({ name: contestant.name, value: answer.gradients });
        return median(answer.ms);
      },
    }));
    const entries = await inTurn(turns, bench.rounds);
    shapes.add(requireEqual('shapes of gradients', gradients));
    for (const contestant of contestants) await contestant.ask('forget');

    tables.push({
      title: size,
      unit: 'ms',
      entries: entries.map((entry) => ({ ...entry, note: gigaflops(units, entry) })),
    });
    const of = (name: string | undefined) => entries.find((entry) => entry.name === name);
    // The target is that of relaxed SIMD, which Node has from 24 on.
    const hasTarget = (name: string) => Number(/Node (\d+)/.exec(name)![1]) >= 24;
    for (const { name } of ours) {
      verdicts.push(
        ...ratio(
          `${size}, ${name} : PyTorch`,
          of(name),
          of('PyTorch'),
          target && hasTarget(name) ? { relation: 'at most', value: target } : undefined,
        ),
        ...ratio(`${size}, ${name} : PyTorch, memory kept`, of(name), of('PyTorch, memory kept')),
      );
    }
  }
  bench.finish({
    title: 'The LSTM layer, forward and backward',
    method:
      `As many inputs as units, batch ${BATCH}, ${TIME} steps of time, normal random input, the ` +
      'weights that each library begins with; the gradient of all outputs is given, and those by the ' +
      'weights and by the input are asked for. With the gradient of the last output alone, which ' +
      'is what a layer without `returnSequences` gets, it vanishes over time and ends in denormal ' +
      'numbers, which on some processors PyTorch computes several times as slowly, and ours not. ' +
      'GFLOP/s count the multiplications with the weights: 2·batch·time·(inputs + units)·4·units operations ' +
      `forward and twice that backward. ${WIDE_NOTE} ${KEPT_NOTE}`,
    tables,
    verdicts,
    checks: [...shapes],
  });
});

function gigaflops(units: number, { rounds }: Figures): string {
  const operations = 3 * 2 * BATCH * TIME * 2 * units * 4 * units;
  return `${(operations / median(rounds) / 1e6).toFixed(1)} GFLOP/s`;
}
