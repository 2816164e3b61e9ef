/** The facts of all cells, as in assembly/recurrent/cells, without their twins in TensorFlow.js. */
import type { CellFacts } from '../cell.js';

export const LSTM_FACTS: CellFacts = {
  name: 'lstm',
  number: 0,
  multiple: 4,
  states: 2,
  gates: { inputs: 0, joint: 4, state: 0 },
  vectors: 0,
  blocks: 4,
  keepsGates: true,
  direct: false,
  late: false,
  bounded: true,
};

export const GRU_FACTS: CellFacts = {
  name: 'gru',
  number: 1,
  multiple: 8,
  states: 1,
  gates: { inputs: 1, joint: 2, state: 0 },
  vectors: 0,
  blocks: 3,
  keepsGates: true,
  direct: true,
  late: true,
  bounded: false,
};

export const GRU_RESET_AFTER_FACTS: CellFacts = {
  ...GRU_FACTS,
  name: 'gruResetAfter',
  number: 2,
  gates: { inputs: 1, joint: 2, state: 1 },
  late: false,
};

export const SIMPLE_RNN_FACTS: CellFacts = {
  name: 'simpleRnn',
  number: 3,
  multiple: 8,
  states: 1,
  gates: { inputs: 0, joint: 1, state: 0 },
  vectors: 0,
  blocks: 1,
  keepsGates: false,
  direct: false,
  late: false,
  bounded: false,
};

/** The activations that the kernel of a SimpleRNN knows, by its settings. */
export const SIMPLE_RNN_ACTIVATIONS = ['tanh', 'relu', 'linear'] as const;

export const MIN_GRU_FACTS: CellFacts = {
  name: 'minGru',
  number: 4,
  multiple: 8,
  states: 1,
  gates: { inputs: 2, joint: 0, state: 0 },
  vectors: 0,
  blocks: 2,
  keepsGates: true,
  direct: true,
  late: false,
  bounded: false,
};

export const PEEPHOLE_LSTM_FACTS: CellFacts = {
  ...LSTM_FACTS,
  name: 'peepholeLstm',
  number: 5,
  multiple: 8,
  vectors: 3,
  // The cell has no bound, and the gates see it.
  bounded: false,
};
