import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import {
  createManyToMany,
  createManyToOne,
  createOneToMany,
  type ManyToManyOptions,
  type ManyToOneOptions,
  type OneToManyOptions,
} from '../../../src/index.js';
import { seededRandom } from '../../../src/foundation/random.js';

export const WORDS = 11;
const [BATCH, TIME, COLUMNS] = [5, 7, 3];

/** Models of every topology, of every cell, by what is special about them. */
export const MODELS: Record<string, () => tfl.LayersModel> = {
  ...eachCell('many to one of words', (cell) =>
    manyToOne({ cell, vocabularySize: WORDS, outputs: 3, maskZero: true, bidirectional: true }),
  ),
  ...eachCell('many to one of numbers', (cell) =>
    manyToOne({ cell, inputs: COLUMNS, units: [5, 6], denseUnits: 7 }),
  ),
  'many to one, regression': () =>
    manyToOne({ inputs: COLUMNS, outputs: 2, task: 'regression', sequenceLength: TIME }),
  ...eachCell('many to many of words', (cell) =>
    manyToMany({ cell, vocabularySize: WORDS, outputs: 4, bidirectional: true, units: [5, 6] }),
  ),
  'many to many of words, forward': () =>
    manyToMany({ vocabularySize: WORDS, outputs: 4, sequenceLength: TIME }),
  'many to many, yes or no': () => manyToMany({ vocabularySize: WORDS }),
  'many to many, regression': () => manyToMany({ inputs: COLUMNS, outputs: 2, task: 'regression' }),
  ...eachCell('one to many words', (cell) =>
    oneToMany({ cell, inputs: COLUMNS, vocabularySize: WORDS, units: [5, 6] }),
  ),
  ...eachCell('one to many numbers', (cell) =>
    oneToMany({ cell, inputs: COLUMNS, outputs: 2, length: TIME }),
  ),
  'one to many labels': () =>
    oneToMany({ inputs: COLUMNS, outputs: 4, task: 'classification', length: TIME }),
};

function eachCell(name: string, make: (cell: 'lstm' | 'gru' | 'simpleRNN') => tfl.LayersModel) {
  const cells = ['lstm', 'gru', 'simpleRNN'] as const;
  return Object.fromEntries(cells.map((cell) => [`${name}, ${cell}`, () => make(cell)]));
}

const SMALL = { embeddingDim: 6, seed: 3, learningRate: 0.02 };

function manyToOne(options: ManyToOneOptions) {
  return createManyToOne({ units: 5, ...sized(options), ...options });
}

function manyToMany(options: ManyToManyOptions) {
  return createManyToMany({ units: 5, ...sized(options), ...options });
}

function oneToMany(options: OneToManyOptions) {
  return createOneToMany({ units: 5, ...sized(options), ...options });
}

function sized({ vocabularySize }: { vocabularySize?: number | undefined }) {
  const { embeddingDim, ...others } = SMALL;
  return vocabularySize === undefined ? others : { embeddingDim, ...others };
}

/** A batch for a model: words padded at the end, the last sequence of padding but for one, and labels. */
export function batchFor(model: tfl.LayersModel): { x: tf.Tensor[]; y: tf.Tensor } {
  const random = seededRandom(5);
  const below = (n: number) => Math.floor(random() * n);
  const x = model.inputs.map(({ shape }, i) => {
    const isOfWords = isEmbedded(model);
    if (shape.length === 2 && isOfWords && model.inputNames[i] !== 'vector') {
      const rows = Array.from({ length: BATCH }, (_, row) =>
        Array.from({ length: TIME }, (_, step) =>
          step < TIME - row - (row === BATCH - 1 ? 2 : 0) ? 1 + below(WORDS - 1) : 0,
        ),
      );
      return tf.tensor2d(rows, [BATCH, TIME], 'int32');
    }
    const sizes = shape.slice(1).map((size) => size ?? TIME);
    const values = Float32Array.from(
      { length: sizes.reduce((all, n) => all * n, BATCH) },
      () => random() * 2 - 1,
    );
    return tf.tensor(values, [BATCH, ...sizes]);
  });
  const [, ...sizes] = model.outputs[0]!.shape.map((size) => size ?? TIME);
  const isRegression = model.loss === 'meanSquaredError';
  const classes = sizes.at(-1)!;
  const shape = [BATCH, ...sizes.slice(0, -1), isRegression ? classes : 1];
  const labels = Float32Array.from({ length: shape.reduce((all, n) => all * n, 1) }, () =>
    isRegression ? random() : below(classes === 1 ? 2 : classes),
  );
  return { x, y: tf.tensor(labels, shape) };
}

function isEmbedded(model: tfl.LayersModel): boolean {
  return model.layers.some((layer) => layer.getClassName() === 'Embedding');
}

/** All numbers of a tensor. */
export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
