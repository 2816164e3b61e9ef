/** The networks that are compared: one recurrent layer and one number, as Keras makes them. */
import { tensor1d } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { adam, type CellName, createManyToOne } from 'tfjs-recurrent';
import type { Settings } from './options.js';

/** A network by the name that charts give it. */
export interface Network {
  name: string;
  cell: CellName;
  /** Whether its forget gates begin as open as the length of the sequences asks for. */
  remembers: boolean;
}

export const NETWORKS: readonly Network[] = [
  { name: 'SimpleRNN', cell: 'simpleRNN', remembers: false },
  { name: 'GRU', cell: 'gru', remembers: false },
  { name: 'LSTM', cell: 'lstm', remembers: false },
  { name: 'LSTM, gates open', cell: 'lstm', remembers: true },
];

/** Makes a network for sequences of a length. */
export function makeNetwork(
  { cell, remembers }: Network,
  sequenceLength: number,
  { units, learningRate, seed }: Settings,
): LayersModel {
  const model = createManyToOne({
    ...{ cell, inputs: 2, sequenceLength, units, outputs: 1, task: 'regression' },
    ...{ compile: false, seed },
  });
  // A step of any size where the gradient explodes would end what was learnt.
  const optimizer = adam(learningRate, undefined, undefined, undefined, { clipNorm: 1 });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  if (remembers) openForgetGates(model, units, sequenceLength);
  return model;
}

/**
 * Biases by which the units forget at many rates, from one step to as many as there are: a forget gate of
 * 1 - 1/T keeps what it has for some T steps. Tallec & Ollivier 2018, arXiv:1804.11188, draw them; here they are
 * spread evenly.
 */
function openForgetGates(model: LayersModel, units: number, length: number): void {
  const [kernel, recurrentKernel, bias, ...dense] = model.getWeights();
  const values = bias!.dataSync().slice() as Float32Array; // input, forget, candidate, output
  for (let unit = 0; unit < units; unit++) {
    const keeps = Math.log(1 + ((length - 2) * (unit + 0.5)) / units);
    values[units + unit] = keeps;
    values[unit] = -keeps;
  }
  model.setWeights([kernel!, recurrentKernel!, tensor1d(values), ...dense]);
}
