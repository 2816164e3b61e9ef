/**
 * Cells whose activations the kernels do not have, step by step as their twins compute them on the cpu
 * backend of TensorFlow.js, to the bit: each operation rounds to 32 bits.
 */
import {
  GRU_FACTS,
  GRU_RESET_AFTER_FACTS,
  LSTM_FACTS,
  PEEPHOLE_LSTM_FACTS,
} from '../../kernels/recurrent/cells/facts.js';
import type { CellFacts } from '../../kernels/recurrent/cell.js';
import type { Mask, Run, Tensor } from '../run.js';
import type { InPlace } from './activations.js';
import { matrixProduct } from './matrix-product.js';

const { fround } = Math;

/** The activations of a cell. */
export interface CellFunctions {
  activation: InPlace;
  recurrentActivation: InPlace;
}

/** What a cell reads, by the names of the kernels. */
export interface ComposedInputs {
  x: Tensor;
  kernel: Tensor;
  recurrentKernel: Tensor;
  bias?: Tensor | undefined;
  vectors?: Tensor | undefined;
  initialH?: Tensor | undefined;
  initialC?: Tensor | undefined;
}

/** How a sequence is read. */
interface Reading {
  goBackwards: boolean;
  returnSequences: boolean;
}

type Floats = Float32Array;
/** From sums of the inputs [rows, blocks · units] and the states to the next states, [rows, units] each. */
type Step = (z: Floats, states: readonly Floats[]) => Floats[];

/**
 * Runs a cell over a sequence.
 *
 * @param mask Of the steps; where it is 0, the states stay.
 * @returns The last states, and behind them the sequence where it is asked for, as the kernels give them.
 */
export function runComposed(
  run: Run,
  facts: CellFacts,
  inputs: ComposedInputs,
  functions: CellFunctions,
  mask: Mask | null,
  { goBackwards, returnSequences }: Reading,
): Tensor[] {
  const [rows, time, width] = inputs.x.shape as [number, number, number];
  const columns = inputs.kernel.shape[1]!;
  const units = columns / facts.blocks;
  const floats = (tensor: Tensor | undefined) => tensor && (run.values(tensor).slice() as Floats);
  const bias = floats(inputs.bias);
  const projected = matrixProduct(floats(inputs.x)!, width, floats(inputs.kernel)!, columns);
  if (bias) addBias(projected, bias.subarray(0, columns));
  const step = stepOf(facts, units, functions, {
    recurrentKernel: floats(inputs.recurrentKernel)!,
    stateBias: bias?.subarray(columns),
    vectors: floats(inputs.vectors),
  });
  let states = [inputs.initialH, inputs.initialC]
    .slice(0, facts.states)
    .map((state) => floats(state) ?? new Float32Array(rows * units));
  const sequence = new Float32Array(returnSequences ? rows * time * units : 0);
  for (let i = 0; i < time; i++) {
    const at = goBackwards ? time - 1 - i : i;
    const z = rowsAt(projected, rows, time, at, columns);
    const next = step(z, states);
    states = mask ? next.map((state, k) => kept(state, states[k]!, mask, at)) : next;
    for (let row = 0; row < rows && returnSequences; row++) {
      const h = states[0]!.subarray(row * units, (row + 1) * units);
      sequence.set(h, (row * time + i) * units);
    }
  }
  const last = states.map((state) => run.tensor(state, [rows, units]));
  return returnSequences ? [...last, run.tensor(sequence, [rows, time, units])] : last;
}

/** What a step computes with besides its inputs. */
interface StateWeights {
  recurrentKernel: Floats;
  /** Of a GRU whose reset gate acts on the product, where it has biases. */
  stateBias: Floats | undefined;
  vectors: Floats | undefined;
}

function stepOf(
  facts: CellFacts,
  units: number,
  { activation: f, recurrentActivation: gate }: CellFunctions,
  { recurrentKernel, stateBias, vectors }: StateWeights,
): Step {
  const columns = facts.blocks * units;
  const ofState = (h: Floats, from = 0, to = columns) =>
    matrixProduct(h, units, recurrentKernel, columns, from, to);
  const block = (z: Floats, first: number, count = 1) =>
    columnsOf(z, columns, first * units, count * units);
  if (facts === LSTM_FACTS || facts === PEEPHOLE_LSTM_FACTS) {
    const seen = (i: number, sum: Floats, cell: Floats) =>
      vectors
        ? each(sum, (k) => sum[k]! + fround(vectors[i * units + (k % units)]! * cell[k]!))
        : sum;
    return (x, [h, c]) => {
      const product = ofState(h!);
      const z = each(x, (k) => x[k]! + product[k]!);
      const kept = gate(seen(1, block(z, 1), c!), units);
      const written = gate(seen(0, block(z, 0), c!), units);
      const candidate = f(block(z, 2), units);
      const next = each(c!, (k) => fround(kept[k]! * c![k]!) + fround(written[k]! * candidate[k]!));
      const shown = gate(seen(2, block(z, 3), next), units);
      const told = f(next.slice(), units);
      return [each(next, (k) => shown[k]! * told[k]!), next];
    };
  }
  if (facts === GRU_FACTS || facts === GRU_RESET_AFTER_FACTS) {
    const isAfter = facts === GRU_RESET_AFTER_FACTS;
    return (x, [h]) => {
      const product = ofState(h!, 0, isAfter ? columns : 2 * units);
      if (stateBias && isAfter) addBias(product, stateBias);
      const forGates = isAfter ? block(product, 0, 2) : product;
      const ofX = block(x, 0, 2);
      const gates = gate(
        each(ofX, (k) => ofX[k]! + forGates[k]!),
        2 * units,
      );
      const update = columnsOf(gates, 2 * units, 0, units);
      const reset = columnsOf(gates, 2 * units, units, units);
      const before = isAfter
        ? block(product, 2)
        : ofState(
            each(h!, (k) => reset[k]! * h![k]!),
            2 * units,
          );
      const ofCandidate = block(x, 2);
      const candidate = f(
        each(ofCandidate, (k) => {
          return ofCandidate[k]! + (isAfter ? fround(reset[k]! * before[k]!) : before[k]!);
        }),
        units,
      );
      return [
        each(h!, (k) => {
          return fround(update[k]! * h![k]!) + fround(fround(1 - update[k]!) * candidate[k]!);
        }),
      ];
    };
  }
  return (x, [h]) => {
    const product = ofState(h!);
    return [
      f(
        each(x, (k) => x[k]! + product[k]!),
        units,
      ),
    ];
  };
}

/** As many values as another array has, rounded to 32 bits. */
function each({ length }: Floats, value: (k: number) => number): Floats {
  const values = new Float32Array(length);
  for (let k = 0; k < length; k++) values[k] = value(k);
  return values;
}

function addBias(sums: Floats, bias: Floats): void {
  for (let k = 0; k < sums.length; k++) sums[k]! += bias[k % bias.length]!;
}

/** `count` columns from one on, of rows of `width`. */
function columnsOf(z: Floats, width: number, from: number, count: number): Floats {
  const taken = new Float32Array((z.length / width) * count);
  for (let row = 0; row * count < taken.length; row++) {
    taken.set(z.subarray(row * width + from, row * width + from + count), row * count);
  }
  return taken;
}

/** One step of [rows, time, width]. */
function rowsAt(z: Floats, rows: number, time: number, at: number, width: number): Floats {
  const taken = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = (row * time + at) * width;
    taken.set(z.subarray(from, from + width), row * width);
  }
  return taken;
}

/** The new state where a step counts, the old one elsewhere. */
function kept(next: Floats, before: Floats, { values, shape }: Mask, at: number): Floats {
  const [rows, time] = shape as [number, number];
  const units = next.length / rows;
  return each(next, (k) => {
    const counts = values[Math.floor(k / units) * time + at] === 1;
    return counts ? next[k]! : before[k]!;
  });
}
