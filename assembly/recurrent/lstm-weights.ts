// The weights of an LSTM as its kernels read them: gates interleaved by eight units
// (i f g o), the last four by four, columns in panels of eight, the factors of sigmoid and tanh
// folded in.
// Rows are inputs, padded to 4, then units, padded to 4.
import { SIGMOID_SCALE, TANH_SCALE } from '../arithmetic/activations';
import { roundUp4 } from '../arithmetic/simd';

// @ts-ignore: decorator
@inline
export function gateColumns(units: i32): i32 {
  return roundUp4(units) << 2;
}

// @ts-ignore: decorator
@inline
export function gateStride(units: i32): usize {
  return <usize>(gateColumns(units) + 8) << 2;
}

// @ts-ignore: decorator
@inline
export function xhStride(inputs: i32, units: i32): usize {
  return <usize>(roundUp4(inputs) + roundUp4(units) + 4) << 2;
}

/**
 * Packs Keras' kernel [inputs, 4·units], recurrent kernel [units, 4·units] and
 * bias [4·units] (or 0) into panels of the interleaved gate columns.
 */
export function lstmPack(
  inputs: i32, units: i32, hardSigmoid: i32,
  kernel: usize, recurrent: usize, bias: usize, panels: usize, packedBias: usize,
): void {
  const columns = gateColumns(units);
  const paddedInputs = roundUp4(inputs);
  const depth = paddedInputs + roundUp4(units);
  memory.fill(panels, 0, <usize>(columns * depth) << 2);
  memory.fill(packedBias, 0, <usize>columns << 2);
  for (let gate = 0; gate < 4; gate++) {
    const scale = gateScale(gate, hardSigmoid);
    const shift: f32 = gate != 2 && hardSigmoid ? <f32>0.5 : <f32>0;
    for (let unit = 0; unit < units; unit++) {
      const column = gateColumn(units, gate, unit);
      const source = <usize>(gate * units + unit) << 2;
      const rowBytes = <usize>units << 4;
      const to = panelColumn(panels, depth, column);
      copyStrided(to, 32, kernel + source, rowBytes, inputs, scale);
      copyStrided(to + (<usize>paddedInputs << 5), 32, recurrent + source, rowBytes, units, scale);
      const b: f32 = bias ? load<f32>(bias + source) : 0;
      store<f32>(packedBias + (<usize>column << 2), b * scale + shift);
    }
  }
}

/** What the functions of the gates expect to be folded into the weights. */
// @ts-ignore: decorator
@inline
function gateScale(gate: i32, hardSigmoid: i32): f32 {
  return gate == 2 ? TANH_SCALE : hardSigmoid ? <f32>0.2 : SIGMOID_SCALE;
}

/** Where four interleaved gates put a unit. */
// @ts-ignore: decorator
@inline
export function gateColumn(units: i32, gate: i32, unit: i32): i32 {
  const together = unit < (roundUp4(units) & ~7) ? 8 : 4, within = unit & (together - 1);
  return ((unit - within) << 2) + gate * together + within;
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

/**
 * Packs rows of weights [rows, 4·units] transposed and unscaled, from column `first` of panels
 * [4·paddedUnits] → [x | h] that are zero so far.
 */
export function lstmPackTransposed(
  rows: i32, units: i32, weights: usize, first: i32, panels: usize,
): void {
  const depth = gateColumns(units);
  for (let k = 0; k < rows; k++) {
    const to = panelColumn(panels, depth, first + k);
    for (let gate = 0; gate < 4; gate++) {
      for (let unit = 0; unit < units; unit++) {
        store<f32>(to + (<usize>gateColumn(units, gate, unit) << 5), load<f32>(weights));
        weights += 4;
      }
    }
  }
}

/** to[rows, 4·paddedUnits] = weights [rows, 4·units], scaled as the packed ones if `scaled`. */
export function lstmInterleave(
  rows: i32, units: i32, hardSigmoid: i32, scaled: i32, weights: usize, to: usize,
): void {
  const rowBytes = <usize>gateColumns(units) << 2;
  memory.fill(to, 0, <usize>rows * rowBytes);
  for (let k = 0; k < rows; k++) {
    for (let gate = 0; gate < 4; gate++) {
      const scale: f32 = scaled ? gateScale(gate, hardSigmoid) : 1;
      for (let unit = 0; unit < units; unit++) {
        store<f32>(to + (<usize>gateColumn(units, gate, unit) << 2), load<f32>(weights) * scale);
        weights += 4;
      }
    }
    to += rowBytes;
  }
}

// @ts-ignore: decorator
@inline
export function outColumns(inputs: i32, units: i32): i32 {
  return (roundUp4(inputs) + roundUp4(units) + 7) & ~7;
}

/** to[rows, 4·units] = rows of packed gradients, which have `depth` rows in all. */
export function lstmUnpack(rows: i32, depth: i32, units: i32, panels: usize, to: usize): void {
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < units; unit++) {
      const from = panelColumn(panels, depth, gateColumn(units, gate, unit));
      copyStrided(to + (<usize>(gate * units + unit) << 2), <usize>units << 4, from, 32, rows, 1);
    }
  }
}

/** to[4·units] = packed gradient of the bias. */
export function lstmUnpackBias(units: i32, packed: usize, to: usize): void {
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < units; unit++) {
      store<f32>(to + (<usize>(gate * units + unit) << 2), load<f32>(packed + (<usize>gateColumn(units, gate, unit) << 2)));
    }
  }
}
