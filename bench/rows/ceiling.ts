/**
 * How fast products of matrices can be here at all, and the least that each row's products take.
 *
 *     npx tsx bench/rows/ceiling.ts --data PATH [--node24 PATH]
 */
import { Bench, runRow } from '../harness/bench.js';
import { type Figures, inTurn } from '../harness/in-turn.js';
import { BATCH, readRows, TIME } from '../harness/inputs.js';
import { runOnce } from '../harness/once.js';

// The peer compiles a module of its own, so it needs the flag that `ready` sets for ours.
const WIDE_FLAG = '--experimental-wasm-revectorize';

const bench = new Bench('ceiling', { rounds: 5, needsData: true });
await runRow(bench, async () => {
  const gates = new Map<string, number[]>();
  const turn = (name: string, node: string, threads: number, flags: string[] = []) => ({
    name,
    run: async (round: number) => {
      const args = [...flags, 'bench/peers/ceiling.mjs', `${threads}`];
      const found = await runOnce<{ rate: number; gates: number }>(node, args);
      if (round >= 0) gates.set(name, [...(gates.get(name) ?? []), found.gates]);
      return found.rate;
    },
  });
  const here = `Node ${/\d+/.exec(process.version)}`;
  const turns = [
    turn(`${here}, one thread`, process.execPath, 1),
    turn(`${here}, two threads`, process.execPath, 2),
  ];
  if (bench.node24) {
    turns.push(
      turn('Node 24, one thread', bench.node24, 1),
      turn('Node 24, two threads', bench.node24, 2),
      turn('Node 24, 256-bit, one thread', bench.node24, 1, [WIDE_FLAG]),
      turn('Node 24, 256-bit, two threads', bench.node24, 2, [WIDE_FLAG]),
    );
  }
  const rates = await inTurn(turns, bench.rounds);

  const { folder, test } = await bench.inputs();
  const words = wordsOf(folder, test);
  const predicting = `predicting ${test.toLocaleString('en')} reviews`;
  const products: [name: string, operations: number][] = [
    // Only h·U and its two gradients: inputs are taken by words.
    ['the recurrent products of a training step, 32 units', layerOperations(32) / 2],
    ['a layer of 64 units, forward and backward', layerOperations(64)],
    ['a layer of 128 units', layerOperations(128)],
    ['a layer of 256 units', layerOperations(256)],
    // Only h·U, and only from the first word on.
    [predicting, words * 2 * 32 * 4 * 32],
  ];
  const tables = rates
    .filter(({ name }) => name.endsWith('two threads'))
    .map(({ name, rounds }) => {
      const entries = products.map(
        ([product, operations]): Figures => ({
          name: product,
          rounds: rounds.map((rate) => operations / rate / 1e6),
        }),
      );
      const itsGates = gates.get(name)!.map((rowsAMicrosecond) => words / rowsAMicrosecond / 1e3);
      entries.push({ name: `the gates of ${predicting}`, rounds: itsGates });
      return { title: `at the rate of ${name}`, unit: 'ms at least', entries };
    });
  bench.finish({
    title: 'What is possible at all',
    method:
      'Multiply-adds on vectors of 128 bits, which is what WebAssembly has: a tile of a product with ' +
      'its sums in registers and all else in the first-level cache, nothing around it. Node 20 has ' +
      `no fused multiply-add; 256-bit is Node with \`${WIDE_FLAG}\`. Below, the products of some rows at that rate, with nothing for ` +
      'memory or for TensorFlow.js; and for predicting, the gates in a bare loop.',
    tables: [{ title: 'the rate', unit: 'GFLOP/s', entries: rates }, ...tables],
    verdicts: [],
    checks: [],
  });
});

/** Multiplications and additions with the weights of a layer with as many inputs as units. */
function layerOperations(units: number): number {
  return 3 * 2 * BATCH * TIME * 2 * units * 4 * units;
}

/** How many words the reviews have behind their padding. */
function wordsOf(folder: string, reviews: number): number {
  const [x, y] = readRows(folder, 'test', 0, reviews);
  const indices = x.dataSync();
  let words = 0;
  for (let row = 0; row < reviews; row++) {
    let at = 0;
    while (at < TIME && indices[row * TIME + at] === 0) at++;
    words += TIME - at;
  }
  x.dispose();
  y.dispose();
  return words;
}
