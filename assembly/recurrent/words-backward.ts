// The backward pass of a shard by words; see words.ts.
import { bitsAt, RecurrentWords, position, wordAt } from './words';
import { copyFloats, madd, nmadd } from '../arithmetic/simd';

/** Before the first of accumulateWords. */
export function clearWords(job: RecurrentWords): void {
  const rowBytes = <usize>job.columns << 2, kernelBytes = <usize>job.inputs * rowBytes;
  memory.fill(job.cleared, 0, job.clearedBytes);
  if (!job.dFolded) return;
  memory.fill(job.met, 0, job.different);
  if (!job.dropped) return;
  memory.fill(job.dKernel, 0, kernelBytes);
  memory.fill(job.dPadding, 0, kernelBytes);
}

/** Adds the gate gradients of the steps from `begin` to before `end`, step after step in dz. */
export function accumulateWords(job: RecurrentWords, begin: i32, end: i32, dz: usize, zRow: usize): void {
  if (!job.dFolded) return;
  const rowBytes = <usize>job.columns << 2;
  for (let t = begin; t < end; t++) {
    for (let row = 0; row < job.rows; row++) {
      const word = wordAt(job, position(job, row, t));
      if (load<u8>(job.met + word)) addTo(job.dFolded + word * rowBytes, dz, rowBytes);
      else meet(job, word, dz);
      if (job.droppedStep) {
        const bits = bitsAt(job, row, t);
        if (<i32>word == job.padding) addDropped(job, bits, dz);
        else takeOutDropped(job, word, bits, dz);
      }
      dz += zRow;
    }
  }
  if (job.dropped && !job.droppedStep) takeOutOfRows(job, begin, end, dz - <usize>((end - begin) * job.rows) * zRow, zRow);
}

/** What each row drops at all of these steps: two of them at a time share what is read. */
function takeOutOfRows(job: RecurrentWords, begin: i32, end: i32, dz: usize, zRow: usize): void {
  const step = <usize>job.rows * zRow;
  for (let row = 0; row < job.rows; row++) {
    const bits = bitsAt(job, row, begin);
    let t = begin, at = dz + <usize>row * zRow;
    for (; t + 2 <= end; t += 2) {
      takeOutSteps(job, wordAt(job, position(job, row, t)), wordAt(job, position(job, row, t + 1)), bits, at, at + step);
      at += 2 * step;
    }
    if (t < end) takeOutDropped(job, wordAt(job, position(job, row, t)), bits, at);
  }
}

/** The first gate gradients of a word. */
function meet(job: RecurrentWords, word: usize, dz: usize): void {
  const rowBytes = <usize>job.columns << 2, inputBytes = <usize>job.inputs << 2;
  store<u8>(job.met + word, 1);
  // Not memory.copy, for which V8 leaves its code for WebAssembly.
  copyFloats(job.dFolded + word * rowBytes, dz, job.columns);
  if (job.dTable) memory.fill(job.dTable + word * inputBytes, 0, inputBytes);
}

/** After the last of accumulateWords. */
export function finishWords(job: RecurrentWords): void {
  if (!job.dFolded || !job.droppedStep || job.padding < 0 || !load<u8>(job.met + job.padding)) return;
  const rowBytes = <usize>job.columns << 2;
  for (let k: usize = 0; k < <usize>job.inputs; k++) takeOut(job, <usize>job.padding, k, job.dPadding + k * rowBytes);
}

/** The inputs that are dropped at a place of padding; what follows from them waits for finishWords. */
function addDropped(job: RecurrentWords, bits: usize, dz: usize): void {
  const rowBytes = <usize>job.columns << 2;
  for (let base = 0; base < job.inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      addTo(job.dPadding + <usize>(base + ctz(left)) * rowBytes, dz, rowBytes);
    }
    bits += 4;
  }
}

function takeOutDropped(job: RecurrentWords, word: usize, bits: usize, dz: usize): void {
  for (let base = 0; base < job.inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = <usize>(base + ctz(left));
      left &= left - 1;
      if (left) takeOutTwo(job, word, k, <usize>(base + ctz(left)), dz);
      else takeOut(job, word, k, dz);
    }
    bits += 4;
  }
}

/** to += row */
// @ts-ignore: decorator
@inline
function addTo(to: usize, row: usize, bytes: usize): void {
  const end = to + bytes;
  for (const pairs = end - (bytes & 32); to < pairs; to += 64) {
    const a = f32x4.add(v128.load(to), v128.load(row)), b = f32x4.add(v128.load(to, 16), v128.load(row, 16));
    const c = f32x4.add(v128.load(to, 32), v128.load(row, 32)), d = f32x4.add(v128.load(to, 48), v128.load(row, 48));
    v128.store(to, a); v128.store(to, b, 16); v128.store(to, c, 32); v128.store(to, d, 48);
    row += 64;
  }
  if (to < end) {
    const a = f32x4.add(v128.load(to), v128.load(row)), b = f32x4.add(v128.load(to, 16), v128.load(row, 16));
    v128.store(to, a); v128.store(to, b, 16);
  }
}

/** dKernel_k -= e_k·dz, dTable_k -= W_k·dz */
function takeOut(job: RecurrentWords, word: usize, k: usize, dz: usize): void {
  const rowBytes = <usize>job.columns << 2, at = (word * <usize>job.inputs + k) << 2;
  const value = v128.load32_splat(job.table + at), end = dz + (<usize>job.inputColumns << 2);
  let to = job.dKernel + k * rowBytes, kernel = job.plainKernel + k * rowBytes;
  let a = f32x4.splat(0), b = a;
  for (; dz < end; dz += 32) {
    const d0 = v128.load(dz), d1 = v128.load(dz, 16);
    a = madd(d0, v128.load(kernel), a); b = madd(d1, v128.load(kernel, 16), b);
    const t0 = nmadd(value, d0, v128.load(to)), t1 = nmadd(value, d1, v128.load(to, 16));
    v128.store(to, t0); v128.store(to, t1, 16);
    to += 32; kernel += 32;
  }
  if (!job.dTable) return;
  const sums = addHalves(f32x4.add(a, b), f32x4.splat(0));
  subtractFrom(job.dTable + at, f32x4.extract_lane(sums, 0));
}

/** The same for two inputs, which share the reading of dz. */
function takeOutTwo(job: RecurrentWords, word: usize, k1: usize, k2: usize, dz: usize): void {
  const rowBytes = <usize>job.columns << 2, at = (word * <usize>job.inputs) << 2;
  const values = job.table + at, end = dz + (<usize>job.inputColumns << 2);
  const value1 = v128.load32_splat(values + (k1 << 2)), value2 = v128.load32_splat(values + (k2 << 2));
  let to1 = job.dKernel + k1 * rowBytes, kernel1 = job.plainKernel + k1 * rowBytes;
  let to2 = job.dKernel + k2 * rowBytes, kernel2 = job.plainKernel + k2 * rowBytes;
  let a1 = f32x4.splat(0), a2 = a1, b1 = a1, b2 = a1;
  for (; dz < end; dz += 32) {
    const d0 = v128.load(dz), d1 = v128.load(dz, 16);
    a1 = madd(d0, v128.load(kernel1), a1); b1 = madd(d1, v128.load(kernel1, 16), b1);
    a2 = madd(d0, v128.load(kernel2), a2); b2 = madd(d1, v128.load(kernel2, 16), b2);
    const t0 = nmadd(value1, d0, v128.load(to1)), t1 = nmadd(value1, d1, v128.load(to1, 16));
    const u0 = nmadd(value2, d0, v128.load(to2)), u1 = nmadd(value2, d1, v128.load(to2, 16));
    v128.store(to1, t0); v128.store(to1, t1, 16);
    v128.store(to2, u0); v128.store(to2, u1, 16);
    to1 += 32; kernel1 += 32; to2 += 32; kernel2 += 32;
  }
  if (!job.dTable) return;
  const sums = addHalves(f32x4.add(a1, b1), f32x4.add(a2, b2)), dValues = job.dTable + at;
  subtractFrom(dValues + (k1 << 2), f32x4.extract_lane(sums, 0));
  subtractFrom(dValues + (k2 << 2), f32x4.extract_lane(sums, 1));
}

/** takeOutDropped for two steps of a row. */
function takeOutSteps(job: RecurrentWords, word1: usize, word2: usize, bits: usize, dz1: usize, dz2: usize): void {
  for (let base = 0; base < job.inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = <usize>(base + ctz(left));
      left &= left - 1;
      if (left) takeOutFour(job, word1, word2, k, <usize>(base + ctz(left)), dz1, dz2);
      else {
        takeOut(job, word1, k, dz1);
        takeOut(job, word2, k, dz2);
      }
    }
    bits += 4;
  }
}

/** takeOut for two inputs of two steps. */
function takeOutFour(
  job: RecurrentWords, word1: usize, word2: usize, k1: usize, k2: usize, dz1: usize, dz2: usize,
): void {
  const rowBytes = <usize>job.columns << 2, at1 = (word1 * <usize>job.inputs) << 2, at2 = (word2 * <usize>job.inputs) << 2;
  k1 <<= 2; k2 <<= 2;
  const values1 = job.table + at1, values2 = job.table + at2;
  const e11 = v128.load32_splat(values1 + k1), e12 = v128.load32_splat(values1 + k2);
  const e21 = v128.load32_splat(values2 + k1), e22 = v128.load32_splat(values2 + k2);
  const across1 = (k1 >> 2) * rowBytes, across2 = (k2 >> 2) * rowBytes;
  let to1 = job.dKernel + across1, kernel1 = job.plainKernel + across1;
  let to2 = job.dKernel + across2, kernel2 = job.plainKernel + across2;
  let a11 = f32x4.splat(0), a12 = a11, a21 = a11, a22 = a11;
  for (const end = dz1 + (<usize>job.inputColumns << 2); dz1 < end; dz1 += 32) {
    let d1 = v128.load(dz1), d2 = v128.load(dz2), w = v128.load(kernel1);
    a11 = madd(d1, w, a11); a21 = madd(d2, w, a21);
    w = v128.load(kernel2);
    a12 = madd(d1, w, a12); a22 = madd(d2, w, a22);
    v128.store(to1, nmadd(e21, d2, nmadd(e11, d1, v128.load(to1))));
    v128.store(to2, nmadd(e22, d2, nmadd(e12, d1, v128.load(to2))));
    d1 = v128.load(dz1, 16); d2 = v128.load(dz2, 16); w = v128.load(kernel1, 16);
    a11 = madd(d1, w, a11); a21 = madd(d2, w, a21);
    w = v128.load(kernel2, 16);
    a12 = madd(d1, w, a12); a22 = madd(d2, w, a22);
    v128.store(to1, nmadd(e21, d2, nmadd(e11, d1, v128.load(to1, 16))), 16);
    v128.store(to2, nmadd(e22, d2, nmadd(e12, d1, v128.load(to2, 16))), 16);
    dz2 += 32; kernel1 += 32; kernel2 += 32; to1 += 32; to2 += 32;
  }
  if (!job.dTable) return;
  const sums1 = addHalves(a11, a12), sums2 = addHalves(a21, a22);
  subtractFrom(job.dTable + at1 + k1, f32x4.extract_lane(sums1, 0));
  subtractFrom(job.dTable + at1 + k2, f32x4.extract_lane(sums1, 1));
  subtractFrom(job.dTable + at2 + k1, f32x4.extract_lane(sums2, 0));
  subtractFrom(job.dTable + at2 + k2, f32x4.extract_lane(sums2, 1));
}

/** [Σ a, Σ b, Σ a, Σ b] */
// @ts-ignore: decorator
@inline
function addHalves(a: v128, b: v128): v128 {
  const pairs = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 2, 3, 0, 1));
}

// @ts-ignore: decorator
@inline
function subtractFrom(place: usize, value: f32): void {
  store<f32>(place, load<f32>(place) - value);
}
