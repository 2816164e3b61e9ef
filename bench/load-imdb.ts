/**
 * How long it takes to have the IMDb reviews in memory:
 *
 *     npx tsx bench/load-imdb.ts --data PATH [--runs 5] [--peer]
 *
 * PATH is the folder aclImdb or aclImdb_v1.tar.gz. Each run is a process of its own, since loading
 * is done once and before anything is warm; modules are loaded before the clock starts. For an
 * archive, gunzipping alone stands beside it; `--peer` adds Python's tarfile, where there is a
 * `python3`.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { loadImdb } from '../src/files/imdb.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: '5' },
    peer: { type: 'boolean', default: false },
    once: { type: 'string' },
  },
});
const data = values.data;
const runs = Number(values.runs);
if (!data || !(runs >= 1)) {
  console.error('npx tsx bench/load-imdb.ts --data PATH [--runs 5] [--peer]');
  process.exit(1);
}

const tasks: Record<string, () => Promise<number>> = {
  loadImdb: async () => {
    const { train, test } = await loadImdb(data);
    return train.texts.length + test.texts.length;
  },
  'gunzip alone': async () => {
    let bytes = 0;
    const chunks = createReadStream(data, { highWaterMark: 2 ** 18 }).pipe(
      createGunzip({ chunkSize: 2 ** 18 }),
    );
    for await (const chunk of chunks) bytes += chunk.length;
    return bytes;
  },
};

const PYTHON = `
import sys, tarfile, time
start = time.perf_counter()
texts = []
with tarfile.open(sys.argv[1]) as archive:
    for member in archive:
        if member.isfile() and member.name.endswith('.txt') and member.name.count('/') == 3:
            texts.append(archive.extractfile(member).read().decode('utf-8'))
print(time.perf_counter() - start, len(texts))
`;

if (values.once !== undefined) {
  const start = performance.now();
  const count = await tasks[values.once]!();
  console.log((performance.now() - start) / 1000, count);
  process.exit();
}

console.log(`npx tsx bench/load-imdb.ts --data PATH --runs ${runs}${values.peer ? ' --peer' : ''}`);
console.log(`Node ${process.version}, seconds\n`);
const isArchive = statSync(data).isFile();
const script = fileURLToPath(import.meta.url);
const node = (task: string) => () =>
  spawnSync(process.execPath, ['--import', 'tsx', script, '--data', data, '--once', task]);
report('loadImdb', 'reviews', node('loadImdb'));
if (isArchive) report('gunzip alone', 'bytes', node('gunzip alone'));
if (isArchive && values.peer) {
  report('Python tarfile', 'reviews', () => spawnSync('python3', ['-c', PYTHON, data]));
}

function report(name: string, unit: string, run: () => { stdout: Buffer; stderr: Buffer }): void {
  const times: number[] = [];
  let count = '';
  for (let index = 0; index < runs; index++) {
    const { stdout, stderr } = run();
    const [seconds, counted] = stdout.toString().trim().split(' ');
    if (!counted) throw new Error(`${name} failed: ${stderr}`);
    times.push(Number(seconds));
    count = counted;
  }
  times.sort((a, b) => a - b);
  const [best, median] = [times[0]!, times[Math.floor(runs / 2)]!];
  console.log(
    `${name.padEnd(16)} best ${best.toFixed(2)}  median ${median.toFixed(2)}  (${count} ${unit})`,
  );
}
