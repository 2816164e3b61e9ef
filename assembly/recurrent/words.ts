// A recurrent layer fed by an embedding, while a gradient is recorded. Its inputs are rows of a table, each
// of them many times over, so their products with the kernel W are computed once a word instead
// of once a position. With D(w) the sum of the gate gradients of all positions of word w, whose
// row is e(w):
//   x·W = e(w)·W,  dW = Σ e(w)ᵀ·D(w),  de(w) = D(w)·Wᵀ
// Dropout between the two drops few inputs k of a position, whose terms are taken out again:
//   x·W = e(w)·W - Σ e_k·W_k,  dW_k -= e_k·dz,  de_k -= W_k·dz
// A value of the table that is infinite or NaN so shows even where it is dropped.
// Forward here, backward in words-backward.ts, what is summed over words in words-gradient.ts.
import { correctStarts, CORRECTED_STEPS } from './words-correction';
import { madd, nmadd } from '../arithmetic/simd';

/** Filled in by src/kernels/recurrent/words.ts, field by field in this order; for one shard. */
@unmanaged
export class RecurrentWords {
  time: i32;
  inputs: i32;
  columns: i32; // of all gates
  inputColumns: i32; // of those that weigh the inputs, which come first
  different: i32; // words
  padding: i32; // the number of the word that is padding, or -1
  firstRow: i32; // of the shard within the batch
  rows: i32; // of the shard
  goBackwards: i32;
  words: usize; // i32 [batch, time]: the number of the word
  dropped: usize; // u32 [batch, time, inputs/32]: a bit for an input; or 0
  droppedStep: usize; // bytes from one step to the next; 0 where all of a row drop the same
  table: usize; // [different words, inputs], times the factor of dropout
  folded: usize; // [different words, columns]: table·W + b, packed and scaled
  kernel: usize; // [inputs, columns], scaled
  paddingSums: usize; // [inputs/4][16][columns]: e·W of padding for each set of four inputs
  starts: usize; // scratch: addresses [rows]
  corrected: usize; // scratch [4][rows][columns], where all steps of a row drop the same; or 0
  rowsOfKernel: usize; // scratch [inputs] addresses and as many offsets, with `corrected`
  // Backward only:
  plainKernel: usize; // [inputs, columns], not scaled
  dFolded: usize; // out: [different words, columns], D; or 0
  dKernel: usize; // out: [inputs, columns]: what dropped inputs take away
  dPadding: usize; // scratch [inputs, columns]: the gate gradients of padding with each input dropped
  dTable: usize; // out: [different words, inputs]: what dropped inputs take away; or 0
  met: usize; // out: u8 [different words], 1 for those of the shard; dFolded and dTable have no others
  cleared: usize; // out: zeros, of the gradient of the table, which is written later
  clearedBytes: usize;
}

/** Which place in time step t reads. */
// @ts-ignore: decorator
@inline
function placeInTime(job: RecurrentWords, t: i32): i32 {
  return job.goBackwards ? job.time - 1 - t : t;
}

/** Where in [batch, time] step t of a row of the shard lies. */
// @ts-ignore: decorator
@inline
export function position(job: RecurrentWords, row: i32, t: i32): usize {
  return <usize>((job.firstRow + row) * job.time + placeInTime(job, t));
}

// @ts-ignore: decorator
@inline
export function wordAt(job: RecurrentWords, at: usize): usize {
  return <usize>load<i32>(job.words + (at << 2));
}

/** The address of the bits of step t of a row of the shard. */
// @ts-ignore: decorator
@inline
export function bitsAt(job: RecurrentWords, row: i32, t: i32): usize {
  const first = <usize>(job.firstRow + row);
  if (!job.droppedStep) return job.dropped + ((first * <usize>job.inputs) >> 3);
  return job.dropped + (first * <usize>job.time + <usize>placeInTime(job, t)) * job.droppedStep;
}

/** For step t, the addresses of what the gates' sums of each row start from, so many bytes within it. */
export function startFromWords(job: RecurrentWords, t: i32, within: usize): void {
  const rowBytes = <usize>job.columns << 2;
  if (job.corrected) {
    const slot = t & (CORRECTED_STEPS - 1);
    if (slot == 0) correctStarts(job, t);
    const from = job.corrected + <usize>(slot * job.rows) * rowBytes + within;
    for (let row: usize = 0; row < <usize>job.rows; row++) store<usize>(job.starts + (row << 2), from + row * rowBytes);
    return;
  }
  for (let row = 0; row < job.rows; row++) {
    const word = wordAt(job, position(job, row, t));
    store<usize>(job.starts + (<usize>row << 2), job.folded + word * rowBytes + within);
  }
}

/** Takes the products of the inputs that are dropped in step t out of the gates' sums of a row. */
export function subtractDropped(job: RecurrentWords, row: i32, t: i32, z: usize): void {
  const word = wordAt(job, position(job, row, t)), bits = bitsAt(job, row, t);
  if (<i32>word == job.padding) subtractPadding(job, bits, z);
  else subtractProducts(job, word, bits, z);
}

function subtractProducts(job: RecurrentWords, word: usize, bits: usize, z: usize): void {
  const inputs = <usize>job.inputs, rowBytes = <usize>job.columns << 2, bytes = <usize>job.inputColumns << 2;
  const values = job.table + ((word * inputs) << 2);
  for (let base: usize = 0; base < inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = base + ctz(left), value = v128.load32_splat(values + (k << 2));
      left &= left - 1;
      if (left) {
        const k2 = base + ctz(left), value2 = v128.load32_splat(values + (k2 << 2));
        subtractTwo(value, job.kernel + k * rowBytes, value2, job.kernel + k2 * rowBytes, z, bytes);
      } else subtractOne(value, job.kernel + k * rowBytes, z, bytes);
    }
    bits += 4;
  }
}

/** to -= value · row */
// @ts-ignore: decorator
@inline
function subtractOne(value: v128, row: usize, to: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 32) {
    const a = nmadd(value, v128.load(row), v128.load(to)), b = nmadd(value, v128.load(row, 16), v128.load(to, 16));
    v128.store(to, a); v128.store(to, b, 16);
    row += 32;
  }
}

/** to -= value1 · row1 + value2 · row2 */
// @ts-ignore: decorator
@inline
function subtractTwo(value1: v128, row1: usize, value2: v128, row2: usize, to: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 32) {
    const a = nmadd(value2, v128.load(row2), nmadd(value1, v128.load(row1), v128.load(to)));
    const b = nmadd(value2, v128.load(row2, 16), nmadd(value1, v128.load(row1, 16), v128.load(to, 16)));
    v128.store(to, a); v128.store(to, b, 16);
    row1 += 32; row2 += 32;
  }
}

// Most of what is read is padding, so that the products of every four of its inputs are at hand
// (the method of the Four Russians, Arlazarov et al. 1970).
function subtractPadding(job: RecurrentWords, bits: usize, z: usize): void {
  const rowBytes = <usize>job.columns << 2, end = z + (<usize>job.inputColumns << 2);
  let sums = job.paddingSums;
  for (let base = 0; base < job.inputs; base += 32) {
    const set = <usize>load<u32>(bits);
    let r0 = sums + (set & 15) * rowBytes, r1 = sums + (16 + ((set >> 4) & 15)) * rowBytes;
    let r2 = sums + (32 + ((set >> 8) & 15)) * rowBytes, r3 = sums + (48 + ((set >> 12) & 15)) * rowBytes;
    let r4 = sums + (64 + ((set >> 16) & 15)) * rowBytes, r5 = sums + (80 + ((set >> 20) & 15)) * rowBytes;
    let r6 = sums + (96 + ((set >> 24) & 15)) * rowBytes, r7 = sums + (112 + (set >> 28)) * rowBytes;
    for (let to = z; to < end; to += 32) {
      let a = f32x4.add(v128.load(r0), v128.load(r1)), b = f32x4.add(v128.load(r2), v128.load(r3));
      let c = f32x4.add(v128.load(r4), v128.load(r5)), d = f32x4.add(v128.load(r6), v128.load(r7));
      const t0 = f32x4.sub(v128.load(to), f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
      a = f32x4.add(v128.load(r0, 16), v128.load(r1, 16)); b = f32x4.add(v128.load(r2, 16), v128.load(r3, 16));
      c = f32x4.add(v128.load(r4, 16), v128.load(r5, 16)); d = f32x4.add(v128.load(r6, 16), v128.load(r7, 16));
      const t1 = f32x4.sub(v128.load(to, 16), f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
      v128.store(to, t0); v128.store(to, t1, 16);
      r0 += 32; r1 += 32; r2 += 32; r3 += 32; r4 += 32; r5 += 32; r6 += 32; r7 += 32;
    }
    sums += rowBytes << 7;
    bits += 4;
  }
}

/** sums[inputs/4][16][columns] = Σ values_k · kernel_k over each set of four inputs */
export function recurrentPaddingSums(inputs: i32, columns: i32, values: usize, kernel: usize, sums: usize): void {
  const rowBytes = <usize>columns << 2;
  for (let group = 0; group < inputs; group += 4) {
    memory.fill(sums, 0, rowBytes);
    for (let set: usize = 1; set < 16; set++) {
      // One more than a smaller set.
      const k = <usize>group + ctz(set), value = v128.load32_splat(values + (k << 2));
      const to = sums + set * rowBytes, from = sums + (set & (set - 1)) * rowBytes, row = kernel + k * rowBytes;
      for (let across: usize = 0; across < rowBytes; across += 16) {
        v128.store(to + across, madd(value, v128.load(row + across), v128.load(from + across)));
      }
    }
    sums += rowBytes << 4;
  }
}
