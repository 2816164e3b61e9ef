// The end of a backward pass by words (words.ts): from D, the sums of gate gradients of each
// different word, to the gradients of the kernel, the bias and the table.
import { gateColumns, inputColumns, jointColumns, panelDepth } from './cell';
import { unpackBias, unpackKernel, unpackRecurrent, unpackVectors } from './weights';
import { multiply } from '../arithmetic/multiply';
import { accumulateColumns, accumulateOuter } from '../arithmetic/outer';
import { addFloats, copyFloats, roundUp4 } from '../arithmetic/simd';

// Words at a time, whose D stays in cache.
const WORDS: i32 = 64;

/** Filled in by src/kernels/recurrent/words-backward.ts, field by field in this order. */
@unmanaged
class WordsGradientJob {
  first: i32; // of the different words of the shard
  count: i32; // of the shard
  inputs: i32;
  columns: i32; // of all gates
  inputColumns: i32; // of those that weigh the inputs, which come first
  parts: i32; // how many shards the backward pass had
  met: usize; // [parts] addresses of u8 [different words]: whether the part has the word
  dFolded: usize; // [parts] addresses of [different words, columns]; the first one is added up to
  dTables: usize; // [parts] addresses of [different words, inputs]; or 0
  table: usize; // [different words, inputs]
  transposedInputs: usize; // packed [inputColumns] → [inputs, padded to 8], with dTable
  scale: f32; // of the table
  rows: usize; // i32 [different words]: their rows in dTable
  products: usize; // scratch [64][inputs, padded to 8]
  padded: usize; // scratch [64][paddedInputs]
  copy: usize; // scratch [64][16]
  dPanels: usize; // out: packed gradient of the kernel, [inputColumns/8][paddedInputs][8]
  dBias: usize; // out: packed, [columns]
  dTable: usize; // in and out: the rows of these words, [vocabulary, inputs]; or 0
}

/** Adds up the parts of the words of a shard, and what follows from them. */
export function recurrentWordsGradient(pointer: usize): void {
  const job = changetype<WordsGradientJob>(pointer);
  const columns = job.columns, depth = roundUp4(job.inputs), row = <usize>columns << 2;
  memory.fill(job.dPanels, 0, <usize>(job.inputColumns * depth) << 2);
  memory.fill(job.dBias, 0, row);
  for (let word = job.first, end = word + job.count; word < end; word += WORDS) {
    const words = min(WORDS, end - word), from = <usize>word * row;
    const d = load<usize>(job.dFolded) + from;
    for (let i = 0; i < words; i++) addParts(job, word + i, columns);
    accumulateColumns(words, columns, d, row, job.dBias);
    accumulateOuter(words, job.inputColumns, depth, paddedTable(job, word, words), <usize>depth << 2, d, row, job.dPanels, <usize>depth << 5, job.copy);
    if (job.dTable) writeTable(job, word, words, d);
  }
}

// @ts-ignore: decorator
@inline
function has(job: WordsGradientJob, part: i32, word: i32): bool {
  return load<u8>(load<usize>(job.met + (<usize>part << 2)) + word) != 0;
}

/** D of a word from all parts, in the first one. */
function addParts(job: WordsGradientJob, word: i32, columns: i32): void {
  const at = <usize>(word * columns) << 2, sum = load<usize>(job.dFolded) + at;
  let begun = has(job, 0, word);
  for (let part = 1; part < job.parts; part++) {
    if (!has(job, part, word)) continue;
    const from = load<usize>(job.dFolded + (<usize>part << 2)) + at;
    if (begun) addFloats(sum, from, columns);
    else copyFloats(sum, from, columns);
    begun = true;
  }
}

/** Rows of the table whose width is a multiple of four. */
function paddedTable(job: WordsGradientJob, word: i32, words: i32): usize {
  const inputs = <usize>job.inputs, depth = <usize>roundUp4(job.inputs);
  const from = job.table + ((<usize>word * inputs) << 2);
  if (inputs == depth) return from;
  memory.fill(job.padded, 0, (<usize>words * depth) << 2);
  for (let i: usize = 0; i < <usize>words; i++) {
    memory.copy(job.padded + ((i * depth) << 2), from + ((i * inputs) << 2), inputs << 2);
  }
  return job.padded;
}

function writeTable(job: WordsGradientJob, word: i32, words: i32, d: usize): void {
  const inputs = job.inputs, wide = (inputs + 7) & ~7, weighed = job.inputColumns;
  const bytes = <usize>inputs << 2, wideBytes = <usize>wide << 2;
  multiply(words, wide, weighed, d, <usize>job.columns << 2, job.transposedInputs, <usize>weighed << 5, 0, 0, job.products, wideBytes);
  let sum = job.products;
  for (let i = word; i < word + words; i++) {
    for (let part = 0; job.dTables && part < job.parts; part++) {
      if (has(job, part, i)) addFloats(sum, load<usize>(job.dTables + (<usize>part << 2)) + <usize>i * bytes, inputs);
    }
    const to = job.dTable + <usize>load<i32>(job.rows + (<usize>i << 2)) * bytes;
    // The other direction of a layer may have been here before.
    for (let k: usize = 0; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(sum + k) * job.scale);
    sum += wideBytes;
  }
}

/** Filled in by src/kernels/recurrent/words-backward.ts, field by field in this order. */
@unmanaged
class WordsSumsJob {
  cell: i32; // its number in cells.ts
  inputs: i32;
  units: i32;
  parts: i32; // how many shards the backward pass had
  ranges: i32; // how many shards the words had
  recurrentPanels: usize; // [parts] addresses of packed gradients of the recurrent kernel
  dropped: usize; // [parts] addresses of [inputs, columns]: what dropped inputs take away; or 0
  panels: usize; // [ranges] addresses of packed gradients of the kernel
  biases: usize; // [ranges] addresses of packed gradients of the bias
  dRecurrentKernel: usize; // out: [units, blocks·units], or 0
  dKernel: usize; // out: [inputs, blocks·units]
  dBias: usize; // out; or 0
  dVectors: usize; // out: [vectors, units], or 0
}

/** Adds up what the shards of both kernels have summed, each in the first one, and unpacks it. */
export function wordsSums<C>(pointer: usize): void {
  const job = changetype<WordsSumsJob>(pointer);
  const inputs = job.inputs, units = job.units, columns = gateColumns<C>(units);
  const depth = roundUp4(inputs), stateDepth = panelDepth<C>(0, units);
  const weighed = inputColumns<C>(units) + jointColumns<C>(units);
  const recurrent = addAll(job.recurrentPanels, job.parts, columns * stateDepth);
  const panels = addAll(job.panels, job.ranges, weighed * depth);
  for (let part = 0; job.dropped && part < job.parts; part++) {
    addToPanels(inputs, weighed, columns, depth, load<usize>(job.dropped + (<usize>part << 2)), panels);
  }
  if (job.dRecurrentKernel) unpackRecurrent<C>(stateDepth, units, recurrent, job.dRecurrentKernel);
  unpackKernel<C>(inputs, depth, units, panels, job.dKernel);
  const bias = addAll(job.biases, job.ranges, columns);
  if (job.dBias) unpackBias<C>(units, bias, job.dBias);
  if (job.dVectors) unpackVectors<C>(units, bias, job.dVectors);
}

/** The first of `parts` addresses, to whose values those of the others are added. */
function addAll(addresses: usize, parts: i32, count: i32): usize {
  const first = load<usize>(addresses);
  for (let part = 1; part < parts; part++) addFloats(first, load<usize>(addresses + (<usize>part << 2)), count);
  return first;
}

/** panels[weighed/8][depth][8] += the first columns of rows[inputs, columns] */
function addToPanels(inputs: i32, weighed: i32, columns: i32, depth: i32, rows: usize, panels: usize): void {
  for (let column = 0; column < weighed; column += 8) {
    let from = rows + (<usize>column << 2), to = panels + (<usize>(column * depth) << 2);
    for (let k = 0; k < inputs; k++) {
      const a = f32x4.add(v128.load(to), v128.load(from)), b = f32x4.add(v128.load(to, 16), v128.load(from, 16));
      v128.store(to, a); v128.store(to, b, 16);
      from += <usize>columns << 2;
      to += 32;
    }
  }
}
