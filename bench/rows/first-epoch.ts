/**
 * The first epoch of a model that knows nothing yet, each from the weights that its library begins with.
 *
 *     npx tsx bench/rows/first-epoch.ts --data PATH --python PATH [--node24 PATH]
 */
import { Bench, runRow } from '../harness/bench.js';
import { inTurn } from '../harness/in-turn.js';
import { BATCH } from '../harness/inputs.js';
import { ratio } from '../harness/row.js';
import { requireLoss } from '../harness/same.js';

// Whoever does not learn stays at 0.69.
const LOSS = 0.68;

const bench = new Bench('first-epoch', { rounds: 2, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const ours = await bench.oursOnEachNode();
  const pytorch = await bench.peer('PyTorch', 'pytorch_peer.py');
  const keras = await bench.peer('Keras, fit', 'keras_peer.py');
  const everyone = [...ours, pytorch, keras].filter((peer) => peer !== undefined);
  for (const contestant of everyone) await contestant.ask('load', { folder });

  const steps = Math.floor(train / BATCH);
  const turns = everyone.map((contestant) => ({
    name: contestant.name,
    run: async (round: number) => {
      if (round >= 0) await contestant.ask('fresh', { seed: round });
      const count = round < 0 ? 10 : steps;
      const { ms, loss } = await contestant.ask<{ ms: number; loss: number }>('fit', {
        start: 0,
        steps: count,
      });
      requireLoss(contestant.name, loss, LOSS);
      return ms;
    },
  }));
  const entries = await inTurn(turns, bench.rounds);
  const of = (name: string) => entries.find((entry) => entry.name === name);
  bench.finish({
    title: 'The first epoch',
    method:
      `All ${steps} batches of the training reviews, as in the row of a step, but from the weights ` +
      'that each library begins with. The other row has weights that have learned for an epoch ' +
      "already: before that, PyTorch's own make gradients vanish over time, and on some " +
      'processors denormal numbers take its products several times as long.',
    tables: [{ title: '', unit: 'ms a step, mean of the epoch', entries }],
    verdicts: everyone.flatMap(({ name }) =>
      name.startsWith('ours') ? ratio(`${name} : PyTorch`, of(name), of('PyTorch')) : [],
    ),
    checks: [`every loss of the epoch is below ${LOSS}`],
  });
});
