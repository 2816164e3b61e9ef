// The weights of a recurrent layer as its kernels read them: the columns of the gates in panels of
// eight, what the functions of the gates expect folded in. Rows are inputs, padded to 4, then units,
// padded, where the cell weighs h. Its vectors lie behind the packed bias.
import {
  dhStride, gateColumn, gateColumns, gateCount, inputColumns, jointColumns, panelDepth, the,
} from './cell';
import { roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/recurrent/weights.ts, field by field in this order; those below, too. */
@unmanaged
class PackJob {
  cell: i32; // its number in cells.ts
  inputs: i32;
  units: i32;
  setting: i32; // of the cell
  kernel: usize; // [inputs, blocks·units]
  recurrentKernel: usize; // [units, blocks·units]
  bias: usize; // [blocks·units] or [2, blocks·units], or 0
  vectors: usize; // [vectors, units]
  panels: usize; // out: [columns/8][depth][8]
  packedBias: usize; // out: [columns]
}

/** Packs the weights as Keras has them into panels of the columns of the gates. */
export function pack<C>(pointer: usize): void {
  const cell = the<C>(), job = changetype<PackJob>(pointer), inputs = job.inputs, units = job.units;
  const columns = gateColumns<C>(units), paddedInputs = roundUp4(inputs), depth = panelDepth<C>(inputs, units);
  const rowBytes = <usize>(cell.blocks * units) << 2;
  memory.fill(job.panels, 0, <usize>(columns * depth) << 2);
  memory.fill(job.packedBias, 0, <usize>columns << 2);
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    const scale = cell.scale(gate, job.setting), shift = cell.shift(gate, job.setting);
    const block = cell.kernelBlock(gate), recurrentBlock = cell.recurrentBlock(gate);
    for (let unit = 0; unit < units; unit++) {
      const column = gateColumn<C>(units, gate, unit), to = panelColumn(job.panels, depth, column);
      const at = <usize>(block * units + unit) << 2, recurrentAt = <usize>(recurrentBlock * units + unit) << 2;
      let b: f32 = 0;
      if (block >= 0) {
        copyStrided(to, 32, job.kernel + at, rowBytes, inputs, scale);
        if (job.bias) b = load<f32>(job.bias + at);
      }
      if (recurrentBlock >= 0) {
        copyStrided(to + (<usize>paddedInputs << 5), 32, job.recurrentKernel + recurrentAt, rowBytes, units, scale);
        if (cell.biases == 2 && job.bias) b += load<f32>(job.bias + rowBytes + recurrentAt);
      }
      store<f32>(job.packedBias + (<usize>column << 2), b * scale + shift);
    }
  }
  for (let vector = 0, from = job.vectors; vector < cell.vectors; vector++) {
    const gate = gateCount<C>() + vector, scale = cell.scale(gate, job.setting);
    for (let unit = 0; unit < units; unit++) {
      store<f32>(job.packedBias + (<usize>gateColumn<C>(units, gate, unit) << 2), load<f32>(from) * scale);
      from += 4;
    }
  }
}

/** The first row of a column in panels of eight columns. */
// @ts-ignore: decorator
@inline
function panelColumn(panels: usize, depth: i32, column: i32): usize {
  return panels + (<usize>((column >> 3) * depth * 8 + (column & 7)) << 2);
}

// @ts-ignore: decorator
@inline
function copyStrided(
  to: usize, toBytes: usize, from: usize, fromBytes: usize, count: i32, scale: f32,
): void {
  for (let i = 0; i < count; i++) {
    store<f32>(to, load<f32>(from) * scale);
    to += toBytes;
    from += fromBytes;
  }
}

@unmanaged
class TransposeJob {
  cell: i32; // its number in cells.ts
  inputs: i32;
  units: i32;
  kernel: usize; // [inputs, blocks·units]
  recurrentKernel: usize; // [units, blocks·units]
  inputPanels: usize; // out: [columns of x] → [inputs, padded to 8], or 0
  statePanels: usize; // out: [columns] → [units, padded to 8], or 0
}

/** Packs the weights transposed and unscaled, as a backward pass reads them. */
export function transpose<C>(pointer: usize): void {
  const job = changetype<TransposeJob>(pointer), inputs = job.inputs, units = job.units;
  const columns = gateColumns<C>(units), weighed = inputColumns<C>(units) + jointColumns<C>(units);
  if (job.inputPanels) memory.fill(job.inputPanels, 0, <usize>(weighed * ((inputs + 7) & ~7)) << 2);
  if (job.statePanels) memory.fill(job.statePanels, 0, <usize>columns * dhStride<C>(units));
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    const block = the<C>().kernelBlock(gate), recurrentBlock = the<C>().recurrentBlock(gate);
    if (job.inputPanels && block >= 0) {
      transposeBlock<C>(inputs, units, gate, block, job.kernel, weighed, job.inputPanels);
    }
    if (job.statePanels && recurrentBlock >= 0) {
      transposeBlock<C>(units, units, gate, recurrentBlock, job.recurrentKernel, columns, job.statePanels);
    }
  }
}

// @ts-ignore: decorator
@inline
function transposeBlock<C>(
  rows: i32, units: i32, gate: i32, block: i32, weights: usize, depth: i32, panels: usize,
): void {
  const rowBytes = <usize>(the<C>().blocks * units) << 2;
  for (let k = 0; k < rows; k++) {
    const to = panelColumn(panels, depth, k), from = weights + <usize>k * rowBytes + (<usize>(block * units) << 2);
    for (let unit = 0; unit < units; unit++) {
      store<f32>(to + (<usize>gateColumn<C>(units, gate, unit) << 5), load<f32>(from + (<usize>unit << 2)));
    }
  }
}

@unmanaged
class InterleaveJob {
  cell: i32; // its number in cells.ts
  inputs: i32;
  units: i32;
  setting: i32; // of the cell
  scaled: i32; // whether as the packed one
  kernel: usize; // [inputs, blocks·units]
  to: usize; // out: [inputs, columns]
}

/** The kernel with its columns in the order of the gates. */
export function interleave<C>(pointer: usize): void {
  const cell = the<C>(), job = changetype<InterleaveJob>(pointer), inputs = job.inputs, units = job.units;
  const row = <usize>gateColumns<C>(units) << 2, fromRow = <usize>(cell.blocks * units) << 2;
  memory.fill(job.to, 0, <usize>inputs * row);
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    const block = cell.kernelBlock(gate);
    if (block < 0) continue;
    const scale: f32 = job.scaled ? cell.scale(gate, job.setting) : 1;
    for (let unit = 0; unit < units; unit++) {
      const column = <usize>gateColumn<C>(units, gate, unit) << 2;
      copyStrided(job.to + column, row, job.kernel + (<usize>(block * units + unit) << 2), fromRow, inputs, scale);
    }
  }
}

@unmanaged
class UnpackJob {
  cell: i32; // its number in cells.ts
  inputs: i32;
  units: i32;
  panels: usize; // packed gradients of the weights
  packedBias: usize; // and of the bias
  dKernel: usize; // out: [inputs, blocks·units]
  dRecurrentKernel: usize; // out: [units, blocks·units], or 0
  dBias: usize; // out, or 0
  dVectors: usize; // out: [vectors, units], or 0
}

/** From gradients as a backward pass has summed them to those of the weights as Keras has them. */
export function unpack<C>(pointer: usize): void {
  const job = changetype<UnpackJob>(pointer), paddedInputs = roundUp4(job.inputs);
  const depth = panelDepth<C>(job.inputs, job.units);
  unpackKernel<C>(job.inputs, depth, job.units, job.panels, job.dKernel);
  if (job.dRecurrentKernel) {
    unpackRecurrent<C>(depth, job.units, job.panels + (<usize>paddedInputs << 5), job.dRecurrentKernel);
  }
  if (job.dBias) unpackBias<C>(job.units, job.packedBias, job.dBias);
  if (job.dVectors) unpackVectors<C>(job.units, job.packedBias, job.dVectors);
}

/** to[inputs, blocks·units] = rows of packed gradients, which have `depth` rows in all. */
export function unpackKernel<C>(inputs: i32, depth: i32, units: i32, panels: usize, to: usize): void {
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    unpackBlock<C>(inputs, depth, units, gate, the<C>().kernelBlock(gate), panels, to);
  }
}

/** The same for the recurrent kernel. */
export function unpackRecurrent<C>(depth: i32, units: i32, panels: usize, to: usize): void {
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    unpackBlock<C>(units, depth, units, gate, the<C>().recurrentBlock(gate), panels, to);
  }
}

// @ts-ignore: decorator
@inline
function unpackBlock<C>(
  rows: i32, depth: i32, units: i32, gate: i32, block: i32, panels: usize, to: usize,
): void {
  if (block < 0) return;
  const rowBytes = <usize>(the<C>().blocks * units) << 2;
  for (let unit = 0; unit < units; unit++) {
    const from = panelColumn(panels, depth, gateColumn<C>(units, gate, unit));
    copyStrided(to + (<usize>(block * units + unit) << 2), rowBytes, from, 32, rows, 1);
  }
}

/** to = packed gradient of the bias. */
export function unpackBias<C>(units: i32, packed: usize, to: usize): void {
  const cell = the<C>(), stateBias = to + (<usize>(cell.blocks * units) << 2);
  for (let gate = 0; gate < gateCount<C>(); gate++) {
    const block = cell.kernelBlock(gate), recurrentBlock = cell.recurrentBlock(gate);
    for (let unit = 0; unit < units; unit++) {
      const value = load<f32>(packed + (<usize>gateColumn<C>(units, gate, unit) << 2));
      if (block >= 0) store<f32>(to + (<usize>(block * units + unit) << 2), value);
      if (cell.biases == 2 && recurrentBlock >= 0) {
        store<f32>(stateBias + (<usize>(recurrentBlock * units + unit) << 2), value);
      }
    }
  }
}

/** to[vectors, units] = their gradients, packed behind that of the bias. */
export function unpackVectors<C>(units: i32, packed: usize, to: usize): void {
  for (let vector = 0; vector < the<C>().vectors; vector++) {
    for (let unit = 0; unit < units; unit++) {
      const column = gateColumn<C>(units, gateCount<C>() + vector, unit);
      store<f32>(to, load<f32>(packed + (<usize>column << 2)));
      to += 4;
    }
  }
}
