/** What becomes of the masks of several inputs: here, by what tf.layers or a rule of Keras says, and in Keras 3. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { MaskRule } from '../../layers/masks/mask-rule.js';
import { followsMasks } from '../../layers/masks/settings.js';
import { type DrawnMask, drawConcatenate, drawOr } from './mask-operations.js';
import { allOf, anyOf, brokenMask, oneBehindTheOther, type Term } from './mask-terms.js';

type Layer = tfl.layers.Layer;
type Masks = readonly (Term | null)[];

/** Layers that compute value by value from inputs of one shape. */
const ELEMENTWISE = new Set(['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract']);

/** Those whose values depend on the masks in Keras 3. */
const HEEDS_MASKS = new Set(['Maximum', 'Minimum', 'Multiply']);

/** Whether a class joins its inputs, and their masks, into one. */
export function joinsMasks(className: string): boolean {
  return ELEMENTWISE.has(className) || className === 'Concatenate';
}

/** Whether Keras 3 leaves masked values out of what a class joins. */
export function heedsMasks(className: string): boolean {
  return HEEDS_MASKS.has(className);
}

/** By which rule of Keras a layer goes; null where it does as tf.layers. */
export function maskRuleOf(layer: Layer): MaskRule | null {
  return followsMasks(layer) ? layer.maskRule : null;
}

/** What is joined, for the masks of inputs of one rank. */
export interface Joined {
  layer: Layer;
  /** How many dimensions the inputs have. */
  rank: number;
  /** What the inputs are. */
  ids: readonly string[];
}

const isConcatenate = ({ layer }: Joined) => layer.getClassName() === 'Concatenate';

/** Whether the steps of one input come behind those of the other. */
export function joinsSteps(joined: Joined): boolean {
  const { axis = -1 } = joined.layer as Layer & { axis?: number };
  return isConcatenate(joined) && (axis < 0 ? joined.rank + axis : axis) < joined.rank - 1;
}

/** The mask of the output in Keras 3. */
export function joinedInKeras(joined: Joined, masks: Masks): Term | null {
  if (!isConcatenate(joined)) return anyOf(masks);
  if (joinsSteps(joined)) return oneBehindTheOther(masks, joined.ids);
  const isPartial = masks.includes(null) && masks.some((mask) => mask !== null);
  return isPartial ? { key: 'all', rank: 2, all: true } : anyOf(masks);
}

/** The mask of the output that Keras 3 draws into the graph. */
export function drawnInKeras(
  joined: Joined,
  masks: readonly (DrawnMask | null)[],
  inputs: readonly tfl.SymbolicTensor[],
): DrawnMask | null {
  const { axis = -1 } = joined.layer as Layer & { axis?: number };
  const isList = isConcatenate(joined);
  const operation = isList ? drawConcatenate(masks, inputs, axis) : drawOr(masks);
  const term = joinedInKeras(
    joined,
    masks.map((mask) => mask?.term ?? null),
  );
  return term && operation && { term, operation };
}

/** The mask of the output in a model that our code runs. */
export function joinedHere(joined: Joined, masks: Masks): Term | null {
  if (joinsSteps(joined)) return oneBehindTheOther(masks, joined.ids);
  return maskRuleOf(joined.layer) === 'keras2' ? allOf(masks) : anyOf(masks);
}

/** The mask of the output in a model that is left to TensorFlow.js. */
export function joinedByStock(joined: Joined, masks: Masks): Term | null {
  if (!isConcatenate(joined)) return brokenMask(masks);
  if (!joinsSteps(joined)) return allOf(masks);
  return masks.includes(null) ? brokenMask(masks) : oneBehindTheOther(masks, joined.ids);
}
