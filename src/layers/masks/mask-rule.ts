/**
 * Layers that join several inputs or all steps into one, with the masks of Keras. By themselves they
 * are those of tf.layers, which know masks of several inputs in part and in a mean not at all; a
 * model of Keras, once read, tells them by which rule they go.
 */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { SubtractLayer } from '../keras-only/merge.js';
import { type CallArguments, classOf, type LayerClass, onlyTensor } from '../stock.js';

/**
 * Which Keras says what a mask does. Before Keras 3.4 a step of joined inputs counts where it counts
 * in all of them that have a mask ('keras2'); since, where it counts in one ('keras3').
 */
export type MaskRule = 'keras2' | 'keras3';

/** A layer that has such a rule; with null it does as tf.layers. */
export interface FollowsMasks {
  maskRule: MaskRule | null;
}

type Layer = tfl.layers.Layer;
type Tensors = tf.Tensor | tf.Tensor[];
type Mask = tf.Tensor | null;

/** The members of a stock layer that we use. */
interface Stock {
  axis?: number;
  call(inputs: Tensors, kwargs: CallArguments): Tensors;
}

type FollowerClass = LayerClass<object, Stock & FollowsMasks>;

/** What a class computes in place of the stock one, where a rule is set and masks are given. */
interface Rules {
  call?(layer: Stock & FollowsMasks, inputs: tf.Tensor[], masks: Mask[]): tf.Tensor | null;
  mask(layer: Stock & FollowsMasks, inputs: tf.Tensor[], masks: Mask[]): Mask;
}

function follower(make: () => Layer, rules: Rules): FollowerClass {
  const Base = classOf<object, Stock>(make, {});
  class Follower extends Base implements FollowsMasks {
    maskRule: MaskRule | null;

    constructor(args: { maskRule?: MaskRule } = {}) {
      const { maskRule = null, ...others } = args;
      super(others);
      this.maskRule = maskRule;
    }

    override call(inputs: Tensors, kwargs: CallArguments): Tensors {
      const masks = [kwargs?.mask ?? null].flat();
      if (this.maskRule === null || masks.every((mask) => mask === null)) {
        return super.call(inputs, kwargs);
      }
      return tf.tidy(
        () => rules.call?.(this, [inputs].flat(), masks) ?? super.call(inputs, kwargs),
      );
    }

    override computeMask(inputs: Tensors, mask?: Tensors): Tensors {
      const masks = [mask ?? null].flat();
      if (this.maskRule === null) return super.computeMask(inputs, mask);
      if (masks.every((one) => one === null)) return null as unknown as tf.Tensor;
      return tf.tidy(() => rules.mask(this, [inputs].flat(), masks) as tf.Tensor);
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { maskRule } = this;
      return { ...super.getConfig(), ...(maskRule && { maskRule }) };
    }
  }
  return Follower as unknown as FollowerClass;
}

/** Where one of them counts, or all of those that there are; null where the rule needs them all. */
function joined({ maskRule }: FollowsMasks, masks: readonly Mask[]): Mask {
  const given = masks.filter((mask) => mask !== null);
  if (maskRule === 'keras2') return given.reduce((all, mask) => tf.logicalAnd(all, mask));
  if (given.length < masks.length) return null;
  return given.reduce((all, mask) => tf.logicalOr(all, mask));
}

/** Along an axis of the masks, one behind the other; along the last axis of the inputs, as one. */
function concatenated(layer: Stock & FollowsMasks, inputs: tf.Tensor[], masks: Mask[]): Mask {
  const axis = layer.axis! < 0 ? inputs[0]!.rank + layer.axis! : layer.axis!;
  const { rank } = masks.find((mask) => mask !== null)!;
  if (axis >= rank) return joined(layer, masks);
  const whole = masks.map((mask, i) => mask ?? tf.ones(inputs[i]!.shape.slice(0, rank), 'bool'));
  return tf.concat(whole, axis);
}

/** Inputs of one rank, as merges make them: dimensions of 1 behind the batch. */
function ofOneRank(inputs: tf.Tensor[]): tf.Tensor[] {
  const most = Math.max(...inputs.map(({ rank }) => rank));
  return inputs.map((x) => {
    const [batch = 1, ...others] = x.shape;
    return tf.reshape(x, [batch, ...new Array(most - x.rank).fill(1), ...others]);
  });
}

const perFeature = (mask: Mask) => mask && tf.expandDims(tf.cast(mask, 'bool'), -1);

/** Keras 3 leaves masked values out: they count as 1, and as 0 where all are masked. */
function product({ maskRule }: FollowsMasks, inputs: tf.Tensor[], masks: Mask[]) {
  if (maskRule === 'keras2') return null;
  const each = masks.map(perFeature);
  const factors = ofOneRank(inputs).map((x, i) =>
    each[i] ? tf.where(each[i], x, tf.onesLike(x)) : x,
  );
  const whole = factors.reduce((all, x) => tf.mul(all, x));
  const given = each.filter((mask) => mask !== null);
  if (given.length < each.length) return whole;
  const counts = given.reduce((all, mask) => tf.logicalOr(all, mask));
  return tf.where(counts, whole, tf.zerosLike(whole));
}

/** Keras 3 leaves masked values out: a masked value is taken from what is joined to it. */
function extreme(choose: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Rules['call'] {
  return ({ maskRule }, inputs, masks) => {
    if (maskRule === 'keras2') return null;
    const [first, ...others] = ofOneRank(inputs) as [tf.Tensor, ...tf.Tensor[]];
    let output = first;
    let counts = perFeature(masks[0] ?? null);
    others.forEach((given, i) => {
      const mask = perFeature(masks[i + 1] ?? null);
      const x = mask ? tf.where(mask, given, output) : given;
      output = choose(counts ? tf.where(counts, output, x) : output, x);
      counts = mask && counts ? tf.logicalOr(counts, mask) : null;
    });
    return output;
  };
}

/** The mean of the steps that count; of none, it is not a number, as in Keras. */
function mean(_: FollowsMasks, inputs: tf.Tensor[], masks: Mask[]): tf.Tensor {
  const x = onlyTensor('layers.globalAveragePooling1d', inputs);
  const counts = perFeature(masks[0]!)!;
  const kept = tf.where(counts, x, tf.zerosLike(x));
  return tf.div(tf.sum(kept, 1), tf.sum(tf.cast(counts, 'float32'), 1));
}

/** The largest of the steps that count; of none, it is not a number. Keras itself takes all steps. */
function most(_: FollowsMasks, inputs: tf.Tensor[], masks: Mask[]): tf.Tensor {
  const x = onlyTensor('layers.globalMaxPooling1d', inputs);
  const counts = perFeature(masks[0]!)!;
  const least = tf.fill(x.shape, Number.NEGATIVE_INFINITY);
  const largest = tf.max(tf.where(counts, x, least), 1);
  return tf.where(tf.any(counts, 1), largest, tf.fill(largest.shape, Number.NaN));
}

const joins = (call?: Rules['call']): Rules => ({
  ...(call && { call }),
  mask: (layer, _, masks) => joined(layer, masks),
});

const KINDS: Record<string, [make: () => Layer, rules: Rules]> = {
  Subtract: [() => new (SubtractLayer())({}), joins()],
  Add: [() => tfl.layers.add() as Layer, joins()],
  Average: [() => tfl.layers.average() as Layer, joins()],
  Concatenate: [() => tfl.layers.concatenate() as Layer, { mask: concatenated }],
  GlobalAveragePooling1D: [
    () => tfl.layers.globalAveragePooling1d({}),
    { call: mean, mask: () => null },
  ],
  GlobalMaxPooling1D: [() => tfl.layers.globalMaxPooling1d({}), { call: most, mask: () => null }],
  Maximum: [() => tfl.layers.maximum() as Layer, joins(extreme(tf.maximum))],
  Minimum: [() => tfl.layers.minimum() as Layer, joins(extreme(tf.minimum))],
  Multiply: [() => tfl.layers.multiply() as Layer, joins(product)],
};

/** The layers that can have a rule, by the names of their classes. */
export type FollowerName =
  | 'Add'
  | 'Average'
  | 'Concatenate'
  | 'GlobalAveragePooling1D'
  | 'GlobalMaxPooling1D'
  | 'Maximum'
  | 'Minimum'
  | 'Multiply'
  | 'Subtract';

const classes = new Map<string, FollowerClass>();

/** The class of one of them. */
export function FollowerLayer(name: FollowerName): FollowerClass {
  const known = classes.get(name);
  if (known) return known;
  const made = follower(...KINDS[name]!);
  classes.set(name, made);
  return made;
}

/** Makes one of them, which is that of tf.layers until it is told a rule. */
export function maskFollower(name: FollowerName, args: object): Layer {
  return new (FollowerLayer(name))(args);
}

/** All of them, for the registry. */
export function followerLayers(): FollowerClass[] {
  return (Object.keys(KINDS) as FollowerName[]).map(FollowerLayer);
}
