// The most that multiply-adds on vectors of 128 bits can do here: sums in registers, all else in
// the first-level cache. `node ceiling.mjs <threads>`: GFLOP/s of all of them.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';

const DEPTH = 64;
const COUNT = 500;
const RUNS = 3000; // many short ones: what is optimized takes effect at the next call
// Rows of two vectors each, as many as the sixteen registers hold: without a fused multiply-add, a
// product needs one of its own.
const ROWS = 4;
const RELAXED_ROWS = 6;

if (isMainThread) {
  const relaxed = await compile(RELAXED_ROWS, true);
  const data = WebAssembly.validate(relaxed)
    ? { binary: relaxed, rows: RELAXED_ROWS }
    : { binary: await compile(ROWS, false), rows: ROWS };
  const rates = await Promise.all(
    Array.from({ length: Number(process.argv[2]) }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: data });
      return new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    }),
  );
  console.log(JSON.stringify({ rate: rates.reduce((sum, rate) => sum + rate, 0) }));
} else {
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(workerData.binary)).exports;
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < RUNS; k++) {
    const start = performance.now();
    run(COUNT);
    best = Math.min(best, performance.now() - start);
  }
  parentPort.postMessage((COUNT * DEPTH * workerData.rows * 8 * 2) / best / 1e6);
}

async function compile(rows, relaxed) {
  const sums = Array.from({ length: 2 * rows }, (_, k) => `c${k}`);
  const madd = (vector, sum) =>
    relaxed
      ? `${sum} = f32x4.relaxed_madd(s, ${vector}, ${sum});`
      : `${sum} = f32x4.add(f32x4.mul(s, ${vector}), ${sum});`;
  const row = (k) =>
    `s = v128.load32_splat(a, ${k * DEPTH * 4}); ` +
    `${madd('w0', sums[2 * k])} ${madd('w1', sums[2 * k + 1])}`;
  const source = `export function run(count: i32): f32 {
  let ${sums.map((sum) => `${sum} = f32x4.splat(0)`).join(', ')}, s: v128;
  for (let n = 0; n < count; n++) {
    let a: usize = 1024, w: usize = 8192;
    do {
      const w0 = v128.load(w), w1 = v128.load(w, 16);
      ${Array.from({ length: rows }, (_, k) => row(k)).join('\n      ')}
      a += 4; w += 32;
    } while (a < ${1024 + DEPTH * 4});
  }
  return f32x4.extract_lane(${sums.reduce((sum, c) => `f32x4.add(${sum}, ${c})`)}, 0);
}`;
  const options = [
    '--outFile=ceiling.wasm',
    '-O3',
    '--runtime=stub',
    '--initialMemory=1',
    '--enable=simd',
  ];
  if (relaxed) options.push('--enable=relaxed-simd');
  let binary;
  const { error, stderr } = await asc.main(['ceiling.ts', ...options], {
    readFile: (name) => (name === 'ceiling.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'ceiling.wasm') binary = contents;
    },
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return binary;
}
