/**
 * How fast texts become sequences, on the IMDb reviews:
 *
 *     npx tsx bench/tokenizer.ts --data PATH [--runs 5] [--peer]
 *
 * PATH is the folder aclImdb or aclImdb_v1.tar.gz. `--peer` also runs the Tokenizer of Keras on the
 * same reviews, where `python3` can import keras.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadImdb } from '../src/files/imdb.js';
import { padSequences } from '../src/preprocessing/pad-sequences.js';
import { Tokenizer } from '../src/preprocessing/tokenizer.js';
import '@tensorflow/tfjs-backend-cpu';

/** Of each run, in ms: time that passed, and time of the processors, which other processes spare. */
interface Times {
  wall: number[];
  processor: number[];
}

const NUM_WORDS = 4000;
const MAXLEN = 300;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: '5' },
    peer: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
if (!values.data || !(runs >= 1)) {
  console.error('npx tsx bench/tokenizer.ts --data PATH [--runs 5] [--peer]');
  process.exit(1);
}
console.log(`npx tsx bench/tokenizer.ts --data PATH --runs ${runs}${values.peer ? ' --peer' : ''}`);

const { train, test } = await loadImdb(values.data);
const all = [...train.texts, ...test.texts];
console.log(`${train.texts.length} and ${all.length} reviews, Node ${process.version}, medians\n`);

const fresh = () => new Tokenizer({ numWords: NUM_WORDS });
const fitted = fresh();
fitted.fitOnTexts(train.texts);
const sequences = fitted.textsToSequences(all);

const ours: Record<string, Times> = {
  fitOnTexts: measure(() => fresh().fitOnTexts(train.texts)),
  textsToSequences: measure(() => fitted.textsToSequences(all)),
  padSequences: measure(() => padSequences(sequences, { maxlen: MAXLEN }).dispose()),
};
const digest = digestOf(sequences);
const peer = values.peer ? runPeer() : undefined;

for (const [step, times] of Object.entries(ours)) {
  console.log(`${step.padEnd(18)}${show(times)}`);
  const theirs = peer?.times[step];
  if (!theirs) continue;
  const ratio = median(times.wall) / median(theirs.wall);
  console.log(`  Keras           ${show(theirs)}, we take ${ratio.toFixed(3)} of it`);
}
if (values.peer) {
  if (peer === undefined) console.log('Keras: missing');
  else console.log(peer.digest === digest ? 'the same sequences' : 'DIFFERENT SEQUENCES');
}

function measure(step: () => void): Times {
  const times: Times = { wall: [], processor: [] };
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const used = process.cpuUsage();
    step();
    const { user, system } = process.cpuUsage(used);
    times.wall.push(performance.now() - start);
    times.processor.push((user + system) / 1000);
  }
  return times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number;
}

function show({ wall, processor }: Times): string {
  const runs = wall.map((time) => time.toFixed(0)).join(', ');
  return `${median(wall).toFixed(0).padStart(6)} ms, processor ${median(processor).toFixed(0)} ms (${runs})`;
}

function digestOf(lists: readonly number[][]): string {
  const hash = createHash('sha256');
  for (const list of lists) hash.update(`${list.join(' ')}\n`);
  return hash.digest('hex');
}

/** Times Keras on the same texts; `undefined` when it cannot be imported. */
function runPeer(): { times: Record<string, Times>; digest: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tokenizer-'));
  const input = join(folder, 'reviews.json');
  try {
    writeFileSync(input, JSON.stringify({ train: train.texts, all }));
    const script = `
import hashlib, json, sys, time
try:
    from keras._tf_keras.keras.preprocessing.text import Tokenizer
    from keras.utils import pad_sequences
except ImportError:
    sys.exit(3)
data = json.load(open(${JSON.stringify(input)}))
times = {}
def timed(name, step):
    start, used = time.perf_counter(), time.process_time()
    result = step()
    entry = times.setdefault(name, {"wall": [], "processor": []})
    entry["wall"].append(1000 * (time.perf_counter() - start))
    entry["processor"].append(1000 * (time.process_time() - used))
    return result
for _ in range(${runs}):
    tokenizer = Tokenizer(num_words=${NUM_WORDS})
    timed("fitOnTexts", lambda: tokenizer.fit_on_texts(data["train"]))
    sequences = timed("textsToSequences", lambda: tokenizer.texts_to_sequences(data["all"]))
    timed("padSequences", lambda: pad_sequences(sequences, maxlen=${MAXLEN}))
digest = hashlib.sha256()
for s in sequences:
    digest.update((" ".join(map(str, s)) + "\\n").encode())
print(json.dumps({"times": times, "digest": digest.hexdigest()}))
`;
    const { status, stdout } = spawnSync('python3', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    });
    return status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1) as string) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
