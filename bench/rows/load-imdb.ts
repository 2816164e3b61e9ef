/**
 * The 50,000 reviews in memory: from the archive, beside Python reading 50,000 unpacked files.
 *
 *     npx tsx bench/rows/load-imdb.ts --data aclImdb_v1.tar.gz --python PATH
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar';
import { Bench, runRow } from '../harness/bench.js';
import { inTurn } from '../harness/in-turn.js';
import { runOnce } from '../harness/once.js';
import { ratio } from '../harness/row.js';
import { requireEqual } from '../harness/same.js';

const bench = new Bench('load-imdb', { rounds: 5, needsData: true });
await runRow(bench, async () => {
  const archive = bench.data!;
  if (!statSync(archive).isFile()) throw new Error('This row needs --data aclImdb_v1.tar.gz.');
  const folder = bench.folder();
  mkdirSync(folder, { recursive: true });
  await extract({
    file: archive,
    cwd: folder,
    filter: (path) => /\/(pos|neg)\//.test(path),
  });

  const counts: { name: string; value: number }[] = [];
  const turn = (name: string, command: string, args: string[]) => ({
    name,
    run: async () => {
      const { seconds, reviews } = await runOnce<{ seconds: number; reviews: number }>(
        command,
        args,
      );
      counts.push({ name, value: reviews });
      return 1000 * seconds;
    },
  });
  const node = (name: string, path: string, node = process.execPath) =>
    turn(name, node, ['bench/peers/load-imdb.mjs', path]);
  const unpacked = join(folder, 'aclImdb');
  const turns = [
    node('ours, from the archive', archive),
    node('ours, from the folder', unpacked),
    ...(bench.node24 ? [node('ours, from the archive, Node 24', archive, bench.node24)] : []),
  ];
  for (const [name, path] of [
    ['Python, from the folder', unpacked],
    ['Python, from the archive', archive],
  ] as const) {
    const args = ['bench/peers/load_imdb.py', path];
    const why = await runOnce(bench.python, args).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (why === undefined) turns.push(turn(name, bench.python, args));
    else bench.missing.push({ name, why });
  }
  const entries = await inTurn(turns, bench.rounds);
  const of = (name: string) => entries.find((entry) => entry.name === name);
  bench.finish({
    title: 'Reading the reviews',
    method:
      'From a file on disk that the system has in its cache to 50,000 strings: `loadImdb`, in a ' +
      'process of its own every time, the modules loaded before the clock starts; Python: ' +
      '`os.scandir` and `open(...).read()` of the unpacked files, and `tarfile` on the archive.',
    tables: [{ title: '', unit: 'ms', entries }],
    verdicts: [
      ...ratio(
        'ours, from the archive : Python, from the folder',
        of('ours, from the archive'),
        of('Python, from the folder'),
        { relation: 'at most', value: 1 },
      ),
      ...ratio('folder : folder', of('ours, from the folder'), of('Python, from the folder')),
      ...ratio('archive : archive', of('ours, from the archive'), of('Python, from the archive')),
    ],
    checks: [requireEqual('number of reviews', counts)],
  });
});
