/** What a recurrent layer gives for masked steps, here and in Keras 3. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { ZeroOutputForMask } from '../../layers/masks/masked-outputs.js';
import {
  type MaskPlace,
  refuseBidirectional,
  refuseFirstSteps,
  refuseZeroedLast,
} from './refuse-masks.js';

type Layer = tfl.layers.Layer;

/** The settings of a recurrent layer, or of the two inside a Bidirectional, that matter for masks. */
export interface RecurrentSettings {
  isBidirectional: boolean;
  goBackwards: boolean;
  returnSequences: boolean;
  /** How many of the outputs are sequences. */
  sequences: number;
  zero: ZeroOutputForMask;
}

export function recurrentSettings(layer: Layer): RecurrentSettings {
  const { forwardLayer, mergeMode } = layer as Layer & { forwardLayer?: Layer; mergeMode?: string };
  const one = (forwardLayer ?? layer) as Layer & Record<string, unknown>;
  const isBidirectional = forwardLayer !== undefined;
  const returnSequences = one.returnSequences === true;
  const sequences = isBidirectional && (mergeMode ?? null) === null ? 2 : 1;
  return {
    isBidirectional,
    goBackwards: one.goBackwards === true,
    returnSequences,
    sequences: returnSequences ? sequences : 0,
    zero: (one.zeroOutputForMask ?? false) as ZeroOutputForMask,
  };
}

/**
 * Why the outputs of a masked recurrent layer are others in Keras 3 at the masked steps; null where
 * they are not. Without initial states, what comes before the first step that counts is zero anyway.
 *
 * @throws RecurrentError where other steps are others, too.
 */
export function strayOutputs(
  place: MaskPlace,
  { isBidirectional, goBackwards, returnSequences, zero }: RecurrentSettings,
  hasStates: boolean,
): (() => never) | null {
  // Keras's Bidirectional sets it by itself.
  const isZeroInKeras = isBidirectional ? returnSequences : zero === true;
  const isSame = isZeroInKeras
    ? zero === true
    : zero === 'untilFirst' || (zero === false && !hasStates);
  if (isSame) return null;
  const refuse = (): never => {
    if (isZeroInKeras) return refuseBidirectional(place);
    return zero === true ? refuseZeroedLast(place) : refuseFirstSteps(place);
  };
  // The steps of a sequence that goes backwards are not where its mask says.
  return returnSequences && !goBackwards ? refuse : refuse();
}
