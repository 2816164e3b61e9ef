/** What a recurrent layer's cell is to the kernels: its facts, as in assembly/recurrent/cells, and its twin. */
import type { tf } from '../../foundation/tensorflow.js';

/** What the kernels know of a cell. What its members mean says assembly/recurrent/cell.ts. */
export interface CellFacts {
  /** As errors name it, and, with `Recurrent` before it, its kernels. */
  readonly name: string;
  /** As in assembly/recurrent/cells.ts. */
  readonly number: number;
  readonly multiple: 4 | 8;
  readonly states: 1 | 2;
  readonly gates: { readonly inputs: number; readonly joint: number; readonly state: number };
  readonly vectors: number;
  readonly blocks: number;
  readonly keepsGates: boolean;
  readonly direct: boolean;
  readonly late: boolean;
  /** Whether its kernel heeds `bounded`, h lying between -1 and 1. */
  readonly bounded: boolean;
}

/** A cell. */
export interface Cell extends CellFacts {
  /** The part of the bias that is added to x·W. */
  inputBias(bias: tf.Tensor): tf.Tensor;
  /** The twin of one step, in plain operations, for weights and activations that stay the same. */
  composed(weights: CellWeights, activations: CellActivations): ComposedStep;
}

export interface CellWeights {
  /** [units, blocks·units] */
  recurrentKernel?: tf.Tensor2D | undefined;
  bias?: tf.Tensor | undefined;
  /** [vectors, units] */
  vectors?: tf.Tensor2D | undefined;
  units: number;
}

export interface CellActivations {
  activation: (x: tf.Tensor) => tf.Tensor;
  recurrentActivation: (x: tf.Tensor) => tf.Tensor;
}

/** From x·W + b [batch, blocks·units] and the states [batch, units], h first, to the next states. */
export type ComposedStep = (x: tf.Tensor2D, states: readonly tf.Tensor2D[]) => tf.Tensor2D[];
