// An LSTM fed by an embedding, while a gradient is recorded. Its inputs are rows of a table, each
// of them many times over, so their products with the kernel W are computed once a word instead
// of once a position. With D(w) the sum of the gate gradients of all positions of word w, whose
// row is e(w):
//   x·W = e(w)·W,  dW = Σ e(w)ᵀ·D(w),  de(w) = D(w)·Wᵀ
// Dropout between the two drops few inputs k of a position, whose terms are taken out again:
//   x·W = e(w)·W - Σ e_k·W_k,  dW_k -= e_k·dz,  de_k -= W_k·dz
// What is summed over words is in lstm-words-gradient.ts.
import { multiply } from './multiply';
import { copyFloats, nmadd } from './simd';

/** Filled in by src/kernels/lstm-words.ts, field by field in this order; for one shard. */
@unmanaged
export class LstmWords {
  time: i32;
  inputs: i32;
  columns: i32; // 4·paddedUnits
  different: i32; // words
  firstRow: i32; // of the shard within the batch
  rows: i32; // of the shard
  goBackwards: i32;
  words: usize; // i32 [batch, time]: the number of the word
  dropped: usize; // u32 [batch, time, inputs/32]: a bit for an input; or 0
  table: usize; // [different words, inputs], times the factor of dropout
  folded: usize; // [different words, columns]: table·W + b, packed and scaled
  kernel: usize; // [inputs, columns], scaled
  starts: usize; // scratch: addresses [rows]
  list: usize; // scratch [inputs + 3] of two words
  // Backward only:
  plainKernel: usize; // [inputs + 1, columns], not scaled, the last row zero
  ends: usize; // scratch: addresses [inputs]
  lists: usize; // scratch [inputs][listLength] of two words
  listLength: i32; // rows that accumulateWords sees together
  dFolded: usize; // out: [different words, columns], D; or 0
  dKernel: usize; // out: [inputs, columns]: what dropped inputs take away
  dTable: usize; // out: [different words, inputs]: the same; or 0
  transposedPanels: usize; // packed [columns] → [inputs, padded to 8], with dx
  dxRows: usize; // scratch [listLength][inputs, padded to 8], with dx
  dx: usize; // out: [batch, time, inputs], or 0
}

// @ts-ignore: decorator
@inline
function position(job: LstmWords, row: i32, t: i32): usize {
  return <usize>((job.firstRow + row) * job.time + (job.goBackwards ? job.time - 1 - t : t));
}

// @ts-ignore: decorator
@inline
function wordAt(job: LstmWords, at: usize): usize {
  return <usize>load<i32>(job.words + (at << 2));
}

/** For step t, the addresses of what the gates' sums of each row start from, some of them in z. */
export function startFromWords(job: LstmWords, t: i32, z: usize, zRow: usize): void {
  for (let row = 0; row < job.rows; row++) {
    const at = position(job, row, t), word = wordAt(job, at);
    let start = job.folded + word * (<usize>job.columns << 2);
    if (job.dropped) start = withoutDropped(job, at, word, start, z);
    store<usize>(job.starts + (<usize>row << 2), start);
    z += zRow;
  }
}

/** to = from - the products of the inputs that are dropped here. */
function withoutDropped(job: LstmWords, at: usize, word: usize, from: usize, to: usize): usize {
  const inputs = <usize>job.inputs, rowBytes = <usize>job.columns << 2;
  const values = job.table + ((word * inputs) << 2), list = job.list;
  let bits = job.dropped + ((at * inputs) >> 3), end = list;
  for (let base: usize = 0; base < inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = base + ctz(left);
      store<usize>(end, job.kernel + k * rowBytes);
      store<f32>(end, load<f32>(values + (k << 2)), 4);
      end += 8;
    }
    bits += 4;
  }
  subtractProducts(list, end, from, to, rowBytes);
  return to;
}

// @ts-ignore: decorator
@inline
function subtractProducts(list: usize, end: usize, from: usize, to: usize, rowBytes: usize): void {
  let across: usize = 0;
  for (; across + 128 <= rowBytes; across += 128) subtract8(list, end, across, from + across, to + across);
  for (; across < rowBytes; across += 64) subtract4(list, end, across, from + across, to + across);
}

/** Eight vectors: to = from - Σ value·row, over a list of rows and values. */
// @ts-ignore: decorator
@inline
function subtract8(list: usize, end: usize, across: usize, from: usize, to: usize): void {
  let c0 = v128.load(from), c1 = v128.load(from, 16), c2 = v128.load(from, 32), c3 = v128.load(from, 48);
  let c4 = v128.load(from, 64), c5 = v128.load(from, 80), c6 = v128.load(from, 96), c7 = v128.load(from, 112);
  for (; list < end; list += 8) {
    const row = load<usize>(list) + across, value = v128.load32_splat(list, 4);
    c0 = nmadd(value, v128.load(row), c0); c1 = nmadd(value, v128.load(row, 16), c1);
    c2 = nmadd(value, v128.load(row, 32), c2); c3 = nmadd(value, v128.load(row, 48), c3);
    c4 = nmadd(value, v128.load(row, 64), c4); c5 = nmadd(value, v128.load(row, 80), c5);
    c6 = nmadd(value, v128.load(row, 96), c6); c7 = nmadd(value, v128.load(row, 112), c7);
  }
  v128.store(to, c0); v128.store(to, c1, 16); v128.store(to, c2, 32); v128.store(to, c3, 48);
  v128.store(to, c4, 64); v128.store(to, c5, 80); v128.store(to, c6, 96); v128.store(to, c7, 112);
}

// @ts-ignore: decorator
@inline
function subtract4(list: usize, end: usize, across: usize, from: usize, to: usize): void {
  let c0 = v128.load(from), c1 = v128.load(from, 16), c2 = v128.load(from, 32), c3 = v128.load(from, 48);
  for (; list < end; list += 8) {
    const row = load<usize>(list) + across, value = v128.load32_splat(list, 4);
    c0 = nmadd(value, v128.load(row), c0); c1 = nmadd(value, v128.load(row, 16), c1);
    c2 = nmadd(value, v128.load(row, 32), c2); c3 = nmadd(value, v128.load(row, 48), c3);
  }
  v128.store(to, c0); v128.store(to, c1, 16); v128.store(to, c2, 32); v128.store(to, c3, 48);
}

/** Before the first of accumulateWords. */
export function clearWords(job: LstmWords): void {
  const rowBytes = <usize>job.columns << 2;
  if (job.dFolded) memory.fill(job.dFolded, 0, <usize>job.different * rowBytes);
  if (job.dKernel) memory.fill(job.dKernel, 0, <usize>job.inputs * rowBytes);
  if (job.dTable) memory.fill(job.dTable, 0, <usize>(job.different * job.inputs) << 2);
}

/** Adds the gate gradients of the steps from `begin` to before `end`, step after step in dz. */
export function accumulateWords(job: LstmWords, begin: i32, end: i32, dz: usize, zRow: usize): void {
  if (job.dx) writeGradients(job, begin, end, dz, zRow);
  if (!job.dFolded) return;
  const inputs = <usize>job.inputs, rowBytes = <usize>job.columns << 2, listBytes = <usize>job.listLength << 3;
  if (job.dropped) {
    for (let k: usize = 0; k < inputs; k++) store<usize>(job.ends + (k << 2), job.lists + k * listBytes);
  }
  for (let t = begin; t < end; t++) {
    for (let row = 0; row < job.rows; row++) {
      const at = position(job, row, t), word = wordAt(job, at);
      addRow(job.dFolded + word * rowBytes, dz, rowBytes);
      if (job.dropped) listDropped(job, at, word, dz);
      dz += zRow;
    }
  }
  if (!job.dropped) return;
  // Panel by panel, so that the gate gradients stay in the first-level cache.
  for (let across: usize = 0; across < rowBytes; across += 128) {
    for (let k: usize = 0; k < inputs; k++) {
      const list = job.lists + k * listBytes, last = load<usize>(job.ends + (k << 2));
      const to = job.dKernel + k * rowBytes + across;
      if (across + 128 <= rowBytes) subtract8(list, last, across, to, to);
      else subtract4(list, last, across, to, to);
    }
  }
}

// @ts-ignore: decorator
@inline
function addRow(to: usize, from: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 64) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
    from += 64;
  }
}

/** Puts a row of dz on the list of every input that is dropped here, and takes its part out of dTable. */
function listDropped(job: LstmWords, at: usize, word: usize, dz: usize): void {
  const inputs = <usize>job.inputs, rowBytes = <usize>job.columns << 2;
  const values = job.table + ((word * inputs) << 2), dValues = job.dTable + ((word * inputs) << 2);
  let bits = job.dropped + ((at * inputs) >> 3), end = job.list;
  for (let base: usize = 0; base < inputs; base += 32) {
    for (let left = load<u32>(bits); left; left &= left - 1) {
      const k = base + ctz(left), ends = job.ends + (k << 2), last = load<usize>(ends);
      store<usize>(last, dz);
      store<f32>(last, load<f32>(values + (k << 2)), 4);
      store<usize>(ends, last + 8);
      store<usize>(end, job.plainKernel + k * rowBytes);
      store<usize>(end, dValues + (k << 2), 4);
      end += 8;
    }
    bits += 4;
  }
  if (!job.dTable) return;
  // In fours; what is missing to them takes nothing away.
  const zeros = job.plainKernel + inputs * rowBytes;
  for (let pad = end; pad < end + 24; pad += 8) {
    store<usize>(pad, zeros);
    store<usize>(pad, dValues, 4);
  }
  for (let four = job.list; four < end; four += 32) subtractDots(four, dz, rowBytes);
}

/** For four rows and places of a list: place -= row · dz. */
function subtractDots(list: usize, dz: usize, bytes: usize): void {
  let row0 = load<usize>(list), row1 = load<usize>(list, 8), row2 = load<usize>(list, 16), row3 = load<usize>(list, 24);
  // Two sums each, since one addition waits for the last.
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (const end = dz + bytes; dz < end; dz += 32) {
    let d = v128.load(dz);
    a0 = nmadd(d, v128.load(row0), a0); a1 = nmadd(d, v128.load(row1), a1);
    a2 = nmadd(d, v128.load(row2), a2); a3 = nmadd(d, v128.load(row3), a3);
    d = v128.load(dz, 16);
    b0 = nmadd(d, v128.load(row0, 16), b0); b1 = nmadd(d, v128.load(row1, 16), b1);
    b2 = nmadd(d, v128.load(row2, 16), b2); b3 = nmadd(d, v128.load(row3, 16), b3);
    row0 += 32; row1 += 32; row2 += 32; row3 += 32;
  }
  const s01 = addHalves(f32x4.add(a0, b0), f32x4.add(a1, b1));
  const s23 = addHalves(f32x4.add(a2, b2), f32x4.add(a3, b3));
  const sums = f32x4.add(v128.shuffle<f32>(s01, s23, 0, 1, 4, 5), v128.shuffle<f32>(s01, s23, 2, 3, 6, 7));
  addTo(load<usize>(list, 4), f32x4.extract_lane(sums, 0));
  addTo(load<usize>(list, 12), f32x4.extract_lane(sums, 1));
  addTo(load<usize>(list, 20), f32x4.extract_lane(sums, 2));
  addTo(load<usize>(list, 28), f32x4.extract_lane(sums, 3));
}

/** [a0 + a2, b0 + b2, a1 + a3, b1 + b3] */
// @ts-ignore: decorator
@inline
function addHalves(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
}

// @ts-ignore: decorator
@inline
function addTo(place: usize, value: f32): void {
  store<f32>(place, load<f32>(place) + value);
}

/** dx = dz·Wᵀ, before dropout. */
function writeGradients(job: LstmWords, begin: i32, end: i32, dz: usize, zRow: usize): void {
  const inputs = job.inputs, wide = (inputs + 7) & ~7, rows = job.rows, columns = job.columns;
  const inputBytes = <usize>inputs << 2, wideBytes = <usize>wide << 2;
  multiply((end - begin) * rows, wide, columns, dz, zRow, job.transposedPanels, <usize>columns << 5, 0, 0, job.dxRows, wideBytes);
  for (let row = 0; row < rows; row++) {
    for (let t = begin; t < end; t++) {
      const from = job.dxRows + <usize>((t - begin) * rows + row) * wideBytes;
      copyFloats(job.dx + position(job, row, t) * inputBytes, from, inputs);
    }
  }
}
