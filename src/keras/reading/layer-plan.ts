/** What is known of a layer before it is built. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { LayerConfig, LayerPlace } from './layer-config.js';
import type { Inside, OutputLimit } from './output-sizes.js';

/** Gates that lie side by side in the last axis of a weight, and those to be scaled. */
export interface ScaledGates {
  gates: number;
  scaled: readonly number[];
}

/** A weight, in the order in which Keras and TensorFlow.js both have them. */
export interface WeightPlan {
  /** Its name in Keras: `recurrent_kernel`. */
  name: string;
  /** Where Keras 3 keeps it below its layer: `cell/vars/1`. */
  store: string;
  shape: number[];
  /** The gates whose values go with a hard_sigmoid of Keras 3. */
  hardSigmoid?: ScaledGates | undefined;
  /** Makes of the values in the file those of the layer here, where they differ. */
  convert?(values: Float32Array): { values: Float32Array; shape: number[] };
}

/**
 * What a layer does with a mask that comes with its input: hand it on, make one, leave its steps out
 * (`'uses'`: a recurrent layer; `'averages'`), join it with others, compute without it and end it
 * (`'ignores'`), or what cannot be done here (`'refuses'`).
 */
export type MaskUse = 'passes' | 'makes' | 'uses' | 'averages' | 'joins' | 'ignores' | 'refuses';

/** What a model inside may ask for. */
export interface Limits {
  /** Of all its weights: a file cannot hold more. */
  weights: number;
  outputs: OutputLimit;
}

/** A layer that can be built. */
export interface LayerPlan {
  place: LayerPlace;
  name: string;
  /**
   * Makes the layer; it has no weights until it is applied, unless it is a model.
   *
   * @param limits Of a model: what it may ask for.
   */
  make(limits?: Limits): tfl.layers.Layer;
  /** Of a layer that is a model or has one inside: that model, once it is made. */
  inside?(): Inside | undefined;
  /** Of a layer that is a model: how many inputs it has. */
  inputs?: number;
  /** The layer that takes its place for an input of this shape, if one has to. */
  makeInstead?(inputShape: tfl.Shape): tfl.layers.Layer | undefined;
  weights(inputShape: tfl.Shape): WeightPlan[];
  masks: MaskUse;
  /** Of a layer that makes a mask: the value in its input that is masked. */
  maskValue?: number;
  /** Of a layer that joins masks: the axis, where it concatenates. */
  joinAxis?: number;
  /** Of a recurrent layer: how many of its outputs are sequences, which the mask goes on with. */
  sequences?: number;
  /** Of a recurrent layer: whether it is unrolled, and so that Keras zeroes the wrong steps. */
  unrolled?: boolean;
  unrolledZeroes?: boolean;
}

/** Reads the settings of one class of layers; everything but the name and the place. */
export type LayerReader = (
  config: LayerConfig,
  common: { name: string; trainable: boolean },
) => Omit<LayerPlan, 'place' | 'name'>;

/** The weights `kernel`, `bias` and so on as `vars/0`, `vars/1`, …, leaving out what is not there. */
export function numbered(
  weights: readonly (Omit<WeightPlan, 'store'> | false)[],
  prefix = '',
): WeightPlan[] {
  return weights
    .filter((weight) => weight !== false)
    .map((weight, i) => ({ ...weight, store: `${prefix}vars/${i}` }));
}

/** The dimension of the features: the last one. */
export function features(config: LayerConfig, inputShape: tfl.Shape): number {
  const last = inputShape.at(-1);
  if (typeof last !== 'number') {
    config.refuse({ expected: 'must have an input whose last dimension is known', received: last });
  }
  return last;
}
