/**
 * An epoch by model.fit beside the sum of its steps.
 *
 *     npx tsx bench/rows/epoch.ts --data PATH
 */
import { Bench, runRow } from '../harness/bench.js';
import { inTurn } from '../harness/in-turn.js';
import { BATCH } from '../harness/inputs.js';
import { ratio } from '../harness/row.js';

const bench = new Bench('epoch', { rounds: 3, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const ours = await bench.oursOnly();
  await ours.ask('load', { folder });
  const steps = Math.floor(train / BATCH);
  const turn = (name: string, operation: string) => ({
    name,
    run: async (round: number) => {
      const count = round < 0 ? 10 : steps;
      return count * (await ours.ask<{ ms: number }>(operation, { start: 0, steps: count })).ms;
    },
  });
  const entries = await inTurn(
    [
      turn('model.fit', 'fit'),
      turn('model.trainOnBatch', 'bare'),
      turn('optimizer.minimize, nothing else', 'minimize'),
    ],
    bench.rounds,
  );
  const [fit, bare, minimize] = entries;
  const target = { relation: 'at most', value: 1.1 } as const;
  bench.finish({
    title: 'An epoch beside its bare steps',
    method:
      `All ${steps} batches of the training reviews: by \`model.fit\`, which shuffles them, cuts ` +
      'them and keeps account; by `model.trainOnBatch` on batches that were cut beforehand, which ' +
      'is a bare step with what it reports; and by `optimizer.minimize` alone, without the metrics ' +
      `that the model was compiled with and without waiting for its loss. Node ${process.versions.node}, backend \`${bench.backend}\`.`,
    tables: [{ title: '', unit: 'ms an epoch', entries }],
    verdicts: [
      ...ratio('fit : trainOnBatch', fit, bare, target),
      ...ratio('fit : minimize', fit, minimize, target),
    ],
    checks: [],
  });
});
