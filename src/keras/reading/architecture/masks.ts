/** Walks through a model before it is built: which masks reach its layers, and what they do there. */
import type { tfl } from '../../../foundation/tensorflow.js';
import type { MaskRule } from '../../../layers/masks/mask-rule.js';
import { followsMasks, hasMaskedOutputs } from '../../../layers/masks/settings.js';
import type { CallPlan } from './architecture.js';
import type { TensorReference } from './inbound-nodes.js';
import { refuseLayer } from '../settings/layer-config.js';
import type { LayerPlan } from './layer-plan.js';
import { type MaskOperation, MaskTerms, type Term, type TermNumbers } from './mask-operations.js';

type Layer = tfl.layers.Layer;

/** A mask before it is computed. */
export interface Mask {
  term: Term;
  /** How many dimensions it has: the batch, the steps and, seldom, more. */
  rank: number;
}

/** Keras joins the masks of several inputs by 'or' since this version, by 'and' before. */
const JOINED_BY_OR = 3.4;

/** The masks of a model, found call by call. */
export class MaskWalk {
  readonly #terms: MaskTerms;

  constructor(operations: readonly MaskOperation[], numbers: TermNumbers) {
    this.#terms = new MaskTerms(operations, numbers);
  }

  /**
   * Follows the masks through a call, after those that it takes its inputs from. Tells the layer
   * what of Keras's rules it has to keep, and the call whether its layer is to see a mask.
   *
   * @param layer Undefined for one around a model, which is not made yet.
   * @param given The masks of the inputs.
   * @param ranks How many dimensions each input has.
   * @returns The masks of the outputs.
   * @throws RecurrentError where Keras would do what cannot be done here.
   */
  follow(
    call: CallPlan,
    layer: Layer | undefined,
    given: readonly (Mask | null)[],
    ranks: readonly number[],
  ): (Mask | null)[] {
    const { layer: plan } = call;
    const [first = null] = given;
    this.requireWritten(call, first);
    if (plan.masks === 'uses') call.unmasked ||= !this.#useSteps(call, layer!, first);
    else if (given.some((one) => one !== null)) this.#require(call, layer, given, ranks);
    return this.#outputs(call, given, ranks);
  }

  /** Throws where a call is given another mask than the one of its input. */
  requireWritten(call: CallPlan, own: Mask | null): void {
    if (call.mask) this.#requireOwn(call, own);
  }

  #requireOwn({ layer: { place }, mask }: CallPlan, own: Mask | null): void {
    if (own && this.#terms.written(mask!) === own.term) return;
    refuseLayer(place, {
      expected: 'is called with a mask that is not the one of its input, which cannot be had here',
      received: mask!.layer,
      remedy: 'Leave the argument mask out where Keras finds the mask of the input by itself.',
    });
  }

  /** Returns whether a recurrent layer leaves masked steps out. */
  #useSteps(call: CallPlan, layer: Layer, first: Mask | null): boolean {
    const { layer: plan, inputs, mask } = call;
    if (first === null) return true;
    const { kerasVersion } = plan.place;
    const hasStates = inputs.length > 1;
    // Keras 3 looks for the mask of a layer's only tensor, and finds none where there are states.
    if (hasStates && !mask && kerasVersion >= 3) return false;
    if (first.rank !== 2) refuseMask(plan);
    if (plan.unrolledZeroes) {
      refuseLayer(plan.place, {
        expected:
          'is unrolled, goes backwards and has zero_output_for_mask, where Keras zeroes the wrong steps',
        remedy: 'Set unroll to False, which changes nothing else.',
      });
    }
    const startsAnywhere = hasStates || (layer as Layer & { stateful?: boolean }).stateful;
    if (startsAnywhere && (kerasVersion > 2 || plan.unrolled)) {
      for (const one of directions(layer)) {
        if (hasMaskedOutputs(one) && !one.zeroOutputForMask) one.zeroOutputForMask = 'untilFirst';
      }
    }
    return true;
  }

  /** Throws where a layer cannot do with masks what Keras does. */
  #require(
    { layer: plan }: CallPlan,
    layer: Layer | undefined,
    given: readonly (Mask | null)[],
    ranks: readonly number[],
  ): void {
    const { masks } = plan;
    if (masks === 'refuses') refuseMask(plan);
    if (masks === 'attends' && given.some((one) => one && one.rank !== 2)) refuseMask(plan);
    if (masks !== 'joins' && masks !== 'averages') return;
    const highest = Math.max(...ranks);
    const fits = given.every((one, i) => !one || (one.rank === 2 && ranks[i] === highest));
    if (!fits || highest !== 3) refuseMask(plan);
    if (layer && followsMasks(layer)) layer.maskRule = ruleOf(plan);
  }

  #outputs(
    { layer: plan, inputs }: CallPlan,
    given: readonly (Mask | null)[],
    ranks: readonly number[],
  ): (Mask | null)[] {
    const [first = null] = given;
    switch (plan.masks) {
      case 'makes': {
        const term = this.#terms.notEqual(inputs[0]!, plan.maskValue ?? 0);
        const isMasking = plan.place.className === 'Masking';
        const rank = ranks[0]!;
        return [isMasking ? { term: this.#terms.any(term), rank: rank - 1 } : { term, rank }];
      }
      case 'passes':
      case 'attends':
        return [first];
      case 'uses':
        // States, which come after the sequences, have no mask.
        return new Array(plan.sequences ?? 0).fill(first);
      case 'joins':
        return [this.#joined(plan, inputs, given)];
      default:
        return [];
    }
  }

  /** The mask of what several tensors are joined to, as the term that Keras makes of it. */
  #joined(
    plan: LayerPlan,
    inputs: readonly TensorReference[],
    given: readonly (Mask | null)[],
  ): Mask | null {
    const terms = this.#terms;
    const known = given.filter((mask) => mask !== null);
    if (known.length === 0) return null;
    const isOr = ruleOf(plan) === 'keras3';
    if (plan.joinAxis !== undefined) {
      const each = given.map((mask, i) => {
        if (!mask) return terms.like('OnesLike', inputs[i]!);
        const wide = terms.expand(mask.term);
        return isOr ? terms.or(wide, terms.like('ZerosLike', inputs[i]!)) : wide;
      });
      const whole = terms.concatenate(each, plan.joinAxis);
      return { term: isOr ? terms.any(whole) : terms.all(whole), rank: known[0]!.rank };
    }
    if (isOr && known.length < given.length) return null;
    const all = known.map(({ term }) => term);
    const term = isOr
      ? all.reduce(terms.or)
      : terms.all(
          terms.concatenate(
            all.map((one) => terms.expand(one, 0)),
            0,
          ),
          0,
        );
    return { term, rank: known[0]!.rank };
  }
}

function ruleOf({ place }: LayerPlan): MaskRule {
  return place.kerasVersion >= JOINED_BY_OR ? 'keras3' : 'keras2';
}

/** A recurrent layer itself, or the two inside a Bidirectional. */
function directions(layer: Layer): Layer[] {
  const { forwardLayer, backwardLayer } = layer as Layer & Record<string, Layer | undefined>;
  return forwardLayer && backwardLayer ? [forwardLayer, backwardLayer] : [layer];
}

function refuseMask({ place }: LayerPlan): never {
  refuseLayer(place, {
    expected: 'is given a mask, with which Keras does what cannot be done here',
    remedy: 'Leave mask_zero or the Masking layer out, or move this layer.',
  });
}
