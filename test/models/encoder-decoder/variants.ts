import { createEncoderDecoder, type EncoderDecoderOptions } from '../../../src/index.js';

/** Sizes that are no multiples of four, and pairs of different lengths. */
export const SIZES = {
  source: { vocabularySize: 9, length: 6 },
  target: { vocabularySize: 11, length: 5 },
  units: 7,
  embeddingDim: 5,
  learningRate: 0.01,
  seed: 3,
} satisfies EncoderDecoderOptions;

export const PAIRS = {
  sources: [[1, 2, 3], [8], [4, 5, 6, 7, 1, 2], [2, 5], [3, 3, 3, 3]],
  targets: [[1, 2], [3, 4, 5, 6], [], [7, 8, 1], [2]],
};

/** What models can be made of. */
export const VARIANTS: Record<string, Partial<EncoderDecoderOptions>> = {
  'without attention': { attention: 'none' },
  luong: { attention: 'luong' },
  bahdanau: { attention: 'bahdanau' },
  'luong, gru, both ways, two layers': {
    ...{ attention: 'luong', cell: 'gru', bidirectional: true, layers: 2 },
  },
  'bahdanau, simpleRNN, two layers': { attention: 'bahdanau', cell: 'simpleRNN', layers: 2 },
  'bahdanau, lstm, both ways': { attention: 'bahdanau', bidirectional: true },
  'without attention, lstm, both ways, three layers': {
    ...{ attention: 'none', bidirectional: true, layers: 3 },
  },
};

export const make = (name: string, others: Partial<EncoderDecoderOptions> = {}) =>
  createEncoderDecoder({ ...SIZES, ...VARIANTS[name], ...others });
