/**
 * A step of training: 100 real reviews through the article's model by model.fit.
 *
 *     npx tsx bench/rows/training-step.ts --data PATH --python PATH [--node24 PATH]
 */
import { Bench, KEPT_NOTE, runRow, WIDE_NOTE } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { inTurn, type Turn } from '../harness/in-turn.js';
import { BATCH, PARAMETERS } from '../harness/inputs.js';
import { ratio } from '../harness/row.js';
import { requireLoss, requireParameters } from '../harness/same.js';

const STEPS = 100;
// Whoever does not learn stays at 0.69.
const LOSS = 0.6;
// One step of 100 reviews takes stock TensorFlow.js minutes on its cpu backend.
const STOCK_REVIEWS = 2;

const bench = new Bench('training-step', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder, train } = await bench.inputs();
  const ours = await bench.oursOnEachNode();
  const wide = await bench.oursWide();
  const other = bench.backend === 'wasm' ? 'cpu' : 'wasm';
  const onOther = [
    await bench.ours(`${ours[0]!.name}, backend ${other}`, { backend: other }),
    ours[1] &&
      (await bench.ours(`${ours[1].name}, backend ${other}`, {
        node: bench.node24!,
        backend: other,
      })),
  ];
  const pytorch = await bench.pytorch();
  const keras = await bench.peer('Keras, fit', 'keras_peer.py');
  const everyone = [...ours, wide, ...onOther, ...pytorch, keras].filter(
    (peer) => peer !== undefined,
  );

  const loaded = [];
  for (const contestant of everyone) {
    const { parameters } = await contestant.ask<{ parameters: number }>('load', { folder });
    loaded.push({ name: contestant.name, parameters });
  }
  const checks = [requireParameters(PARAMETERS, loaded)];

  const losses: { name: string; loss: number }[] = [];
  const turn = (contestant: Contestant, operation: string, name = contestant.name): Turn => ({
    name,
    run: async (round) => {
      const start = ((round + 1) * STEPS * BATCH) % (train - STEPS * BATCH);
      const { ms, loss } = await contestant.ask<{ ms: number; loss: number }>(operation, {
        start,
        steps: STEPS,
      });
      losses.push({ name, loss });
      return ms;
    },
  });
  const turns = everyone.map((contestant) => turn(contestant, 'fit'));
  if (keras) turns.push(turn(keras, 'bare', 'Keras, train_on_batch'));
  const entries = await inTurn(turns, bench.rounds);
  for (const { name, loss } of losses) requireLoss(name, loss, LOSS);
  checks.push(`every loss is below ${LOSS}, in the second epoch of this model`);

  const stock = await stockSteps(folder);
  const of = (name: string) => entries.find((entry) => entry.name === name);
  bench.finish({
    title: 'A training step',
    method:
      `One pass of \`model.fit\` over ${STEPS} batches of ${BATCH} real reviews, divided by ${STEPS}; ` +
      'PyTorch: the loop that its tutorials teach, with loss and accuracy of every batch; Keras: ' +
      `\`fit\`, and \`train_on_batch\` without what \`fit\` does around it. Ours on backend ` +
      `\`${bench.backend}\` where none is named; ${WIDE_NOTE} ${KEPT_NOTE} ` +
      'Stock TensorFlow.js takes minutes for such a step ' +
      `on its cpu backend: it has ${STOCK_REVIEWS} reviews a step, multiplied by ` +
      `${BATCH / STOCK_REVIEWS} (two steps; not in turn with the others). Its wasm backend cannot ` +
      'train an embedding.',
    tables: [{ title: '', unit: 'ms a step', entries: [...entries, ...stock] }],
    verdicts: [
      ...ratio(`${ours[0]!.name} : PyTorch`, of(ours[0]!.name), of('PyTorch'), {
        relation: 'at most',
        value: 0.5,
      }),
      ...ratio('ours, Node 24 : PyTorch', ours[1] && of(ours[1].name), of('PyTorch'), {
        relation: 'at most',
        value: 0.4,
      }),
      ...ratio(`${wide?.name} : PyTorch`, wide && of(wide.name), of('PyTorch'), {
        relation: 'at most',
        value: 0.4,
      }),
      ...[...ours, wide].flatMap((contestant) =>
        ratio(
          `${contestant?.name} : PyTorch, memory kept`,
          contestant && of(contestant.name),
          of('PyTorch, memory kept'),
        ),
      ),
      ...ratio(`${ours[0]!.name} : Keras, fit`, of(ours[0]!.name), of('Keras, fit')),
      ...onOther.flatMap((contestant) =>
        ratio(`${contestant?.name} : PyTorch`, contestant && of(contestant.name), of('PyTorch')),
      ),
      ...ratio(
        `${ours[0]!.name} : Keras, train_on_batch`,
        of(ours[0]!.name),
        of('Keras, train_on_batch'),
      ),
    ],
    checks,
  });
});

async function stockSteps(folder: string) {
  const entries = [];
  for (const [backend, reviews] of [
    ['cpu', STOCK_REVIEWS],
    ['wasm', STOCK_REVIEWS],
    ['node', BATCH],
  ] as const) {
    const name = backend === 'node' ? 'tfjs-node' : `stock TensorFlow.js, ${backend}`;
    const stock = await bench.peer(name, 'stock-tfjs.ts', [backend]);
    if (!stock) continue;
    try {
      await stock.ask('load', { folder });
      const rounds = [];
      for (let step = 0; step < 2; step++) {
        const start = step * BATCH;
        const { ms } = await stock.ask<{ ms: number }>('fit', { start, batch: reviews });
        rounds.push((ms * BATCH) / reviews);
      }
      const note = reviews < BATCH ? `${reviews} reviews × ${BATCH / reviews}` : '';
      entries.push({ name, rounds, note });
    } catch (error) {
      const [, why] = /Error: (.*)/.exec((error as Error).message) ?? [];
      bench.missing.push({ name, why: why ?? (error as Error).message });
    }
    stock.stop();
  }
  return entries;
}
