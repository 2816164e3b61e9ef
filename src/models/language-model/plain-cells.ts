/**
 * One step of a cell on plain numbers. For a single row this costs less than to hand tensors to a kernel
 * and to take its result back; sums are kept in double precision. The cells are those of
 * src/kernels/recurrent/cells, by the formulas of Keras.
 */
import { reject } from '../../foundation/errors.js';
import type { KnownCell } from '../../layers/recurrent/run-cell.js';
import type { StockCell } from '../../layers/stock.js';

/** A function of one number. */
export type Activation = (x: number) => number;

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  hardSigmoid: (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
  tanh: Math.tanh,
};

/** An activation of TensorFlow.js by its name; undefined for one that is not known here. */
export const plainActivation = (name: string): Activation | undefined =>
  Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;

/** The weights of a cell, in double precision. */
export interface PlainWeights {
  recurrentKernel: Float64Array; // [units, blocks·units]
  /** What is added to x·W: the bias, or that of the inputs where the state has one, too. */
  inputBias: Float64Array | undefined; // [blocks·units]
  stateBias: Float64Array | undefined; // [3·units], of a GRU with resetAfter
}

/** A cell that takes x·W and its states one step on. */
export interface PlainCell {
  readonly units: number;
  /** Columns of the kernel: blocks·units. */
  readonly width: number;
  /** Numbers of all its states: h, and behind it c of an LSTM. */
  readonly stateSize: number;
  readonly inputBias: Float64Array | undefined;
  /**
   * @param sums x·W + b [width]; left with other numbers in it.
   * @param state The states of all rows and layers, of which its own begin at `at`. They are changed.
   */
  step(sums: Float64Array, state: Float64Array, at: number): void;
}

/**
 * The cell of a recurrent layer.
 *
 * @throws RecurrentError for an activation that is not known here.
 */
export function plainCell(
  where: string,
  stock: StockCell,
  { cell }: KnownCell,
  weights: PlainWeights,
): PlainCell {
  const { units } = stock;
  const activation = activationOf(where, 'activation', stock.activation.getClassName());
  const gate = stock.recurrentActivation
    ? activationOf(where, 'recurrentActivation', stock.recurrentActivation.getClassName())
    : activation;
  const { recurrentKernel, inputBias, stateBias } = weights;
  const common = { units, width: cell.blocks * units, stateSize: cell.states * units, inputBias };
  switch (cell.name) {
    case 'lstm':
      return { ...common, step: lstmStep(units, recurrentKernel, activation, gate) };
    case 'gru':
      return { ...common, step: gruStep(units, recurrentKernel, activation, gate) };
    case 'gruResetAfter': {
      const bias = stateBias ?? new Float64Array(3 * units);
      return { ...common, step: resetAfterStep(units, recurrentKernel, bias, activation, gate) };
    }
    case 'simpleRnn':
      return { ...common, step: simpleStep(units, recurrentKernel, activation) };
    default:
      return reject({ where, expected: `there is no step for the cell ${cell.name}` });
  }
}

function activationOf(where: string, option: string, name: string): Activation {
  const known = plainActivation(name);
  if (known) return known;
  return reject({
    where,
    expected: `the ${option} of a recurrent layer must be ${Object.keys(ACTIVATIONS).join(', ')}`,
    received: name,
  });
}

type Step = PlainCell['step'];

function lstmStep(units: number, kernel: Float64Array, f: Activation, gate: Activation): Step {
  const width = 4 * units;
  return (z, state, at) => {
    addProduct(z, 0, width, state, at, units, kernel, width, 0);
    for (let u = 0; u < units; u++) {
      const c = gate(z[units + u]!) * state[at + units + u]! + gate(z[u]!) * f(z[2 * units + u]!);
      state[at + units + u] = c;
      state[at + u] = gate(z[3 * units + u]!) * f(c);
    }
  };
}

function gruStep(units: number, kernel: Float64Array, f: Activation, gate: Activation): Step {
  const reset = new Float64Array(units);
  return (z, state, at) => {
    addProduct(z, 0, 2 * units, state, at, units, kernel, 3 * units, 0);
    for (let u = 0; u < units; u++) reset[u] = gate(z[units + u]!) * state[at + u]!;
    addProduct(z, 2 * units, units, reset, 0, units, kernel, 3 * units, 2 * units);
    for (let u = 0; u < units; u++) {
      const update = gate(z[u]!);
      state[at + u] = update * state[at + u]! + (1 - update) * f(z[2 * units + u]!);
    }
  };
}

function resetAfterStep(
  units: number,
  kernel: Float64Array,
  bias: Float64Array,
  f: Activation,
  gate: Activation,
): Step {
  const ofState = new Float64Array(3 * units);
  return (z, state, at) => {
    ofState.set(bias);
    addProduct(ofState, 0, 3 * units, state, at, units, kernel, 3 * units, 0);
    for (let u = 0; u < units; u++) {
      const update = gate(z[u]! + ofState[u]!);
      const reset = gate(z[units + u]! + ofState[units + u]!);
      const candidate = f(z[2 * units + u]! + reset * ofState[2 * units + u]!);
      state[at + u] = update * state[at + u]! + (1 - update) * candidate;
    }
  };
}

function simpleStep(units: number, kernel: Float64Array, f: Activation): Step {
  return (z, state, at) => {
    addProduct(z, 0, units, state, at, units, kernel, units, 0);
    for (let u = 0; u < units; u++) state[at + u] = f(z[u]!);
  };
}

/**
 * Adds x·W to sums: `columns` of them from `to` on.
 *
 * @param x A vector of `count` numbers from `from` on.
 * @param kernel [count, width]; its columns are taken from `column` on.
 */
export function addProduct(
  sums: Float64Array,
  to: number,
  columns: number,
  x: Float64Array,
  from: number,
  count: number,
  kernel: Float64Array,
  width: number,
  column: number,
): void {
  let i = 0;
  // Four rows at a time: a sum is then loaded and stored once for four products.
  for (; i + 4 <= count; i += 4) {
    const x0 = x[from + i]!;
    const x1 = x[from + i + 1]!;
    const x2 = x[from + i + 2]!;
    const x3 = x[from + i + 3]!;
    let at = i * width + column;
    for (let j = to; j < to + columns; j++, at++) {
      sums[j] =
        sums[j]! +
        x0 * kernel[at]! +
        x1 * kernel[at + width]! +
        x2 * kernel[at + 2 * width]! +
        x3 * kernel[at + 3 * width]!;
    }
  }
  for (; i < count; i++) {
    const xi = x[from + i]!;
    let at = i * width + column;
    for (let j = to; j < to + columns; j++, at++) sums[j]! += xi * kernel[at]!;
  }
}
