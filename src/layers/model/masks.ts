/**
 * Masks on their way through a model, by the rules of Keras 3: which a layer is told when it is called,
 * and which its outputs have. Where tf.layers has no rule of its own, or another one, it is here.
 */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { followsMasks } from '../masks/settings.js';
import { isRecurrent } from './recurrent.js';

type Layer = tfl.layers.Layer;

/** Of a tensor [batch, time, …], bool [batch, time]: false for what does not count. */
export type Mask = tf.Tensor | null;

/** The argument `mask` of a call, given the masks of its inputs: one for one input, else a list. */
export function maskForCall(layer: Layer, masks: readonly Mask[]): Mask | Mask[] {
  if (masks.every((mask) => mask === null)) return null;
  // It calls the layer inside step by step: a mask of steps is none of a single one.
  if (layer.getClassName() === 'TimeDistributed') return null;
  // Whatever follows the first input of a recurrent layer are states, which have no mask.
  return masks.length === 1 || isRecurrent(layer) ? masks[0]! : [...masks];
}

// In Keras they pass on the mask of their input; in tf.layers they end it.
const PASS_ON = new Set(['ELU', 'LeakyReLU', 'Rescaling', 'Softmax', 'ThresholdedReLU']);
const MERGE = new Set(['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract']);

/** Whether a layer of one input, none of those above, hands the mask of its input on. */
export function handsMaskOn(layer: Layer): boolean {
  return layer.supportsMasking || PASS_ON.has(layer.getClassName());
}

/** The masks of the outputs of a call. */
export function masksOfOutputs(
  layer: Layer,
  inputs: tf.Tensor[],
  masks: readonly Mask[],
  outputs: readonly tf.Tensor[],
): Mask[] {
  const name = layer.getClassName();
  if (followsMasks(layer) && layer.maskRule !== null) {
    return [layer.computeMask(inputs, masks as tf.Tensor[]) as Mask];
  }
  if (MERGE.has(name)) return [anyOf(masks)];
  if (name === 'Concatenate') return [concatenated(layer, inputs, masks)];
  if (name === 'Dot') return [null];
  if (PASS_ON.has(name)) return [...masks];
  if (!layer.supportsMasking) return outputs.map(() => null);
  const computed = [layer.computeMask(inputs, masks as tf.Tensor[])].flat() as (Mask | undefined)[];
  return outputs.map((_, i) => computed[i] ?? null);
}

/** Where one of them counts; null where one has no mask. */
function anyOf(masks: readonly Mask[]): Mask {
  if (masks.some((mask) => mask === null)) return null;
  return (masks as tf.Tensor[]).reduce((all, mask) => tf.logicalOr(all, mask));
}

/** Along the axis of a mask, one behind the other; along any other, where one of them counts. */
function concatenated(layer: Layer, inputs: readonly tf.Tensor[], masks: readonly Mask[]): Mask {
  const given = masks.find((mask) => mask !== null);
  if (!given) return null;
  const { axis: asked } = layer as unknown as { axis: number };
  const axis = asked < 0 ? inputs[0]!.rank + asked : asked;
  if (axis >= given.rank) return anyOf(masks);
  const whole = masks.map(
    (mask, i) => mask ?? tf.ones(inputs[i]!.shape.slice(0, given.rank), 'bool'),
  );
  return tf.concat(whole as tf.Tensor[], axis);
}
