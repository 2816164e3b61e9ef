// The most that vectors of 128 bits can do here, or of 256 where V8 is told to join two, with all
// in the first-level cache: multiply-adds with their sums in registers, and the gates of an LSTM as the library computes them where they
// need no clamping. `node ceiling.mjs <threads>`: GFLOP/s, and the gates of how many rows of 32
// units a microsecond, of all threads.
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';

const DEPTH = 64;
const COUNT = 500;
const RUNS = 3000; // many short ones: what is optimized takes effect at the next call
// Rows of two registers each, as many as the sixteen hold: without a fused multiply-add, a product
// needs one of its own.
const ROWS = 4;
const RELAXED_ROWS = 6;
const VECTORS = process.execArgv.includes('--experimental-wasm-revectorize') ? 4 : 2; // a row

const ROOM = 4 * DEPTH * 16; // bytes, enough for each operand of a product

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
    products: (COUNT * DEPTH * workerData.rows * 4 * VECTORS * 2) / fastest(() => run(COUNT)) / 1e6,
    gates: (GATE_ROWS * 20) / fastest(() => gates(20)) / 1e3,
  });
}

async function compile(rows, relaxed) {
  const sums = Array.from({ length: VECTORS * rows }, (_, k) => `c${k}`);
  const vectors = Array.from({ length: VECTORS }, (_, k) => k);
  const madd = (vector, sum) =>
    relaxed
      ? `${sum} = f32x4.relaxed_madd(s, ${vector}, ${sum});`
      : `${sum} = f32x4.add(f32x4.mul(s, ${vector}), ${sum});`;
  const row = (k) =>
    `s = v128.load32_splat(a, ${k * DEPTH * 4}); ` +
    vectors.map((i) => madd(`w${i}`, sums[VECTORS * k + i])).join(' ');
  const source = `import { the } from './assembly/recurrent/cell';
import { Lstm } from './assembly/recurrent/cells/lstm';

const Z = memory.data(${GATE_ROWS * Z_BYTES}, 16);
const C = memory.data(${GATE_ROWS * STATE_BYTES}, 16);
const H = memory.data(${GATE_ROWS * STATE_BYTES}, 16);

export function gates(count: i32): void {
  for (let n = 0; n < count; n++) {
    for (let row: usize = 0; row < ${GATE_ROWS}; row++) {
      const c = C + row * ${STATE_BYTES};
      the<Lstm>().forward(${UNITS}, 0, true, Z + row * ${Z_BYTES}, 0, H + row * ${STATE_BYTES}, c, c, 0);
    }
  }
}

const A = memory.data(${ROOM}, 16);
const W = memory.data(${ROOM}, 16);
const SUMS = memory.data(${16 * VECTORS * rows}, 16);

export function run(count: i32): void {
  let ${sums.map((sum) => `${sum} = f32x4.splat(0)`).join(', ')}, s: v128;
  for (let n = 0; n < count; n++) {
    let a = A, w = W;
    do {
      const ${vectors.map((i) => `w${i} = v128.load(w, ${16 * i})`).join(', ')};
      ${Array.from({ length: rows }, (_, k) => row(k)).join('\n      ')}
      a += 4; w += ${16 * VECTORS};
    } while (a < A + ${DEPTH * 4});
  }
  ${sums.map((sum, k) => `v128.store(SUMS, ${sum}, ${16 * k});`).join(' ')}
}`;
  const options = [
    '--outFile=ceiling.wasm',
    '-O3',
    '--runtime=stub',
    '--noAssert',
    '--initialMemory=1',
    '--enable=simd',
  ];
  options.push('--use', `WIDE=${VECTORS === 4 ? 1 : 0}`);
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
