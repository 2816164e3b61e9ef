/** The options that the topologies share: what they are, their defaults, how they are checked. */
import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireDropped,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
  requirePositive,
} from '../../foundation/option-checks.js';

/** Which recurrent layer a model is made of. */
export type CellName = 'lstm' | 'gru' | 'simpleRNN';

/** What a model tells: a class, or numbers. */
export type Task = 'classification' | 'regression';

/** The options of every topology. */
export interface TopologyOptions {
  /** The recurrent layer: `'lstm'` (default), `'gru'`, as Keras has it since 2.3, or `'simpleRNN'`. */
  cell?: CellName | undefined;
  /** Units of the recurrent layer; a list stacks layers, from the first to the last. Default 32. */
  units?: number | readonly number[] | undefined;
  /** Width of a word's vector. Default 32; only with `vocabularySize`. */
  embeddingDim?: number | undefined;
  /** Fraction dropped behind the embedding and before the last layer. Default 0. */
  dropoutRate?: number | undefined;
  /** Of the gates of `'lstm'` and `'gru'`: `'sigmoid'` (default) or `'hardSigmoid'`. */
  recurrentActivation?: 'sigmoid' | 'hardSigmoid' | undefined;
  /** Of Adam. Default 0.001. */
  learningRate?: number | undefined;
  /** Whether to compile it with Adam, the loss of its task, and the accuracy of classes. Default true. */
  compile?: boolean | undefined;
  /** An integer that fixes the initial weights and the dropout masks. Default: different every time. */
  seed?: number | undefined;
}

/** The options of a topology that reads a sequence. */
export interface SequenceInputOptions extends TopologyOptions {
  /** Numbers a step, for sequences of numbers. Either this or `vocabularySize`. */
  inputs?: number | undefined;
  /** Rows of the embedding, for sequences of words: the words, counting 0 for padding. */
  vocabularySize?: number | undefined;
  /** Steps of a sequence. Default: any number, the same in all sequences of a batch. */
  sequenceLength?: number | undefined;
  /** Whether a second layer reads each sequence backwards. Default false. */
  bidirectional?: boolean | undefined;
  /** The classes, or the numbers to tell. 1 class stands for yes or no. Default 1. */
  outputs?: number | undefined;
  /** `'classification'` (default) or `'regression'`. */
  task?: Task | undefined;
}

const SHARED = [
  ...['cell', 'units', 'embeddingDim', 'dropoutRate', 'recurrentActivation'],
  ...['learningRate', 'compile', 'seed'],
];
const OF_SEQUENCES = ['vocabularySize', 'inputs', 'sequenceLength', 'bidirectional'];

/** What users of Keras may look for. */
const REMEDIES = {
  returnSequences: 'createManyToMany returns a label a step, createManyToOne one a sequence.',
  maskValue: 'maskZero leaves out steps of zeros.',
  activation: "task: 'classification' gives probabilities, 'regression' plain numbers.",
  loss: 'Say compile: false, and compile the model with the loss.',
  classes: 'Write outputs.',
  numClasses: 'Write outputs.',
  timesteps: 'Write sequenceLength.',
};

/** The settings of every topology, with nothing left out but what may be. */
export interface TopologySettings {
  cell: CellName;
  units: readonly number[];
  embeddingDim: number;
  dropoutRate: number;
  recurrentActivation: 'sigmoid' | 'hardSigmoid';
  learningRate: number;
  compile: boolean;
  seed: number | undefined;
}

/** Those of a topology that reads a sequence. */
export interface SequenceSettings extends TopologySettings {
  /** Undefined for words. */
  inputs: number | undefined;
  /** Undefined for numbers. */
  vocabularySize: number | undefined;
  sequenceLength: number | undefined;
  bidirectional: boolean;
  outputs: number;
  task: Task;
}

/** Checks what all topologies share, and fills in what was left out. */
export function topologySettings(
  where: string,
  options: TopologyOptions,
  others: readonly string[],
  hasWords: boolean,
): TopologySettings {
  requireKnownOptions(where, options, [...others, ...SHARED], REMEDIES);
  const {
    cell = 'lstm',
    learningRate = 0.001,
    compile = true,
    dropoutRate = 0,
    seed,
  } = Object(options) as TopologyOptions;
  requireOneOf(where, 'cell', cell, ['lstm', 'gru', 'simpleRNN']);
  if (options.recurrentActivation !== undefined && cell === 'simpleRNN') {
    reject({
      where,
      expected: "recurrentActivation is for gates, and the cell 'simpleRNN' has none",
      remedy: "Leave it out, or take the cell 'lstm' or 'gru'.",
      see: 'conflicting-options',
    });
  }
  const { recurrentActivation = 'sigmoid' } = options;
  requireOneOf(where, 'recurrentActivation', recurrentActivation, ['sigmoid', 'hardSigmoid']);
  if (options.embeddingDim !== undefined && !hasWords) {
    reject({
      where,
      expected: 'embeddingDim is for words, and the sequences are of numbers',
      remedy: 'Leave it out, or give vocabularySize.',
      see: 'conflicting-options',
    });
  }
  const { embeddingDim = 32 } = options;
  requireInteger(where, 'embeddingDim', embeddingDim, 1);
  requireDropped(
    where,
    'dropoutRate',
    dropoutRate,
    'It is the fraction that is dropped; 0 drops nothing.',
  );
  requirePositive(where, 'learningRate', learningRate);
  requireBoolean(where, 'compile', compile);
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    reject({ where, expected: 'seed must be an integer', received: seed });
  }
  const units = unitsOf(where, options.units);
  return {
    ...{ cell, units, embeddingDim, dropoutRate },
    ...{ recurrentActivation, learningRate, compile, seed },
  };
}

function unitsOf(where: string, units: TopologyOptions['units'] = 32): readonly number[] {
  const remedy = 'A list such as [64, 64] stacks layers.';
  if (!Array.isArray(units)) {
    requireInteger(where, 'units', units, 1, remedy);
    return [units];
  }
  if (units.length === 0) {
    reject({
      where,
      expected: 'units must not be an empty list',
      remedy: 'Give the units of one layer, or of each.',
      see: 'wrong-value',
    });
  }
  units.forEach((each, i) => {
    requireInteger(where, `units[${i}]`, each, 1);
  });
  return [...(units as readonly number[])];
}

/** Checks the options of a topology that reads a sequence, and fills in what was left out. */
export function sequenceSettings(
  where: string,
  options: SequenceInputOptions,
  others: readonly string[],
): SequenceSettings {
  const { inputs, vocabularySize, sequenceLength, bidirectional = false } = Object(options);
  const hasWords = vocabularySize !== undefined;
  const known = [...OF_SEQUENCES, 'outputs', 'task', ...others];
  const shared = topologySettings(where, options, known, hasWords);
  if (hasWords === (inputs !== undefined)) {
    reject({
      where,
      expected: hasWords
        ? 'inputs and vocabularySize exclude each other'
        : 'what a sequence is made of must be given',
      remedy: 'Give inputs for sequences of numbers, vocabularySize for sequences of words.',
      see: 'conflicting-options',
    });
  }
  if (hasWords) requireInteger(where, 'vocabularySize', vocabularySize, 1);
  else requireInteger(where, 'inputs', inputs, 1);
  if (sequenceLength !== undefined) requireInteger(where, 'sequenceLength', sequenceLength, 1);
  requireBoolean(where, 'bidirectional', bidirectional);
  const told = outputSettings(where, options);
  return { ...shared, ...told, inputs, vocabularySize, sequenceLength, bidirectional };
}

/** Checks what a model tells. */
export function outputSettings(
  where: string,
  options: Pick<SequenceInputOptions, 'outputs' | 'task'>,
) {
  const { outputs = 1, task = 'classification' } = options;
  requireInteger(where, 'outputs', outputs, 1, '1 class stands for yes or no.');
  requireOneOf(where, 'task', task, ['classification', 'regression']);
  return { outputs, task };
}
