/** The layers from a sequence of words or numbers to what the recurrent layers make of it. */
import { tfl } from '../../foundation/tensorflow.js';
import type { SequenceSettings } from './options.js';
import type { Parts } from './parts.js';

/** What a topology that reads a sequence says about its layers. */
interface Reading {
  parts: Parts;
  maskZero: boolean;
  /** Whether the last recurrent layer gives an output a step. */
  returnSequences: boolean;
}

/** Embedding and dropout for words, masks for numbers where asked for, and the recurrent layers. */
export function sequenceLayers(
  settings: SequenceSettings,
  { parts, maskZero, returnSequences }: Reading,
): tfl.layers.Layer[] {
  const { inputs, vocabularySize, sequenceLength, embeddingDim, dropoutRate } = settings;
  const first: tfl.layers.Layer[] = [];
  const inputShape = [sequenceLength ?? null, inputs ?? 1];
  if (vocabularySize !== undefined) {
    first.push(
      parts.embedding(vocabularySize, embeddingDim, maskZero, sequenceLength),
      parts.dropout(dropoutRate, 0),
    );
  } else if (maskZero) {
    first.push(tfl.layers.masking({ name: 'masking', maskValue: 0, inputShape }));
  }
  const last = settings.units.length - 1;
  const recurrent = settings.units.map((units, i) =>
    parts.recurrent({
      units,
      returnSequences: returnSequences || i < last,
      isBidirectional: settings.bidirectional,
      ...(i === 0 && first.length === 0 && { inputShape }),
    }),
  );
  return [...first, ...recurrent];
}
