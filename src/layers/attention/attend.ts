/** Attention from checked inputs, by kernels or in operations of TensorFlow.js, and its gradient. */
import type { tf } from '../../foundation/tensorflow.js';
import {
  attentionWeightsComposed,
  contextComposed,
  type Scoring,
  type WeightsInputs,
} from '../../kernels/attention/composed.js';
import { attentionContext, attentionContextGradients } from '../../kernels/attention/context.js';
import {
  attentionWeights,
  attentionWeightsGradients,
  type WeightsGradients,
} from '../../kernels/attention/weights.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { dropout, dropoutComposed } from '../../kernels/dropout/dropout.js';
import type { Dropping } from '../../kernels/dropout/dropout-jobs.js';
import { add } from '../../kernels/merging/elementwise.js';
import type { AttentionMasks } from './attention-inputs.js';

/** What a layer says of its scores, with its weights. */
export type ScoreOf = Pick<Scoring, 'score'> & Pick<WeightsInputs, 'scale' | 'factors'>;

/** What a call is given. */
export interface AttentionInputs extends ScoreOf {
  query: tf.Tensor3D;
  value: tf.Tensor3D;
  key: tf.Tensor3D;
  masks: AttentionMasks;
  causal: boolean;
}

/** What comes out, and what comes back where it is asked for. */
export interface Attended {
  /** [batch, queries, columns] */
  context: tf.Tensor3D;
  /** [batch, queries, keys], some dropped */
  weights: tf.Tensor3D;
}

/** What comes back; to the value nothing where nothing comes back to the context. */
export type AttentionGradients = Partial<WeightsGradients> &
  Pick<WeightsGradients, 'query' | 'key'> & { value: tf.Tensor | null };

const optional = (mask: tf.Tensor | null) => mask ?? undefined;

/** In operations that every backend has. */
export function attendComposed(given: AttentionInputs, dropping: Dropping | null): Attended {
  const { value, masks } = given;
  const all = attentionWeightsComposed({ ...given, mask: optional(masks.value) }, given);
  const weights = dropping ? dropoutComposed(all, dropping.rate, dropping.seed) : all;
  return { context: contextComposed({ weights, value, mask: optional(masks.query) }), weights };
}

/** By kernels. */
export function attend(
  given: AttentionInputs,
  dropping: Dropping | null,
): Attended & {
  /** For a caller that is on no tape, from the gradients of context and weights, not both null. */
  gradients(dContext: tf.Tensor | null, dWeights: tf.Tensor | null): AttentionGradients;
} {
  const { query, key, value, masks, score, causal, scale, factors } = given;
  const inputs = { query, key, scale, factors, mask: optional(masks.value) };
  const drop = <T extends tf.Tensor>(x: T) =>
    dropping ? dropout(x, dropping.rate, dropping.seed) : x;
  const all = attentionWeights(inputs, { score, causal });
  const weights = drop(all);
  const ofContext = { weights, value, mask: optional(masks.query) };
  return {
    context: attentionContext(ofContext),
    weights,
    gradients(dContext, dWeights) {
      const back = dContext && attentionContextGradients(ofContext, dContext);
      const dKept = back && dWeights ? add(back.weights, dWeights) : (back?.weights ?? dWeights!);
      const d = attentionWeightsGradients(inputs, { score }, all, drop(dKept));
      return { ...d, value: back?.value ?? null };
    },
  };
}

/** What stands in the way of the kernels, as a part of a sentence, or null. */
export function obstacleOf({ query, value, key }: AttentionInputs): string | null {
  const isEmpty = [query, value, key].some(({ size }) => size === 0);
  return fusedObstacle() ?? (isEmpty ? 'the input is empty' : null);
}
