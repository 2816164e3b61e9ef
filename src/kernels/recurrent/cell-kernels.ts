/** Kernels that every cell has its own of: their names, and their registration when first needed. */
import type { Cell } from './cell.js';

/** The names of a cell's kernels in a family: `RecurrentLstm` and `RecurrentLstmGradient`. */
export function cellKernels(family: string) {
  const forwardName = ({ name }: Cell) => `${family}${name[0]!.toUpperCase()}${name.slice(1)}`;
  return { forwardName, backwardName: (cell: Cell) => `${forwardName(cell)}Gradient` };
}

/**
 * Registers what a cell needs, once for each.
 *
 * @param registration Makes what registers the kernels of a cell.
 */
export function registeringCells(registration: (cell: Cell) => () => void): (cell: Cell) => void {
  const known = new Map<Cell, () => void>();
  return (cell) => {
    const register = known.get(cell) ?? registration(cell);
    known.set(cell, register);
    register();
  };
}

/** Whether h of the step before is multiplied with a kernel. */
export function hasRecurrentKernel({ gates: { joint, state } }: Cell): boolean {
  return joint + state > 0;
}
