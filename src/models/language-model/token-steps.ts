/** A language model one token at a time, its weights read once. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { weightsOfCell } from '../../layers/recurrent/run-cell.js';
import type { StepModel } from '../decoding/step-model.js';
import { type CellPart, chainOf, type DensePart } from './chain.js';
import {
  type Activation,
  addProduct,
  type PlainCell,
  plainActivation,
  plainCell,
} from './plain-cells.js';

/** The states of all recurrent layers, row after row: h, and c of an LSTM, in the order of the layers. */
export type TokenState = Float64Array;

/** A language model one step at a time. Its states are plain numbers, and need no releasing. */
export interface TokenSteps extends StepModel<TokenState> {
  /** Numbers of a row's states. */
  readonly stateSize: number;
  /** Tokens that it takes; {@link StepModel.vocabularySize} are those that it gives. */
  readonly inputs: number;
}

/**
 * Reads the weights of a model, as they are now, for steps on plain numbers.
 *
 * @throws RecurrentError where the model does not write token after token, as {@link chainOf} says.
 */
export async function tokenSteps(where: string, model: tfl.LayersModel): Promise<TokenSteps> {
  const { embedding, parts, inputs, outputs } = chainOf(where, model);
  const table = embedding ? await kernelOf(embedding.getWeights()[0]!) : null;
  const read: ReadPart[] = [];
  for (const part of parts) {
    read.push(part.kind === 'cell' ? await readCell(where, part) : await readDense(part));
  }
  const stateSize = read.reduce((sum, part) => sum + (part.cell?.stateSize ?? 0), 0);
  const rowOf = rowSteps(table, read, inputs);
  return {
    vocabularySize: outputs,
    inputs,
    stateSize,
    step(tokens, given) {
      const state = given.slice();
      const logProbabilities = new Float32Array(tokens.length * outputs);
      for (let row = 0; row < tokens.length; row++) {
        rowOf(tokens[row]!, state, row * stateSize, logProbabilities, row * outputs);
      }
      return { logProbabilities, state };
    },
    select(state, rows) {
      const selected = new Float64Array(rows.length * stateSize);
      rows.forEach((row, to) => {
        selected.set(state.subarray(row * stateSize, (row + 1) * stateSize), to * stateSize);
      });
      return selected;
    },
    dispose: () => {},
  };
}

/** A matrix in double precision, its rows one behind the other. */
interface Kernel {
  values: Float64Array;
  rows: number;
  columns: number;
}

/** A part of the model with its weights: x·W + b, and what becomes of it. */
interface ReadPart {
  kernel: Kernel;
  bias: Float64Array | undefined;
  /** Of a recurrent layer. */
  cell?: PlainCell;
  /** Of a dense layer; undefined for softmax. */
  activation?: Activation | undefined;
}

async function numbersOf(tensor: tf.Tensor): Promise<Float64Array> {
  return Float64Array.from(await tensor.data());
}

async function kernelOf(tensor: tf.Tensor): Promise<Kernel> {
  const [rows, columns] = tensor.shape as [number, number];
  return { values: await numbersOf(tensor), rows, columns };
}

async function readCell(where: string, { stock, known }: CellPart): Promise<ReadPart> {
  const weights = weightsOfCell(stock);
  const bias = weights.bias && (await numbersOf(weights.bias));
  const width = known.cell.blocks * stock.units;
  const hasTwo = bias !== undefined && bias.length === 2 * width; // of a GRU with resetAfter
  const cell = plainCell(where, stock, known, {
    recurrentKernel: await numbersOf(weights.recurrentKernel!),
    inputBias: hasTwo ? bias.subarray(0, width) : bias,
    stateBias: hasTwo ? bias.subarray(width) : undefined,
  });
  return { kernel: await kernelOf(weights.kernel), bias: cell.inputBias, cell };
}

async function readDense({ layer, activation }: DensePart): Promise<ReadPart> {
  const [kernel, bias] = layer.getWeights();
  return {
    kernel: await kernelOf(kernel!),
    bias: bias && (await numbersOf(bias)),
    activation: plainActivation(activation),
  };
}

/** One row through all parts: changes its states, and writes its log-probabilities. */
type RowStep = (
  token: number,
  state: Float64Array,
  at: number,
  logProbabilities: Float32Array,
  to: number,
) => void;

function rowSteps(table: Kernel | null, parts: readonly ReadPart[], tokens: number): RowStep {
  const sums = parts.map(({ kernel }) => new Float64Array(kernel.columns));
  // The first sums depend on the token alone: they are kept, as the fused kernels keep them.
  const folded: (Float64Array | undefined)[] = new Array(tokens);
  const firstSums = (token: number) => {
    folded[token] ??= foldToken(table, parts[0]!, token);
    return folded[token];
  };
  return (token, state, at, logProbabilities, to) => {
    let x = state; // what the next part takes
    let from = at;
    let own = at; // where the states of the next recurrent layer begin
    for (let i = 0; i < parts.length; i++) {
      const { kernel, bias, cell, activation } = parts[i]!;
      const z = sums[i]!;
      if (i === 0) {
        z.set(firstSums(token));
      } else {
        if (bias) z.set(bias);
        else z.fill(0);
        addProduct(z, 0, kernel.columns, x, from, kernel.rows, kernel.values, kernel.columns, 0);
      }
      if (cell) {
        cell.step(z, state, own);
        x = state;
        from = own;
        own += cell.stateSize;
      } else if (activation) {
        for (let j = 0; j < z.length; j++) z[j] = activation(z[j]!);
        x = z;
        from = 0;
      } else {
        writeLogSoftmax(z, logProbabilities, to);
      }
    }
  };
}

/** x·W + b of a token: of its row of the table, or of ones and zeros. */
function foldToken(table: Kernel | null, { kernel, bias }: ReadPart, token: number): Float64Array {
  const { values, rows, columns } = kernel;
  const folded = bias ? bias.slice() : new Float64Array(columns);
  if (table) {
    addProduct(folded, 0, columns, table.values, token * rows, rows, values, columns, 0);
  } else {
    for (let j = 0; j < columns; j++) folded[j]! += values[token * columns + j]!;
  }
  return folded;
}

function writeLogSoftmax(z: Float64Array, logProbabilities: Float32Array, to: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < z.length; j++) if (z[j]! > most) most = z[j]!;
  let sum = 0;
  for (let j = 0; j < z.length; j++) sum += Math.exp(z[j]! - most);
  const shift = most + Math.log(sum);
  for (let j = 0; j < z.length; j++) logProbabilities[to + j] = z[j]! - shift;
}
