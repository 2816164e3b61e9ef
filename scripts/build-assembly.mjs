// Compiles assembly/ into WebAssembly and embeds each binary as base64 in a module, so that
// bundlers need no configuration. The kernels three times, for plain SIMD, relaxed SIMD and relaxed
// SIMD for wide vectors (assembly/arithmetic/wide.ts); those that predict twice, without the last;
// the scanner of texts once. Compiles only when a source is newer than the result, and as many at once
// as there are processors.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const root = new URL('..', import.meta.url);

// Threads may join the kernels later; a scanner has all the memory that it will ever need.
const MEMORY = ['--importMemory', '--initialMemory=16', '--maximumMemory=65536'];
const KERNELS = [...MEMORY, '--sharedMemory', '--use', 'PREDICTS=0'];
const PREDICTING = [...MEMORY, '--use', 'PREDICTS=1', '--use', 'WIDE=0'];
const SCAN = ['--initialMemory=381', '--maximumMemory=381'];

// From the one that takes longest.
const TARGETS = [
  [
    'engine/binaries/wide.ts',
    'index',
    'simd,relaxed-simd,threads',
    [...KERNELS, '--use', 'WIDE=1'],
  ],
  ['engine/binaries/simd.ts', 'index', 'simd,threads', [...KERNELS, '--use', 'WIDE=0']],
  [
    'engine/binaries/relaxed-simd.ts',
    'index',
    'simd,relaxed-simd,threads',
    [...KERNELS, '--use', 'WIDE=0'],
  ],
  ['engine/binaries/predict-simd.ts', 'predict', 'simd,threads', PREDICTING],
  ['engine/binaries/predict-relaxed-simd.ts', 'predict', 'simd,relaxed-simd,threads', PREDICTING],
  ['preprocessing/tokenizer/binaries/scan.ts', 'preprocessing/scan', 'simd', SCAN],
];

if (isMainThread) await makeAll();
else parentPort.on('message', async (target) => parentPort.postMessage(await make(target)));

async function makeAll() {
  const newest = Math.max(
    ...readdirSync(new URL('assembly/', root), { recursive: true })
      .map((name) => new URL(`assembly/${name}`, root))
      .concat(new URL(import.meta.url))
      .map((file) => statSync(file).mtimeMs),
  );
  const old = TARGETS.filter(
    ([target]) => !(statSync(fileOf(target), { throwIfNoEntry: false })?.mtimeMs > newest),
  );
  const threads = Math.min(old.length, availableParallelism());
  await Promise.all(Array.from({ length: threads }, () => makeInTurn(old)));
}

/** Has a thread of its own make the next target until none is left. */
async function makeInTurn(targets) {
  const worker = new Worker(new URL(import.meta.url));
  for (let target = targets.shift(); target; target = targets.shift()) {
    worker.postMessage(target);
    const bytes = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    console.log(`assembly: ${target[0]}, ${bytes} bytes`);
  }
  await worker.terminate();
}

/** Writes the module of a target; returns the bytes of its binary. */
async function make([target, entry, features, flags]) {
  const { error, stderr, binary } = await compile(entry, features, flags);
  if (error) throw new Error(`assembly/: ${error.message}\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  const file = fileOf(target);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(
    file,
    `// Made from assembly/ by scripts/build-assembly.mjs.\nexport const BINARY =\n  '${base64}';\n`,
  );
  return binary.length;
}

function fileOf(target) {
  return new URL(`src/${target}`, root);
}

async function compile(entry, features, flags) {
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main(
    [
      `assembly/${entry}.ts`,
      '--outFile=out.wasm',
      '-O3',
      '--noAssert',
      '--runtime=stub',
      ...features.split(',').map((feature) => `--enable=${feature}`),
      ...flags,
    ],
    {
      writeFile: (name, contents) => {
        if (name === 'out.wasm') binary = contents;
      },
    },
  );
  return { error, stderr: stderr.toString(), binary };
}
