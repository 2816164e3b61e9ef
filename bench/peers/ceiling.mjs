// The most that vectors of 128 bits can do here, with all in the first-level cache: multiply-adds
// with their sums in registers, and the gates of an LSTM as the library computes them where they
// need no clamping. `node ceiling.mjs <threads>`: GFLOP/s, and the gates of how many rows of 32
// units a microsecond, of all threads.
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';

const DEPTH = 64;
const COUNT = 500;
const RUNS = 3000; // many short ones: what is optimized takes effect at the next call
// Rows of two vectors each, as many as the sixteen registers hold: without a fused multiply-add, a
// product needs one of its own.
const ROWS = 4;
const RELAXED_ROWS = 6;

const ROOM = 4 * DEPTH * 8; // bytes for each operand of a product

// As many rows as an LSTM of 32 units has under way when it predicts, and what a row takes.
const UNITS = 32;
const GATE_ROWS = 24;
const Z_BYTES = 4 * (4 * UNITS + 8);
const STATE_BYTES = 4 * UNITS;

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
  const total = (name) => rates.reduce((sum, rate) => sum + rate[name], 0);
  console.log(JSON.stringify({ rate: total('products'), gates: total('gates') }));
} else {
  const { run, gates } = new WebAssembly.Instance(new WebAssembly.Module(workerData.binary))
    .exports;
  const fastest = (work) => {
    let best = Number.POSITIVE_INFINITY;
    for (let k = 0; k < RUNS; k++) {
      const start = performance.now();
      work();
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  parentPort.postMessage({
    products: (COUNT * DEPTH * workerData.rows * 8 * 2) / fastest(() => run(COUNT)) / 1e6,
    gates: (GATE_ROWS * 20) / fastest(() => gates(20)) / 1e3,
  });
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
  const source = `import { activate } from './assembly/lstm-step';

const Z = memory.data(${GATE_ROWS * Z_BYTES}, 16);
const C = memory.data(${GATE_ROWS * STATE_BYTES}, 16);
const H = memory.data(${GATE_ROWS * STATE_BYTES}, 16);

export function gates(count: i32): void {
  for (let n = 0; n < count; n++) {
    for (let row: usize = 0; row < ${GATE_ROWS}; row++) {
      const c = C + row * ${STATE_BYTES};
      activate(${UNITS}, 0, 1, Z + row * ${Z_BYTES}, c, c, H + row * ${STATE_BYTES});
    }
  }
}

const A = memory.data(${ROOM}, 16);
const W = memory.data(${ROOM}, 16);

export function run(count: i32): f32 {
  let ${sums.map((sum) => `${sum} = f32x4.splat(0)`).join(', ')}, s: v128;
  for (let n = 0; n < count; n++) {
    let a = A, w = W;
    do {
      const w0 = v128.load(w), w1 = v128.load(w, 16);
      ${Array.from({ length: rows }, (_, k) => row(k)).join('\n      ')}
      a += 4; w += 32;
    } while (a < A + ${DEPTH * 4});
  }
  return f32x4.extract_lane(${sums.reduce((sum, c) => `f32x4.add(${sum}, ${c})`)}, 0);
}`;
  const options = [
    '--outFile=ceiling.wasm',
    '-O3',
    '--runtime=stub',
    '--noAssert',
    '--initialMemory=1',
    '--enable=simd',
  ];
  if (relaxed) options.push('--enable=relaxed-simd');
  let binary;
  const { error, stderr } = await asc.main(['ceiling.ts', ...options], {
    readFile: (name) => {
      if (name === 'ceiling.ts') return source;
      return name.startsWith('assembly/') && name.endsWith('.ts')
        ? readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
        : null;
    },
    writeFile: (name, contents) => {
      if (name === 'ceiling.wasm') binary = contents;
    },
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return binary;
}
