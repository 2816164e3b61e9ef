/**
 * The probabilities of the 25,000 test reviews, in batches of 100.
 *
 *     npx tsx bench/rows/predict.ts --data PATH --python PATH [--node24 PATH]
 */
import { Bench, KEPT_NOTE, runRow, WIDE_NOTE } from '../harness/bench.js';
import { inTurn } from '../harness/in-turn.js';
import { BATCH, PARAMETERS } from '../harness/inputs.js';
import { ratio } from '../harness/row.js';
import { requireClose, requireParameters } from '../harness/same.js';

// Of stock TensorFlow.js, which would take too long for all.
const STOCK_REVIEWS = 200;
// What a larger batch does for PyTorch: less to do around each, larger tensors to ask the system for.
const LARGER_BATCH = 200;

const bench = new Bench('predict', { rounds: 7, needsData: true });
await runRow(bench, async () => {
  const { folder, test } = await bench.inputs();
  const ours = await bench.oursOnEachNode();
  const wide = await bench.oursWide();
  const other = bench.backend === 'wasm' ? 'cpu' : 'wasm';
  const pytorch = await bench.pytorch();
  const contestants = [
    ...ours,
    wide,
    await bench.ours(`ours, backend ${other}`, { backend: other }),
    ...pytorch,
    await bench.peer('ONNX Runtime', 'onnxruntime_peer.py'),
    await bench.peer('Keras', 'keras_peer.py'),
    await bench.peer('stock TensorFlow.js, wasm', 'stock-tfjs.ts', ['wasm']),
  ].filter((contestant) => contestant !== undefined);

  const loaded = [];
  for (const contestant of contestants) {
    const { parameters } = await contestant.ask<{ parameters: number }>('load', { folder });
    loaded.push({ name: contestant.name, parameters });
  }
  const found = new Map<string, readonly number[]>();
  const turns = contestants.map((contestant) => ({
    name: contestant.name,
    run: async () => {
      const count = contestant.name.startsWith('stock') ? Math.min(STOCK_REVIEWS, test) : test;
      const { ms, probabilities } = await contestant.ask<{ ms: number; probabilities: number[] }>(
        'predict',
        { count },
      );
      found.set(contestant.name, probabilities.slice(0, Math.min(STOCK_REVIEWS, test)));
      return (ms * test) / count;
    },
  }));
  const [plain] = pytorch;
  if (plain) {
    turns.push({
      name: `${plain.name}, ${LARGER_BATCH} at once`,
      run: async () => {
        const batch = { count: test, batch: LARGER_BATCH };
        const { ms } = await plain.ask<{ ms: number }>('predict', batch);
        return ms;
      },
    });
  }
  const entries = await inTurn(turns, bench.rounds);
  const results = [...found].map(([name, values]) => ({ name, values }));

  const of = (name: string) => entries.find((entry) => entry.name === name);
  const first = ours[0]!.name;
  const target = { relation: 'at most', value: 0.5 } as const;
  bench.finish({
    title: 'Predicting 25,000 reviews',
    method:
      `\`model.predict\` on ${test.toLocaleString('en')} real test reviews of 300 words, padding ` +
      `included, asked for in batches of ${BATCH}; the same weights everywhere. Ours takes several ` +
      'batches at once, since that changes no value (what larger batches do for PyTorch is beside ' +
      'it), and keeps what depends on the weights only from one call to the next. The first round ' +
      'does not count. Stock ' +
      `TensorFlow.js has ${STOCK_REVIEWS} of the reviews, multiplied by ${test / STOCK_REVIEWS}. ` +
      `${WIDE_NOTE} ${KEPT_NOTE}`,
    tables: [{ title: '', unit: 'ms', entries }],
    verdicts: [
      ...ratio(`${first} : PyTorch`, of(first), of('PyTorch'), target),
      ...ratio('ours, Node 24 : PyTorch', ours[1] && of(ours[1].name), of('PyTorch'), target),
      ...ratio(`${wide?.name} : PyTorch`, wide && of(wide.name), of('PyTorch'), target),
      ...[...ours, wide].flatMap((contestant) =>
        ratio(
          `${contestant?.name} : PyTorch, memory kept`,
          contestant && of(contestant.name),
          of('PyTorch, memory kept'),
        ),
      ),
      ...ratio(
        `${first} : PyTorch, ${LARGER_BATCH} at once`,
        of(first),
        of(`PyTorch, ${LARGER_BATCH} at once`),
      ),
      ...ratio(`${first} : ONNX Runtime`, of(first), of('ONNX Runtime')),
      ...ratio(`${first} : Keras`, of(first), of('Keras')),
    ],
    checks: [requireParameters(PARAMETERS, loaded), requireClose('probabilities', results, 1e-4)],
  });
});
