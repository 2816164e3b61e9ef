/** createManyToOne: a sequence in, a label or numbers out. */
import { requireBoolean, requireInteger } from '../../foundation/option-checks.js';
import { tfl } from '../../foundation/tensorflow.js';
import { type SequenceInputOptions, type SequenceSettings, sequenceSettings } from './options.js';
import { compiled, Parts } from './parts.js';
import { sequenceLayers } from './sequence-layers.js';

/** The options of {@link createManyToOne}. */
export interface ManyToOneOptions extends SequenceInputOptions {
  /** Units of a dense layer with relu before the last one; 0 for none. Default 0. */
  denseUnits?: number | undefined;
  /** Whether padding is skipped: the word 0, or a step whose numbers are all 0. Default false. */
  maskZero?: boolean | undefined;
}

/** The settings of a model from a sequence to one output. */
export interface ManyToOneSettings extends SequenceSettings {
  denseUnits: number;
  maskZero: boolean;
}

/**
 * Builds a model from a sequence to one label or to numbers: sentiment, kinds of sensor readings, the
 * next value of a series.
 *
 * ```text
 *                          y
 *                          ↑
 *   h₁ ──→ h₂ ──→ h₃ ──→  h₄        hₜ = cell(xₜ, hₜ₋₁)     y = f(W·h₄ + b)
 *   ↑      ↑      ↑       ↑
 *   x₁     x₂     x₃      x₄
 * ```
 *
 * `f` is softmax for classes, sigmoid for a single one, and nothing for regression. Keras calls it
 * a recurrent layer with `return_sequences=False`, behind `Embedding` for words, before `Dense`.
 * {@link createSentimentLstm} is one of these. Initial weights and defaults are those of Keras.
 *
 * Labels of `fit` are numbers of classes [batch, 1] from 0 on (loss `sparseCategoricalCrossentropy`), zeros
 * and ones for `outputs: 1` (`binaryCrossentropy`), or numbers [batch, outputs] (`meanSquaredError`).
 *
 * @param options Sizes and settings; `inputs` or `vocabularySize` must be given.
 * @returns A model from [batch, sequenceLength] words, or [batch, sequenceLength, inputs] numbers, to
 *   [batch, outputs].
 * @throws RecurrentError for an option that does not exist or is out of its range, and for both
 *   `inputs` and `vocabularySize`, or neither.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createManyToOne } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ cell: 'gru', inputs: 3, units: 16, outputs: 5 });
 * console.log(model.layers.map((layer) => layer.name).join(' → '));
 * // gru → dropout → dense
 * console.log(model.outputs[0]?.shape);
 * // [ null, 5 ]
 * ```
 */
export function createManyToOne(options: ManyToOneOptions): tfl.Sequential {
  const where = 'createManyToOne';
  const settings = sequenceSettings(where, options, ['denseUnits', 'maskZero']);
  const { denseUnits = 0, maskZero = false } = options;
  requireInteger(where, 'denseUnits', denseUnits, 0);
  requireBoolean(where, 'maskZero', maskZero);
  return manyToOne({ ...settings, denseUnits, maskZero });
}

/** The model of settings that have been checked. */
export function manyToOne(settings: ManyToOneSettings): tfl.Sequential {
  const { denseUnits, dropoutRate, outputs, task, maskZero } = settings;
  const parts = new Parts(settings);
  const layers = sequenceLayers(settings, { parts, maskZero, returnSequences: false });
  if (denseUnits > 0) layers.push(parts.hidden(denseUnits, 'relu'));
  layers.push(parts.dropout(dropoutRate, 1), parts.output(outputs, task));
  return compiled(tfl.sequential({ layers }), settings);
}
