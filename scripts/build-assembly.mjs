// Compiles assembly/ into WebAssembly and embeds each binary as base64 in a module, so that
// bundlers need no configuration. The kernels three times, for plain SIMD, relaxed SIMD and relaxed
// SIMD for wide vectors (assembly/arithmetic/wide.ts); those that predict twice, without the last;
// the scanner of texts once. Compiles only when a source
// is newer than the result.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url);
const sources = readdirSync(new URL('assembly/', root), { recursive: true }).map(
  (name) => new URL(`assembly/${name}`, root),
);
const newest = Math.max(
  ...[...sources, new URL(import.meta.url)].map((file) => statSync(file).mtimeMs),
);

// Threads may join the kernels later; a scanner has all the memory that it will ever need.
const MEMORY = ['--importMemory', '--initialMemory=16', '--maximumMemory=65536'];
const KERNELS = [...MEMORY, '--sharedMemory', '--use', 'PREDICTS=0'];
const PREDICTING = [...MEMORY, '--use', 'PREDICTS=1', '--use', 'WIDE=0'];
const SCAN = ['--initialMemory=381', '--maximumMemory=381'];

for (const [target, entry, features, flags] of [
  ['engine/binaries/simd.ts', 'index', 'simd,threads', [...KERNELS, '--use', 'WIDE=0']],
  [
    'engine/binaries/relaxed-simd.ts',
    'index',
    'simd,relaxed-simd,threads',
    [...KERNELS, '--use', 'WIDE=0'],
  ],
  [
    'engine/binaries/wide.ts',
    'index',
    'simd,relaxed-simd,threads',
    [...KERNELS, '--use', 'WIDE=1'],
  ],
  ['engine/binaries/predict-simd.ts', 'predict', 'simd,threads', PREDICTING],
  ['engine/binaries/predict-relaxed-simd.ts', 'predict', 'simd,relaxed-simd,threads', PREDICTING],
  ['preprocessing/tokenizer/binaries/scan.ts', 'preprocessing/scan', 'simd', SCAN],
]) {
  const file = new URL(`src/${target}`, root);
  if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) continue;
  const { error, stderr, binary } = await compile(entry, features, flags);
  if (error) throw new Error(`assembly/: ${error.message}\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(
    file,
    `// Made from assembly/ by scripts/build-assembly.mjs.\nexport const BINARY =\n  '${base64}';\n`,
  );
  console.log(`assembly: ${target}, ${binary.length} bytes`);
}

async function compile(entry, features, flags) {
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
