// Compiles assembly/ into three WebAssembly binaries, plain SIMD, relaxed SIMD and
// relaxed SIMD for wide vectors (assembly/wide.ts), and embeds each as base64 in a
// module, so that bundlers need no configuration. Compiles only when a source is newer than the result.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url);
const sources = readdirSync(new URL('assembly/', root)).map(
  (name) => new URL(`assembly/${name}`, root),
);
const newest = Math.max(
  ...[...sources, new URL(import.meta.url)].map((file) => statSync(file).mtimeMs),
);
const out = new URL('src/kernels/binaries/', root);
mkdirSync(out, { recursive: true });

for (const [name, features, wide] of [
  ['simd', 'simd,threads', 0],
  ['relaxed-simd', 'simd,relaxed-simd,threads', 0],
  ['wide', 'simd,relaxed-simd,threads', 1],
]) {
  const target = new URL(`${name}.ts`, out);
  if ((statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) continue;
  const { error, stderr, binary } = await compile(features, wide);
  if (error) throw new Error(`assembly/: ${error.message}\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  writeFileSync(
    target,
    `// Made from assembly/ by scripts/build-assembly.mjs.\nexport const BINARY =\n  '${base64}';\n`,
  );
  console.log(`assembly: ${name}, ${binary.length} bytes`);
}

/** One binary that imports its memory, shared so that threads can join later. */
async function compile(features, wide) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      '--outFile=kernels.wasm',
      '-O3',
      '--noAssert',
      '--runtime=stub',
      '--use',
      `WIDE=${wide}`,
      ...features.split(',').map((feature) => `--enable=${feature}`),
      '--importMemory',
      '--sharedMemory',
      '--initialMemory=16',
      '--maximumMemory=65536',
    ],
    {
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') binary = contents;
      },
    },
  );
  return { error, stderr: stderr.toString(), binary };
}
