/**
 * The presets beside a linear NB-SVM of scikit-learn: accuracy on the test reviews, size, time to train, time
 * of one review.
 *
 *   npx tsx bench/presets.ts --data aclImdb_v1.tar.gz --python PATH [--seeds 3] [--out runs/presets] [--limit 600]
 *
 * `--limit` takes so many reviews of either half, to see in a minute that it runs.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PresetRun } from '../examples/imdb/presets.js';
import { runOnce, runToEnd } from './harness/once.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: process.env.PYTHON ?? 'python3' },
    seeds: { type: 'string', default: '3' },
    out: { type: 'string', default: 'runs/presets' },
    limit: { type: 'string' },
  },
});
if (!values.data) throw new Error('--data PATH is the archive aclImdb_v1.tar.gz.');
const { data, python, seeds, out, limit } = values;
const limited = limit === undefined ? [] : ['--limit', limit];

/** One contestant in figures. */
interface Figures {
  accuracy: number;
  seconds: number;
  processorSeconds: number;
  /** Milliseconds. */
  oneReview: number;
  bytes: number;
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** The means of all seeds, as saved in `precision`. */
function figuresOf(runs: readonly PresetRun[], precision: 'float32' | 'int8'): Figures {
  return {
    accuracy: mean(runs.map(({ files }) => files[precision].accuracy)),
    seconds: mean(runs.map((run) => run.seconds.train!)),
    processorSeconds: mean(runs.map((run) => run.processorSeconds)),
    oneReview: mean(runs.map((run) => run.oneReview)),
    bytes: mean(runs.map(({ files }) => files[precision].bytes)),
  };
}

function row(name: string, { accuracy, seconds, processorSeconds, oneReview, bytes }: Figures) {
  const times = [seconds.toFixed(0), processorSeconds.toFixed(0), oneReview.toFixed(2)];
  return `| ${[name, accuracy.toFixed(4), ...times, (bytes / 1e6).toFixed(2)].join(' | ')} |`;
}

console.log(
  `npx tsx bench/presets.ts --data PATH --python PATH --seeds ${seeds}${limited.map((each) => ` ${each}`).join('')}`,
);
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]!.model.trim()}\n`);
console.log('| | accuracy | training, s | of processors, s | one review, ms | file, MB |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const preset of ['balanced', 'accurate']) {
  const folder = join(out, preset);
  const options = [
    '--data',
    data,
    '--preset',
    preset,
    '--seeds',
    seeds,
    '--out',
    folder,
    ...limited,
  ];
  await runToEnd('npx', ['tsx', 'examples/imdb/main.ts', ...options]);
  const runs: PresetRun[] = JSON.parse(readFileSync(join(folder, `${preset}.json`), 'utf8'));
  for (const precision of ['float32', 'int8'] as const) {
    console.log(row(`${preset}, ${precision}`, figuresOf(runs, precision)));
  }
}
const theirs = await runOnce<Figures>(python, [
  '-u',
  'bench/peers/nb_svm.py',
  data,
  ...limited.slice(1),
]);
console.log(row('NB-SVM of scikit-learn', theirs));
