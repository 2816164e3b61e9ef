/** What two layers, one in each direction, compute with and return. */
import type { tf } from '../../foundation/tensorflow.js';
import type { RecurrentInputs, RecurrentSettings } from './inputs.js';

/** How the two outputs are merged; null: not at all. */
export type MergeMode = 'concat' | 'sum' | 'ave' | 'mul' | null;

/** What a direction computes with besides the sequence and its mask. */
export type DirectionInputs = Omit<RecurrentInputs, 'x' | 'mask'>;

export interface BidirectionalInputs extends Pick<RecurrentInputs, 'x' | 'mask'> {
  /** Of the layer whose output is taken as it is, and of the other one. */
  directions: readonly [DirectionInputs, DirectionInputs];
}

export interface BidirectionalSettings {
  mergeMode: MergeMode;
  returnSequences: boolean;
  returnState: boolean;
  /** Whether masked steps of a sequence are zeros. */
  zeroMasked: boolean;
  directions: readonly [DirectionSettings, DirectionSettings];
}

export type DirectionSettings = Omit<RecurrentSettings, 'returnSequences'>;

export interface BidirectionalOutputs {
  /** What is merged; with mergeMode null two. Of a sequence [batch, time, …], the second one reversed. */
  merged: tf.Tensor[];
  /** With `returnState`: h and, where the cell has it, c [batch, units], of both directions. */
  states: tf.Tensor2D[];
}
