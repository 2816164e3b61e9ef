/**
 * From starting the process to the first trained batch, on the example's sample corpus.
 *
 *     npx tsx bench/rows/first-batch.ts --python PATH [--node24 PATH]
 */
import { join } from 'node:path';
import { writeSampleCorpus } from '../../examples/imdb/sample-corpus.js';
import { Bench, major, runRow } from '../harness/bench.js';
import { inTurn, median } from '../harness/in-turn.js';
import { runOnce } from '../harness/once.js';
import { ratio } from '../harness/row.js';

interface FirstBatch {
  /** When it was trained: milliseconds since 1970, so that the start of the process counts. */
  at: number;
  /** Milliseconds of the imports. */
  imports: number;
  loss: number;
}

const bench = new Bench('first-batch', { rounds: 5 });
await runRow(bench, async () => {
  const corpus = join(bench.folder(), 'corpus');
  await writeSampleCorpus(corpus);

  const imports = new Map<string, number[]>();
  const turn = (name: string, command: string, args: string[]) => {
    imports.set(name, []);
    return {
      name,
      run: async (round: number) => {
        const start = Date.now();
        const first = await runOnce<FirstBatch>(command, args);
        if (!(first.loss > 0.5 && first.loss < 1)) throw new Error(`${name}: loss ${first.loss}`);
        if (round >= 0) imports.get(name)!.push(first.imports);
        return first.at - start;
      },
    };
  };
  const node = (name: string, node: string, backend: string) =>
    turn(name, node, ['bench/peers/first-batch.mjs', corpus, backend]);
  const other = bench.backend === 'wasm' ? 'cpu' : 'wasm';
  const here = `ours, Node ${major(process.version)}`;
  const turns = [
    node(here, process.execPath, bench.backend),
    node(`${here}, backend ${other}`, process.execPath, other),
    ...(bench.node24 ? [node('ours, Node 24', bench.node24, bench.backend)] : []),
  ];
  const python = ['bench/peers/keras_first_batch.py', corpus];
  try {
    await runOnce(bench.python, python);
    turns.push(turn('Keras', bench.python, python));
  } catch (error) {
    bench.missing.push({ name: 'Keras', why: (error as Error).message });
  }
  const entries = await inTurn(turns, bench.rounds);
  const ofImports = [...imports].map(([name, rounds]) => ({ name, rounds }));
  const first = entries[0]!;
  bench.finish({
    title: 'From nothing to the first trained batch',
    method:
      "From starting `node` or `python` to the end of the first batch of 32 of the example's " +
      'sample (3,000 invented reviews in files): importing, reading, tokenizing, padding, building ' +
      `the model and training. Backend \`${bench.backend}\` where none is named. The files are in ` +
      "the system's cache.",
    tables: [
      { title: 'to the first trained batch', unit: 'ms', entries },
      { title: 'of which imports', unit: 'ms', entries: ofImports },
    ],
    verdicts: [
      {
        what: here,
        value: median(first.rounds) / 1000,
        unit: 's',
        target: { relation: 'at most', value: 1 },
      },
      ...ratio(
        `${here} : Keras`,
        first,
        entries.find(({ name }) => name === 'Keras'),
      ),
    ],
    checks: ['the first loss is that of a model that knows nothing'],
  });
});
