/** The twin of trace.ts in plain operations, for every backend and any activations. */
import { tf } from '../../foundation/tensorflow.js';
import type { Cell, CellActivations } from './cell.js';
import { composed } from './composed.js';
import type { RecurrentInputs } from './inputs.js';
import type { Traced } from './trace.js';

/** The trace of a layer, by the formulas of Keras' cells. */
export function traceComposed(
  cell: Cell,
  inputs: RecurrentInputs,
  settings: CellActivations & { goBackwards: boolean },
): Traced {
  const [batch, time] = inputs.x.shape;
  const units = inputs.kernel.shape[1] / cell.blocks;
  const { goBackwards } = settings;
  const sequence = composed(cell, inputs, { ...settings, returnSequences: true }).sequence!;
  // Its steps are in the order in which they were computed.
  const h = goBackwards ? tf.reverse(sequence, 1) : sequence; // [batch, time, units]
  const before = previousStates(h, inputs.initialH, goBackwards);
  const gates = gatesOf(cell, inputs, before, settings).map((gate) => {
    const shaped = tf.reshape(gate, [batch, time, units]);
    // Not a product with the mask: where a step is masked, its gates may be no numbers.
    const { mask } = inputs;
    return mask
      ? tf.where(tf.expandDims(tf.cast(mask, 'bool'), 2), shaped, tf.zerosLike(shaped))
      : shaped;
  });
  const values = gates.map((gate) => gate.dataSync() as Float32Array);
  return {
    gates: values,
    h: Float32Array.from(h.dataSync()),
    c: cell.states === 2 ? cellStates(values, inputs, [batch, time, units], goBackwards) : null,
  };
}

/** h before each step [batch, time, units]. */
function previousStates(
  h: tf.Tensor3D,
  initialH: tf.Tensor2D | undefined,
  goBackwards: boolean,
): tf.Tensor3D {
  const [batch, time, units] = h.shape;
  const first = tf.reshape(initialH ?? tf.zeros([batch, units]), [batch, 1, units]) as tf.Tensor3D;
  if (time === 1) return first;
  const rest = tf.slice(h, [0, goBackwards ? 1 : 0, 0], [batch, time - 1, units]);
  return tf.concat(goBackwards ? [rest, first] : [first, rest], 1);
}

/** The gates of all steps at once [batch·time, units], in the order of the kernel's. */
function gatesOf(
  cell: Cell,
  { x, kernel, recurrentKernel, bias }: RecurrentInputs,
  before: tf.Tensor3D,
  { activation, recurrentActivation }: CellActivations,
): tf.Tensor[] {
  const [batch, time, width] = x.shape;
  const units = before.shape[2];
  const rows = batch * time;
  const h = tf.reshape(before, [rows, units]) as tf.Tensor2D;
  const product = tf.matMul(tf.reshape(x, [rows, width]) as tf.Tensor2D, kernel);
  const ofInputs = bias ? tf.add(product, cell.inputBias(bias)) : product;
  const block = (values: tf.Tensor, first: number, count = 1): tf.Tensor2D =>
    tf.slice(values as tf.Tensor2D, [0, first * units], [-1, count * units]);
  switch (cell.name) {
    case 'lstm': {
      const z = tf.add(ofInputs, tf.matMul(h, recurrentKernel!));
      const gate = (n: number) => (n === 2 ? activation : recurrentActivation)(block(z, n));
      return [0, 1, 2, 3].map(gate);
    }
    case 'gru': {
      const ofGates = tf.add(block(ofInputs, 0, 2), tf.matMul(h, block(recurrentKernel!, 0, 2)));
      const [update, reset] = [0, 1].map((n) => recurrentActivation(block(ofGates, n)));
      const late = tf.matMul(tf.mul(reset!, h) as tf.Tensor2D, block(recurrentKernel!, 2));
      return [activation(tf.add(block(ofInputs, 2), late)), update!, reset!];
    }
    case 'gruResetAfter': {
      const ofState = tf.add(
        tf.matMul(h, recurrentKernel!),
        bias ? tf.slice(bias as tf.Tensor2D, [1, 0], [1, -1]) : 0,
      );
      const sums = tf.add(block(ofInputs, 0, 2), block(ofState, 0, 2));
      const [update, reset] = [0, 1].map((n) => recurrentActivation(block(sums, n)));
      const candidate = tf.add(block(ofInputs, 2), tf.mul(reset!, block(ofState, 2)));
      return [activation(candidate), update!, reset!];
    }
    default:
      return [];
  }
}

/** c' = f·c + i·g of every step; a masked one keeps c. */
function cellStates(
  [input, forget, candidate]: Float32Array[],
  { initialC, mask }: RecurrentInputs,
  [batch, time, units]: [number, number, number],
  goBackwards: boolean,
): Float32Array {
  const all = new Float32Array(batch * time * units);
  const isKept = mask?.dataSync();
  const first = initialC?.dataSync();
  for (let row = 0; row < batch; row++) {
    const c = first
      ? Float32Array.from(first.subarray(row * units, (row + 1) * units))
      : new Float32Array(units);
    for (let t = 0; t < time; t++) {
      const place = row * time + (goBackwards ? time - 1 - t : t);
      if (!isKept || isKept[place]) {
        for (let unit = 0; unit < units; unit++) {
          const at = place * units + unit;
          c[unit] = forget![at]! * c[unit]! + input![at]! * candidate![at]!;
        }
      }
      all.set(c, place * units);
    }
  }
  return all;
}
