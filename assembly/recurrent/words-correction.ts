// Where a layer drops the same inputs at every step of a row, the terms of these are taken out of what
// the sums start from, several steps at a time, which share the reading of the kernel: see words.ts.
import { bitsAt, position, RecurrentWords, wordAt } from './words';
import { copyFloats, nmadd } from '../arithmetic/simd';

export const CORRECTED_STEPS: i32 = 4; // a power of two

/** Writes what the sums of each row start from, for the steps from t on. */
export function correctStarts(job: RecurrentWords, t: i32): void {
  const rowBytes = <usize>job.columns << 2, weighed = <usize>job.inputColumns << 2;
  const step = <usize>job.rows * rowBytes;
  for (let row = 0; row < job.rows; row++) {
    const count = listDropped(job, bitsAt(job, row, t)), to = job.corrected + <usize>row * rowBytes;
    // Behind the end, the last step stands in for those that there are not.
    const w0 = wordAt(job, position(job, row, t)), w1 = wordAt(job, position(job, row, min(t + 1, job.time - 1)));
    const w2 = wordAt(job, position(job, row, min(t + 2, job.time - 1)));
    const w3 = wordAt(job, position(job, row, min(t + 3, job.time - 1)));
    correctFour(job, count, w0, w1, w2, w3, to, step);
    if (weighed == rowBytes) continue;
    for (let slot = 0; slot < CORRECTED_STEPS; slot++) {
      // The gates of the state start from the same for all words.
      copyFloats(to + <usize>slot * step + weighed, job.folded + weighed, job.columns - job.inputColumns);
    }
  }
}

/** Lists the rows of the kernel that bits stand for, and where in a word's vector their values are. */
function listDropped(job: RecurrentWords, bits: usize): i32 {
  let at = job.rowsOfKernel, count = 0;
  for (let base = 0; base < job.inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = <usize>(base + ctz(left));
      store<usize>(at, job.kernel + k * (<usize>job.columns << 2));
      store<usize>(at, k << 2, 4);
      at += 8;
      count++;
    }
    bits += 4;
  }
  return count;
}

function correctFour(
  job: RecurrentWords, count: i32, w0: usize, w1: usize, w2: usize, w3: usize, to: usize, step: usize,
): void {
  const rowBytes = <usize>job.columns << 2, vector = <usize>job.inputs << 2, end = <usize>job.inputColumns << 2;
  const e0 = job.table + w0 * vector, e1 = job.table + w1 * vector, e2 = job.table + w2 * vector, e3 = job.table + w3 * vector;
  const f0 = job.folded + w0 * rowBytes, f1 = job.folded + w1 * rowBytes;
  const f2 = job.folded + w2 * rowBytes, f3 = job.folded + w3 * rowBytes;
  const listEnd = job.rowsOfKernel + (<usize>count << 3);
  for (let across: usize = 0; across < end; across += 32) {
    let c00 = v128.load(f0 + across), c01 = v128.load(f0 + across, 16);
    let c10 = v128.load(f1 + across), c11 = v128.load(f1 + across, 16);
    let c20 = v128.load(f2 + across), c21 = v128.load(f2 + across, 16);
    let c30 = v128.load(f3 + across), c31 = v128.load(f3 + across, 16);
    for (let at = job.rowsOfKernel; at < listEnd; at += 8) {
      const row = load<usize>(at) + across, k = load<usize>(at, 4);
      const a = v128.load(row), b = v128.load(row, 16);
      let s = v128.load32_splat(e0 + k);
      c00 = nmadd(s, a, c00); c01 = nmadd(s, b, c01);
      s = v128.load32_splat(e1 + k);
      c10 = nmadd(s, a, c10); c11 = nmadd(s, b, c11);
      s = v128.load32_splat(e2 + k);
      c20 = nmadd(s, a, c20); c21 = nmadd(s, b, c21);
      s = v128.load32_splat(e3 + k);
      c30 = nmadd(s, a, c30); c31 = nmadd(s, b, c31);
    }
    const at0 = to + across, at1 = at0 + step, at2 = at1 + step, at3 = at2 + step;
    v128.store(at0, c00); v128.store(at0, c01, 16);
    v128.store(at1, c10); v128.store(at1, c11, 16);
    v128.store(at2, c20); v128.store(at2, c21, 16);
    v128.store(at3, c30); v128.store(at3, c31, 16);
  }
}
