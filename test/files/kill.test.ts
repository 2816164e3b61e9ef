import '@tensorflow/tfjs-backend-cpu';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { listCheckpoints, readCheckpoint } from '../../src/files/checkpoint-store.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { fileSystem } from '../../src/node.js';
import { seededRandom } from '../../src/foundation/random.js';
import { writeLightPackages } from '../light-packages.js';
import { buildRun, trainRun, uniformModel } from './killed-models.js';

/** Steps on files that a save, and a checkpoint with the removal of an old one, is made of. */
const SAVE_STEPS = 19;
const CHECKPOINT_STEPS = 17;
const MOMENTS = 10;
const TIMEOUT = 600_000;

const runs = fileURLToPath(new URL('../../runs', import.meta.url));

let root: string;
/** Inside the project, where its packages are. */
let folderOfScript: string;
let script: string;

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'kill-test-'));
  await mkdir(runs, { recursive: true });
  folderOfScript = await mkdtemp(join(runs, 'killed-'));
  script = await bundled('killed.ts', folderOfScript);
  writeLightPackages(folderOfScript);
});

afterAll(async () => {
  await rm(root, { recursive: true });
  await rm(folderOfScript, { recursive: true });
});

/** A script and what it imports of ours in one file, since nearly sixty processes run it. */
async function bundled(name: string, outDir: string): Promise<string> {
  const ssr = fileURLToPath(new URL(name, import.meta.url));
  await build({
    ...{ configFile: false, logLevel: 'error' },
    build: { ssr, outDir, rollupOptions: { output: { entryFileNames: 'script.mjs' } } },
  });
  return join(outDir, 'script.mjs');
}

interface Death {
  /** The lines that the process printed. */
  lines: number[];
  signal: NodeJS.Signals | null;
  code: number | null;
}

interface When {
  /** Kill at this step on files. */
  step?: number;
  /** Kill this many milliseconds after the first line. */
  delay?: number;
}

/** Runs killed.ts until it is killed by signal 9, or until it ends. */
async function run(when: When, task: string, folder: string, ...rest: string[]): Promise<Death> {
  const step = String(when.step ?? 0);
  const child = spawn(process.execPath, [script, task, folder, step, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.on('data', async (chunk) => {
    const first = output === '';
    output += chunk;
    if (!first || when.delay === undefined) return;
    await wait(when.delay);
    child.kill('SIGKILL');
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`killed.ts failed: ${errors}`);
  return { lines: output.trim().split('\n').map(Number), signal, code };
}

function moments(steps: number, longest: number, seed: number): When[] {
  const random = seededRandom(seed);
  return [
    ...Array.from({ length: steps }, (_, index) => ({ step: index + 1 })),
    ...Array.from({ length: MOMENTS }, () => ({ delay: random() * longest })),
  ];
}

/** What a model would take for its own: all values of its weights, each once. */
async function distinctValues(folder: string): Promise<number[]> {
  const model = await tfl.loadLayersModel(fileSystem(folder));
  const values = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  model.dispose();
  return [...new Set(values)];
}

describe.concurrent('kill -9', { timeout: TIMEOUT }, () => {
  it('while saving leaves the old model or the new one', async ({ expect }) => {
    const folder = join(root, 'model');
    for (const when of moments(SAVE_STEPS, 60, 1)) {
      const { lines, signal } = await run(when, 'save', folder);
      expect(signal).toBe('SIGKILL');
      const found = await distinctValues(folder);
      expect(found).toHaveLength(1);
      expect([lines.at(-1)! - 1, lines.at(-1)!]).toContain(found[0]);
    }
    await uniformModel(7).save(fileSystem(folder));
    expect(await distinctValues(folder)).toEqual([7]);
    expect(await readdir(folder)).toHaveLength(2); // what the killed ones left is cleared
  });

  it('while training loses nothing but the epoch under way', async ({ expect }) => {
    const folder = join(root, 'run');
    const checkpoints = join(folder, 'checkpoints');
    let newest = 0;
    for (const when of moments(CHECKPOINT_STEPS, 150, 2)) {
      const { lines, signal } = await run(when, 'train', folder, '100000');
      expect(signal).toBe('SIGKILL');
      expect(lines[0]).toBe(newest); // it went on from the last checkpoint
      const epochs = await listCheckpoints('test', checkpoints);
      for (const epoch of epochs) {
        const state = await readCheckpoint('test', checkpoints, epoch);
        expect(state).toMatchObject({ header: { epoch } });
      }
      newest = epochs[0] ?? 0;
      expect([lines.at(-1)!, lines.at(-1)! + 1]).toContain(newest);
    }

    const last = newest + 5;
    expect((await run({}, 'train', folder, String(last))).code).toBe(0);
    expect(await readdir(checkpoints)).toEqual(
      [last - 2, last - 1, last].map((epoch) => `epoch-${String(epoch).padStart(4, '0')}`),
    );
    const whole = buildRun();
    await trainRun(whole, 0, last);
    const resumed = await tfl.loadLayersModel(fileSystem(join(folder, 'final')));
    const values = (model: tfl.LayersModel) =>
      model.getWeights().map((weight) => [...weight.dataSync()]);
    expect(values(resumed)).toEqual(values(whole));
  });
});
