/** createManyToMany: a sequence in, a label or numbers a step out. */
import { requireBoolean } from '../../foundation/option-checks.js';
import { tfl } from '../../foundation/tensorflow.js';
import { type SequenceInputOptions, sequenceSettings } from './options.js';
import { compiled, Parts } from './parts.js';
import { sequenceLayers } from './sequence-layers.js';

/** The options of {@link createManyToMany}. */
export interface ManyToManyOptions extends SequenceInputOptions {
  /**
   * Whether padding is skipped, and left out of loss and accuracy: the word 0, or a step whose numbers
   * are all 0. Default true for words and false for numbers, of which zeros may be values.
   */
  maskZero?: boolean | undefined;
}

/**
 * Builds a model that gives a label, or numbers, for each step of a sequence: tags of words, what is
 * seen in each frame of a film, a signal without its noise.
 *
 * ```text
 *   y₁     y₂     y₃     y₄
 *   ↑      ↑      ↑      ↑
 *   h₁ ──→ h₂ ──→ h₃ ──→ h₄         hₜ = cell(xₜ, hₜ₋₁)     yₜ = f(W·hₜ + b)
 *   ↑      ↑      ↑      ↑
 *   x₁     x₂     x₃     x₄
 * ```
 *
 * With `bidirectional`, a second row of states runs from the end to the start, and yₜ sees both:
 * f(W·[hₜ, h′ₜ] + b). Keras calls it a recurrent layer with `return_sequences=True`, and `Dense`
 * (or `TimeDistributed(Dense)`, which is the same) behind it. Initial weights and defaults are those of Keras.
 *
 * Labels of `fit` are numbers of classes [batch, time, 1], zeros and ones [batch, time, 1] for
 * `outputs: 1`, or numbers [batch, time, outputs]; for steps of padding they may be any class, such as 0.
 * Pad words and labels at the same side.
 *
 * @param options Sizes and settings; `inputs` or `vocabularySize` must be given.
 * @returns A model from [batch, time] words, or [batch, time, inputs] numbers, to
 *   [batch, time, outputs].
 * @throws RecurrentError for an option that does not exist or is out of its range, and for both
 *   `inputs` and `vocabularySize`, or neither.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createManyToMany } from 'tfjs-recurrent';
 *
 * const tagger = createManyToMany({ vocabularySize: 500, units: 16, outputs: 9, bidirectional: true });
 * console.log(tagger.layers.map((layer) => layer.name).join(' → '));
 * // embedding → dropout → bidirectional → dropout_1 → dense
 * console.log(tagger.outputs[0]?.shape);
 * // [ null, null, 9 ]
 * ```
 */
export function createManyToMany(options: ManyToManyOptions): tfl.Sequential {
  const where = 'createManyToMany';
  const settings = sequenceSettings(where, options, ['maskZero']);
  const { maskZero = settings.vocabularySize !== undefined } = options;
  requireBoolean(where, 'maskZero', maskZero);
  const { dropoutRate, outputs, task } = settings;
  const parts = new Parts(settings);
  const layers = [
    ...sequenceLayers(settings, { parts, maskZero, returnSequences: true }),
    parts.dropout(dropoutRate, 1),
    parts.output(outputs, task),
  ];
  return compiled(tfl.sequential({ layers }), settings);
}
