import { beforeAll, describe } from 'vitest';
import { layers, ready, registerLayers } from '../../src/index.js';
import { useBackend } from './golden.js';
import { describeLayer, type LayerSubject } from './layer-harness.js';

const paths = [
  { backend: 'cpu', kernel: 'fused' },
  { backend: 'cpu', kernel: 'composed' },
  { backend: 'wasm', kernel: 'fused' },
  { backend: 'wasm', kernel: 'composed' },
] as const;

/** Sizes that are not multiples of the four floats of a vector. */
const sequences = {
  inputShape: [3, 6, 5],
  mask: [
    [0, 0, 1, 1, 1, 1],
    [1, 1, 0, 1, 0, 0],
    [1, 1, 1, 1, 1, 1],
  ],
} satisfies Partial<LayerSubject>;

describe.each(paths)('on $backend, $kernel', ({ backend, kernel }) => {
  beforeAll(async () => {
    await useBackend(backend, backend === 'cpu');
    await ready();
    registerLayers(); // TensorFlow.js would make its own GRU of a saved one, which refuses resetAfter
  });

  describeLayer('layers.lstm', {
    ...sequences,
    make: () => layers.lstm({ units: 7, recurrentActivation: 'sigmoid', kernel }),
    outputShapes: [[3, 7]],
    weightShapes: [[5, 28], [7, 28], [28]],
  });

  describeLayer('layers.lstm backwards, without bias, with sequences and states', {
    ...sequences,
    make: () =>
      layers.lstm({
        units: 7,
        goBackwards: true,
        useBias: false,
        returnSequences: true,
        returnState: true,
        recurrentActivation: 'sigmoid',
        kernel,
      }),
    outputShapes: [
      [3, 6, 7],
      [3, 7],
      [3, 7],
    ],
    weightShapes: [
      [5, 28],
      [7, 28],
    ],
  });

  describeLayer('layers.lstm over a single step', {
    inputShape: [3, 1, 5],
    make: () => layers.lstm({ units: 3, recurrentActivation: 'sigmoid', kernel }),
    outputShapes: [[3, 3]],
    weightShapes: [[5, 12], [3, 12], [12]],
  });

  for (const resetAfter of [false, true]) {
    describeLayer(`layers.gru with resetAfter: ${resetAfter}, sequences and state`, {
      ...sequences,
      make: () =>
        layers.gru({
          units: 7,
          resetAfter,
          returnSequences: true,
          returnState: true,
          recurrentActivation: 'sigmoid',
          kernel,
        }),
      outputShapes: [
        [3, 6, 7],
        [3, 7],
      ],
      weightShapes: [[5, 21], [7, 21], resetAfter ? [2, 21] : [21]],
    });
  }

  describeLayer('layers.minGRU', {
    ...sequences,
    make: () => layers.minGRU({ units: 7, kernel }),
    outputShapes: [[3, 7]],
    weightShapes: [[5, 14], [14]],
  });

  describeLayer('layers.minGRU backwards, without bias, with sequences and state', {
    ...sequences,
    make: () =>
      layers.minGRU({
        ...{ units: 7, goBackwards: true, useBias: false, kernel },
        ...{ returnSequences: true, returnState: true },
      }),
    outputShapes: [
      [3, 6, 7],
      [3, 7],
    ],
    weightShapes: [[5, 14]],
  });

  describeLayer('layers.peepholeLSTM', {
    ...sequences,
    make: () => layers.peepholeLSTM({ units: 7, recurrentActivation: 'sigmoid', kernel }),
    outputShapes: [[3, 7]],
    weightShapes: [[5, 28], [7, 28], [28], [3, 7]],
  });

  describeLayer('layers.peepholeLSTM backwards, without bias, with sequences and states', {
    ...sequences,
    make: () =>
      layers.peepholeLSTM({
        ...{ units: 7, goBackwards: true, useBias: false, kernel },
        ...{ returnSequences: true, returnState: true },
      }),
    outputShapes: [
      [3, 6, 7],
      [3, 7],
      [3, 7],
    ],
    weightShapes: [
      [5, 28],
      [7, 28],
      [3, 7],
    ],
  });

  describeLayer('layers.bidirectional of minGRU', {
    ...sequences,
    make: () =>
      layers.bidirectional({ layer: layers.minGRU({ units: 7, kernel }), mergeMode: 'concat' }),
    outputShapes: [[3, 14]],
    weightShapes: [[5, 14], [14], [5, 14], [14]],
  });

  describeLayer('layers.bidirectional of peepholeLSTM', {
    ...sequences,
    make: () =>
      layers.bidirectional({
        layer: layers.peepholeLSTM({ units: 7, recurrentActivation: 'sigmoid', kernel }),
        mergeMode: 'sum',
      }),
    outputShapes: [[3, 7]],
    weightShapes: [[5, 28], [7, 28], [28], [3, 7], [5, 28], [7, 28], [28], [3, 7]],
  });

  describeLayer('layers.simpleRNN', {
    ...sequences,
    make: () => layers.simpleRNN({ units: 7, kernel }),
    outputShapes: [[3, 7]],
    weightShapes: [[5, 7], [7, 7], [7]],
  });

  describeLayer('layers.simpleRNN backwards, without bias, with sequences and state', {
    ...sequences,
    make: () =>
      layers.simpleRNN({
        units: 7,
        goBackwards: true,
        useBias: false,
        returnSequences: true,
        returnState: true,
        kernel,
      }),
    outputShapes: [
      [3, 6, 7],
      [3, 7],
    ],
    weightShapes: [
      [5, 7],
      [7, 7],
    ],
  });

  describeLayer('layers.bidirectional', {
    ...sequences,
    make: () =>
      layers.bidirectional({
        layer: layers.lstm({
          units: 3,
          returnSequences: true,
          recurrentActivation: 'sigmoid',
          kernel,
        }),
        mergeMode: 'concat',
      }),
    outputShapes: [[3, 6, 6]],
    weightShapes: [[5, 12], [3, 12], [12], [5, 12], [3, 12], [12]],
  });

  describeLayer('layers.embedding', {
    make: () => layers.embedding({ inputDim: 11, outputDim: 5, kernel }),
    inputShape: [3, 6],
    vocabularySize: 11,
    outputShapes: [[3, 6, 5]],
    weightShapes: [[11, 5]],
  });

  describeLayer('layers.dropout, which predicts nothing', {
    make: () => layers.dropout({ rate: 0.3, seed: 1, kernel }),
    inputShape: [3, 7],
    outputShapes: [[3, 7]],
    weightShapes: [],
  });
});
