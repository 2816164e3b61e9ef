/**
 * Every row of the benchmark, one after the other, and docs/benchmarks.md of what they find.
 *
 *     npm run bench -- --data aclImdb_v1.tar.gz --python PATH [--node24 PATH] [--only row,row]
 *
 * A row that fails is named on the page and makes the command fail. With --only, results of other
 * rows that an earlier run left in runs/bench stay on the page.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './harness/bench.js';
import { prepareInputs } from './harness/inputs.js';
import { benchmarksPage, type FailedRow } from './harness/page.js';
import type { RowResult } from './harness/row.js';

const ROWS = [
  'training-step',
  'first-epoch',
  'epoch',
  'predict',
  'one-review',
  'family',
  'lstm-layer',
  'lstm-text',
  'ceiling',
  'sequence-length',
  'threads',
  'tokenizer',
  'load-imdb',
  'memory',
  'first-batch',
  'encoder-decoder',
  'browser',
];
const RESULTS = 'runs/bench';
const PAGE = 'docs/benchmarks.md';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string' },
    node24: { type: 'string' },
    backend: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string', default: PAGE },
  },
});
const { data, only, out, ...passed } = values;
const rows = only?.split(',') ?? ROWS;
const unknown = rows.filter((row) => !ROWS.includes(row));
if (!data || unknown.length > 0) {
  console.error(
    `npm run bench -- --data PATH --python PATH [--node24 PATH] [--backend wasm|cpu] [--rounds N]\n` +
      `  [--out ${PAGE}] [--only ${ROWS.join(',')}]`,
  );
  process.exit(1);
}

const began = Date.now();
const [load] = loadavg();
mkdirSync(RESULTS, { recursive: true });
const inputs = mkdtempSync(join(tmpdir(), 'bench-inputs-'));
const failed: FailedRow[] = [];
try {
  await prepareInputs(data, inputs);
  for (const row of rows) {
    const json = join(RESULTS, `${row}.json`);
    rmSync(json, { force: true });
    const options = Object.entries({ ...passed, data, inputs, json });
    const args = options.flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
    const script = ['--import', 'tsx', `bench/rows/${row}.ts`, ...args];
    const { status } = spawnSync(process.execPath, script, { stdio: 'inherit' });
    if (status !== 0) failed.push({ row, why: `its script ended with ${status}` });
    console.log('');
  }
} finally {
  rmSync(inputs, { recursive: true });
}

const found = ROWS.map((row) => join(RESULTS, `${row}.json`))
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, 'utf8')) as RowResult);
const given = Object.entries(passed).flatMap(([name, value]) =>
  value ? [name === 'backend' || name === 'rounds' ? `--${name} ${value}` : `--${name} PATH`] : [],
);
const run = {
  command: [
    'npm run bench -- --data PATH',
    ...given,
    ...(only ? [`--only ${only}`] : []),
    ...(out === PAGE ? [] : [`--out ${out}`]),
  ].join(' '),
  machine: machine(),
  date: new Date(began).toISOString().slice(0, 10),
  minutes: (Date.now() - began) / 60_000,
  keptRows: found.length + failed.length > rows.length,
  load: load!,
};
writeFileSync(out, benchmarksPage(run, found, failed));
console.log(`${out} is written.`);
if (failed.length > 0) process.exitCode = 1;
