/** A cell over a whole sequence: by its kernel where there is one for its settings, else by its twin. */
import type { tf } from '../../foundation/tensorflow.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import type { Cell, CellActivations } from '../../kernels/recurrent/cell.js';
import { composed } from '../../kernels/recurrent/composed.js';
import type {
  RecurrentInputs,
  RecurrentOutputs,
  RecurrentSettings,
} from '../../kernels/recurrent/inputs.js';
import { recurrent } from '../../kernels/recurrent/recurrent.js';
import { type KernelOption, useFused } from '../kernel-option.js';
import type { StockCell } from '../stock.js';

/** A cell as the kernels know it, and its setting there or why there is none. */
export interface KnownCell {
  cell: Cell;
  setting: number | string;
}

/** Why the kernel of a cell cannot compute a call, or null. */
export function cellObstacle({ setting }: KnownCell): string | null {
  return fusedObstacle() ?? (typeof setting === 'string' ? setting : null);
}

/** The weights of a cell of tf.layers by the names of the kernels. */
export function weightsOfCell({ kernel, recurrentKernel, bias, vectors }: StockCell) {
  return {
    kernel: kernel.read() as tf.Variable<tf.Rank.R2>,
    ...(recurrentKernel && { recurrentKernel: recurrentKernel.read() as tf.Variable<tf.Rank.R2> }),
    ...(bias && { bias: bias.read() as tf.Variable }),
    ...(vectors && { vectors: vectors.read() as tf.Variable<tf.Rank.R2> }),
  };
}

/** What the twin of a cell computes with. */
export function activationsOf(stock: StockCell): CellActivations {
  return {
    activation: (z) => stock.activation.apply(z),
    recurrentActivation: (z) => stock.recurrentActivation!.apply(z),
  };
}

/** Runs it, as `kernel` asks for. */
export function runCell(
  where: string,
  kernel: KernelOption,
  stock: StockCell,
  known: KnownCell,
  inputs: RecurrentInputs,
  settings: Omit<RecurrentSettings, 'setting'>,
): RecurrentOutputs {
  const obstacle = inputs.x.size === 0 ? 'the input is empty' : cellObstacle(known);
  if (useFused(where, kernel, obstacle)) {
    return recurrent(known.cell, inputs, { ...settings, setting: known.setting as number });
  }
  return composed(known.cell, inputs, { ...settings, ...activationsOf(stock) });
}
