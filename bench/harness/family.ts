/** The recurrent models that tutorials of Keras teach, small enough to say whole. */

/** Enough for everyone to build the same model and the same batch. */
export interface FamilyModel {
  name: string;
  /** For a reader. */
  what: string;
  cell: 'lstm' | 'gru' | 'simpleRNN';
  /** Of each recurrent layer, the first to the last; all but the last give sequences. */
  units: readonly number[];
  bidirectional: boolean;
  batch: number;
  time: number;
  /** Words go through an embedding; a series has one number a step. */
  words?: { vocabulary: number; width: number; masked: boolean };
  outputs: number;
  /** Whether each step has a label, or the sequence has one. */
  labels: 'a sequence' | 'a step';
  loss: 'binary crossentropy' | 'crossentropy' | 'mean squared error';
  /** In one turn. */
  steps: number;
}

const REVIEWS = {
  bidirectional: false,
  units: [32],
  batch: 100,
  time: 300,
  words: { vocabulary: 4000, width: 32, masked: false },
  outputs: 1,
  labels: 'a sequence',
  loss: 'binary crossentropy',
} as const;

export const FAMILY: readonly FamilyModel[] = [
  { name: 'lstm', what: 'embedding, LSTM 32, dense 1', cell: 'lstm', ...REVIEWS, steps: 10 },
  { name: 'gru', what: 'GRU 32 instead', cell: 'gru', ...REVIEWS, steps: 10 },
  { name: 'simpleRNN', what: 'SimpleRNN 32 instead', cell: 'simpleRNN', ...REVIEWS, steps: 15 },
  {
    name: 'bilstm',
    what: 'a bidirectional LSTM 32 instead',
    cell: 'lstm',
    ...REVIEWS,
    bidirectional: true,
    steps: 6,
  },
  {
    name: 'stacked',
    what: 'two bidirectional LSTM 64 behind 20,000 words',
    cell: 'lstm',
    ...REVIEWS,
    bidirectional: true,
    units: [64, 64],
    batch: 32,
    time: 200,
    words: { vocabulary: 20_000, width: 128, masked: false },
    steps: 3,
  },
  {
    name: 'chars',
    what: 'LSTM 128, a softmax of 64 at every step',
    cell: 'lstm',
    bidirectional: false,
    units: [128],
    batch: 64,
    time: 100,
    words: { vocabulary: 64, width: 64, masked: false },
    outputs: 64,
    labels: 'a step',
    loss: 'crossentropy',
    steps: 6,
  },
  {
    name: 'series',
    what: 'two LSTM 50 over 60 numbers, one number out',
    cell: 'lstm',
    bidirectional: false,
    units: [50, 50],
    batch: 32,
    time: 60,
    outputs: 1,
    labels: 'a sequence',
    loss: 'mean squared error',
    steps: 40,
  },
  {
    name: 'classes',
    what: 'maskZero, LSTM 64 over 100 words, four classes',
    cell: 'lstm',
    bidirectional: false,
    units: [64],
    batch: 64,
    time: 100,
    words: { vocabulary: 10_000, width: 64, masked: true },
    outputs: 4,
    labels: 'a sequence',
    loss: 'crossentropy',
    steps: 20,
  },
];

const GATES = { lstm: 4, gru: 3, simpleRNN: 1 };

/**
 * Multiplications and additions of one pass over a batch, with the recurrent weights and with those
 * of the inputs. `inputs` leaves out those of a first layer behind words, which are `words`: what a word
 * gives is computed once for all places where it stands, and from then on until the weights change.
 */
export function operations(model: FamilyModel) {
  const { batch, time, cell, bidirectional, units, words } = model;
  const directions = bidirectional ? 2 : 1;
  const weights = { recurrent: 0, inputs: 0 };
  let width = words ? 0 : 1;
  for (const n of units) {
    weights.recurrent += directions * n * GATES[cell] * n;
    weights.inputs += directions * width * GATES[cell] * n;
    width = directions * n;
  }
  if (model.labels === 'a step') weights.inputs += width * model.outputs;
  const each = 2 * batch * time;
  const ofWord = words ? 2 * directions * words.width * GATES[cell] * units[0]! : 0;
  return {
    recurrent: each * weights.recurrent,
    inputs: each * weights.inputs,
    words: words ? ofWord * differentWords(words.vocabulary, batch * time) : 0,
  };
}

/** How many different words a batch of words that are drawn at random has in the mean. */
function differentWords(vocabulary: number, drawn: number): number {
  return vocabulary * (1 - (1 - 1 / vocabulary) ** drawn);
}
