/**
 * Peak memory of the whole experiment: reading, tokenizing, training, evaluating, saving, loading.
 *
 *     npx tsx bench/rows/memory.ts --data PATH --python PATH [--node24 PATH]
 */
import { join } from 'node:path';
import { Bench, runRow } from '../harness/bench.js';
import { runToEnd } from '../harness/once.js';
import { type Entry, ratio } from '../harness/row.js';

const EPOCHS = '10';

const bench = new Bench('memory', { rounds: 1, needsData: true });
await runRow(bench, async () => {
  const data = bench.data!;
  const memory: Entry[] = [];
  const seconds: Entry[] = [];
  const measure = async (name: string, command: string, args: string[]) => {
    const rounds: { megabytes: number; seconds: number }[] = [];
    try {
      for (let round = 0; round < bench.rounds; round++) {
        const start = performance.now();
        const { lines } = await runToEnd(command, args);
        const peak = lines.findLast((line) => line.startsWith('peak memory, kB: '));
        rounds.push({
          megabytes: Number(peak?.split(': ')[1]) / 1000,
          seconds: (performance.now() - start) / 1000,
        });
      }
    } catch (error) {
      bench.missing.push({ name, why: (error as Error).message });
      return;
    }
    memory.push({ name, rounds: rounds.map(({ megabytes }) => megabytes) });
    seconds.push({ name, rounds: rounds.map((round) => round.seconds) });
  };
  const demo = (name: string, node: string) => {
    const script = ['examples/imdb/main.ts', '--data', data, '--epochs', EPOCHS];
    const out = ['--backend', bench.backend, '--out', join(bench.folder(), 'run')];
    const hooks = ['--import', 'tsx', '--import', './bench/peers/peak-memory.mjs'];
    return measure(name, node, [...hooks, ...script, ...out]);
  };
  await demo('ours', process.execPath);
  if (bench.node24) await demo('ours, Node 24', bench.node24);
  await measure('Keras', bench.python, ['bench/peers/keras_experiment.py', data, EPOCHS]);
  const of = (name: string, entries = memory) => entries.find((entry) => entry.name === name);
  bench.finish({
    title: 'The whole experiment: memory and time',
    method:
      `The most memory that was resident at once, from the archive to a saved and reloaded model ` +
      `after ${EPOCHS} epochs: ours is \`npm run demo -- --data PATH\` with its checkpoints, one ` +
      'epoch more after loading, and its report; Keras is the same without checkpoints, the epoch ' +
      'more and the report. Told by the system as each process ends.',
    tables: [
      { title: 'peak memory', unit: 'MB', entries: memory },
      { title: 'time', unit: 's', entries: seconds },
    ],
    verdicts: [
      ...ratio('memory, ours : Keras', of('ours'), of('Keras'), {
        relation: 'at most',
        value: 0.6,
      }),
      ...ratio('memory, ours, Node 24 : Keras', of('ours, Node 24'), of('Keras')),
      ...ratio('time, ours : Keras', of('ours', seconds), of('Keras', seconds)),
    ],
    checks: [],
  });
});
