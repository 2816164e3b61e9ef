/** What the benches of the kernels take: --backend, --threads and --runs. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { ready } from '../src/index.js';
import { runtime } from '../src/engine/runtime.js';

/** Reads the options, prints the command and the machine, and loads the kernels. */
export async function start(bench: string, defaultRuns: number): Promise<{ runs: number }> {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'wasm' },
      threads: { type: 'string', default: 'auto' },
      runs: { type: 'string', default: `${defaultRuns}` },
    },
  });
  const { backend } = values;
  const [runs, threads] = [Number(values.runs), Number(values.threads)];
  if (
    !(await tf.setBackend(backend)) ||
    !(runs >= 1) ||
    !(values.threads === 'auto' || threads >= 1)
  ) {
    console.error(
      `npx tsx bench/${bench}.ts [--backend wasm|cpu] [--threads N] [--runs ${defaultRuns}]`,
    );
    process.exit(1);
  }
  await ready({ threads: values.threads === 'auto' ? 'auto' : threads });
  const { threads: used, binary } = runtime()!;
  console.log(`npx tsx bench/${bench}.ts --backend ${backend} --threads ${used} --runs ${runs}`);
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}, ` +
      `binary ${binary}\n`,
  );
  return { runs };
}
