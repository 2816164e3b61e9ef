// The weights of an LSTM as its kernels read them: gates interleaved by four units
// (i f g o), columns in panels of eight, the factors of sigmoid and tanh folded in.
// Rows are inputs, padded to 4, then units, padded to 4.
import { SIGMOID_SCALE, TANH_SCALE } from './activations';
import { roundUp4 } from './simd';

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
    const scale: f32 = gate == 2 ? TANH_SCALE : hardSigmoid ? <f32>0.2 : SIGMOID_SCALE;
    const shift: f32 = gate != 2 && hardSigmoid ? <f32>0.5 : <f32>0;
    for (let unit = 0; unit < units; unit++) {
      const column = gateColumn(gate, unit);
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

/** Where four interleaved gates put a unit. */
// @ts-ignore: decorator
@inline
function gateColumn(gate: i32, unit: i32): i32 {
  return ((unit & ~3) << 2) + (gate << 2) + (unit & 3);
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

/** Packs the same weights transposed and unscaled: panels of [4·paddedUnits] → [x | h]. */
export function lstmPackTransposed(
  inputs: i32, units: i32, kernel: usize, recurrent: usize, panels: usize,
): void {
  const depth = gateColumns(units);
  const paddedInputs = roundUp4(inputs);
  const columns = outColumns(inputs, units);
  memory.fill(panels, 0, <usize>(columns * depth) << 2);
  for (let k = 0; k < inputs + units; k++) {
    const isInput = k < inputs;
    const to = panelColumn(panels, depth, isInput ? k : paddedInputs + k - inputs);
    const from = isInput ? kernel + (<usize>(k * units) << 4) : recurrent + (<usize>((k - inputs) * units) << 4);
    for (let gate = 0; gate < 4; gate++) {
      for (let unit = 0; unit < units; unit++) {
        const row = <usize>gateColumn(gate, unit) << 5;
        store<f32>(to + row, load<f32>(from + (<usize>(gate * units + unit) << 2)));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function outColumns(inputs: i32, units: i32): i32 {
  return (roundUp4(inputs) + roundUp4(units) + 7) & ~7;
}

/** Unpacks the gradient of the packed weights into Keras' layout; `dBias` may be 0. */
export function lstmUnpackGradient(
  inputs: i32, units: i32, dPanels: usize, dPackedBias: usize,
  dKernel: usize, dRecurrent: usize, dBias: usize,
): void {
  const paddedInputs = roundUp4(inputs);
  const depth = paddedInputs + roundUp4(units);
  const rowBytes = <usize>units << 4;
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < units; unit++) {
      const column = gateColumn(gate, unit);
      const target = <usize>(gate * units + unit) << 2;
      const from = panelColumn(dPanels, depth, column);
      copyStrided(dKernel + target, rowBytes, from, 32, inputs, 1);
      copyStrided(dRecurrent + target, rowBytes, from + (<usize>paddedInputs << 5), 32, units, 1);
      if (dBias) store<f32>(dBias + target, load<f32>(dPackedBias + (<usize>column << 2)));
    }
  }
}
