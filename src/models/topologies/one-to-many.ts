/** createOneToMany: a vector in, a sequence out. */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import { tfl } from '../../foundation/tensorflow.js';
import {
  outputSettings,
  type Task,
  type TopologyOptions,
  type TopologySettings,
  topologySettings,
} from './options.js';
import { compiled, Parts } from './parts.js';

/** The options of {@link createOneToMany}. */
export interface OneToManyOptions extends TopologyOptions {
  /** Numbers of the vector. */
  inputs: number;
  /** Rows of the embedding, for sequences of words: the words, counting 0 for padding. */
  vocabularySize?: number | undefined;
  /** Steps of the sequence; needed for labels or numbers a step, and not for words, which have an end. */
  length?: number | undefined;
  /** The classes or numbers a step, for sequences that are not of words. Either this or `vocabularySize`. */
  outputs?: number | undefined;
  /** Of `outputs`: `'regression'` (default), or `'classification'`. */
  task?: Task | undefined;
}

/**
 * Builds a model from a vector to a sequence: a caption for a scene, a curve from its settings. It has one of
 * two forms.
 *
 * **Words** (`vocabularySize`): the vector is where the states begin, and each word is an input of
 * the step behind it, as in "Show and tell".
 *
 * ```text
 *           the    cat    sits   END
 *            ↑      ↑      ↑      ↑
 *   h₀ ──→  h₁ ──→ h₂ ──→ h₃ ──→ h₄        h₀ = tanh(V·v + b)       (c₀ of an LSTM likewise)
 *   ↑        ↑      ↑      ↑      ↑        hₜ = cell(E[wₜ₋₁], hₜ₋₁)
 *   v      START   the    cat    sits      p(wₜ) = softmax(W·hₜ + b)
 * ```
 *
 * The model takes `[vector, words]`. In training the words are the right ones (teacher forcing:
 * {@link teacherForcing} makes them); {@link generateFromVectors} feeds back what was written. Padding
 * is left out of loss and accuracy. Keras calls it `initial_state=` behind a `Dense` layer.
 *
 * **Numbers or labels** (`outputs` and `length`): every step sees the vector, and no step sees what the one
 * before it gave.
 *
 * ```text
 *   y₁     y₂     y₃     y₄
 *   ↑      ↑      ↑      ↑
 *   h₁ ──→ h₂ ──→ h₃ ──→ h₄          hₜ = cell(v, hₜ₋₁)     yₜ = f(W·hₜ + b)
 *   ↑      ↑      ↑      ↑
 *   v      v      v      v
 * ```
 *
 * Keras calls it `RepeatVector(length)` before a recurrent layer with `return_sequences=True`.
 *
 * @param options Sizes and settings; `inputs`, and `vocabularySize` or `outputs` with `length`.
 * @returns For words, a model from [batch, inputs] and [batch, time] to [batch, time, vocabularySize];
 *   otherwise one from [batch, inputs] to [batch, length, outputs].
 * @throws RecurrentError for an option that does not exist or is out of its range, for both
 *   `vocabularySize` and `outputs`, or neither, and for `outputs` without `length`.
 * @see Vinyals et al. 2015, "Show and tell: a neural image caption generator".
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createOneToMany } from 'tfjs-recurrent';
 *
 * const captions = createOneToMany({ inputs: 12, vocabularySize: 40, cell: 'gru', units: 32 });
 * console.log(captions.outputs[0]?.shape);
 * // [ null, null, 40 ]
 * const curve = createOneToMany({ inputs: 3, outputs: 1, length: 50 });
 * console.log(curve.layers.map((layer) => layer.name).join(' → '), curve.outputs[0]?.shape);
 * // repeat_vector → lstm → dropout → dense [ null, 50, 1 ]
 * ```
 */
export function createOneToMany(options: OneToManyOptions): tfl.LayersModel {
  const where = 'createOneToMany';
  const { inputs, vocabularySize, outputs, length } = Object(options) as OneToManyOptions;
  const isOfWords = vocabularySize !== undefined;
  const known = ['inputs', 'vocabularySize', 'outputs', 'length', 'task'];
  const settings = topologySettings(where, options, known, isOfWords);
  requireInteger(where, 'inputs', inputs, 1, 'It is the number of values in the vector.');
  if (isOfWords === (outputs !== undefined)) {
    reject({
      where,
      expected: isOfWords
        ? 'outputs and vocabularySize exclude each other'
        : 'what the sequence is made of must be given',
      remedy: 'Give vocabularySize for words, outputs and length for numbers or labels.',
      see: 'conflicting-options',
    });
  }
  if (isOfWords) {
    requireInteger(where, 'vocabularySize', vocabularySize, 1);
    const unused = (['length', 'task'] as const).find((name) => options[name] !== undefined);
    if (unused !== undefined) {
      reject({
        where,
        expected: `${unused} belongs to outputs, and sequences of words have an end of their own`,
        remedy: 'Leave it out, or give outputs in place of vocabularySize.',
        see: 'conflicting-options',
      });
    }
    return modelOfWords(settings, inputs, vocabularySize);
  }
  requireInteger(where, 'length', length, 1, 'It is the number of steps of each sequence.');
  const told = outputSettings(where, { outputs, task: options.task ?? 'regression' });
  return modelOfSteps({ ...settings, ...told }, inputs, length);
}

type StepSettings = TopologySettings & { outputs: number; task: Task };

function modelOfSteps(settings: StepSettings, inputs: number, length: number): tfl.Sequential {
  const { units, dropoutRate, outputs, task } = settings;
  const parts = new Parts(settings);
  const repeated = { name: 'repeat_vector', n: length, inputShape: [inputs] };
  const layers = [
    tfl.layers.repeatVector(repeated as Parameters<typeof tfl.layers.repeatVector>[0]),
    ...units.map((each) => parts.recurrent({ units: each, returnSequences: true })),
    parts.dropout(dropoutRate, 1),
    parts.output(outputs, task),
  ];
  return compiled(tfl.sequential({ layers }), settings);
}

/** The names of the inputs of a model that writes words. */
export const VECTOR = 'vector';
export const WORDS = 'words';

/** The name of the layer that makes the first `h` or `c` of a recurrent layer from the vector. */
export function initialName(state: 'h' | 'c', layer: number): string {
  return `initial_${state}${layer === 0 ? '' : `_${layer}`}`;
}

function modelOfWords(
  settings: TopologySettings,
  inputs: number,
  vocabularySize: number,
): tfl.LayersModel {
  const { cell, units, embeddingDim, dropoutRate } = settings;
  const parts = new Parts(settings);
  const vector = tfl.input({ name: VECTOR, shape: [inputs] });
  const words = tfl.input({ name: WORDS, shape: [null], dtype: 'int32' });
  const states = cell === 'lstm' ? (['h', 'c'] as const) : (['h'] as const);
  const read = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor) =>
    layer.apply(x) as tfl.SymbolicTensor;

  let x = read(parts.embedding(vocabularySize, embeddingDim, true), words);
  x = read(parts.dropout(dropoutRate, 0), x); // [batch, time, embeddingDim]
  units.forEach((each, i) => {
    const initialState = states.map((state, n) => {
      const at = i * states.length + n;
      return read(parts.hidden(each, 'tanh', initialName(state, i), at), vector);
    });
    // Generation goes on from the states.
    const layer = parts.recurrent({ units: each, returnSequences: true, returnState: true });
    [x] = layer.apply(x, { initialState }) as [tfl.SymbolicTensor]; // [batch, time, units]
  });
  x = read(parts.dropout(dropoutRate, 1), x);
  const outputs = read(parts.output(vocabularySize, 'classification'), x);
  const model = tfl.model({ inputs: [vector, words], outputs });
  return compiled(model, { ...settings, outputs: vocabularySize, task: 'classification' });
}
