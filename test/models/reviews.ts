import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Eight short reviews, ordered by class as those of IMDb are. */
export const texts = [
  'A warm and funny film.',
  'Funny, wise and beautifully played.',
  'Beautifully made: a joy from start to end!',
  'A joy, warm and wise.',
  'A dull, slow mess.',
  'Slow, loud and far too long.',
  'Too long and dull from start to end.',
  'A loud mess of a film.',
];
export const labels = [1, 1, 1, 1, 0, 0, 0, 0];

/** A model that trains in a moment. */
export const TINY = {
  vocabularySize: 40,
  sequenceLength: 8,
  embeddingDim: 6,
  lstmUnits: 5,
  denseUnits: 7,
  seed: 1,
};

/** Settings that learn the reviews by heart. */
export const BY_HEART = {
  ...TINY,
  learningRate: 0.05,
  epochs: 25,
  batchSize: 4,
  validationSplit: 0,
};

export const weightsOf = (model: LayersModel): number[][] =>
  model.getWeights().map((weight) => [...weight.dataSync()]);
