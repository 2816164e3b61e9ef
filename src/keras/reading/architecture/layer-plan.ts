/** What is known of a layer before it is built. */
import type { tfl } from '../../../foundation/tensorflow.js';
import type { Architecture } from './architecture.js';
import type { LayerConfig, LayerPlace } from '../settings/layer-config.js';

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
  /** False for what training never changes by gradients: the layer is frozen, or it is a mean of data. */
  trained?: boolean;
  /** Makes of the values in the file those of the layer here, where they differ. */
  convert?(values: Float32Array): { values: Float32Array; shape: number[] };
}

/**
 * What a layer does with a mask that comes with its input: hand it on, make one, leave its steps out
 * (`'uses'`: a recurrent layer; `'averages'`; `'attends'`: attention, which hands that of its query on), join it with others, compute without it and end it
 * (`'ignores'`), or what cannot be done here (`'refuses'`).
 */
export type MaskUse =
  | 'passes'
  | 'makes'
  | 'uses'
  | 'averages'
  | 'attends'
  | 'joins'
  | 'ignores'
  | 'refuses';

/** A layer that can be built. */
export interface LayerPlan {
  place: LayerPlace;
  name: string;
  /**
   * Makes the layer; it has no weights until it is applied. A model is made by connect.ts.
   *
   * @param inner Of a layer around a model: that model.
   */
  make(inner?: tfl.layers.Layer): tfl.layers.Layer;
  /** Of a layer that is a model: what it consists of. */
  model?: Architecture;
  /** Of a layer that applies a model to each step: that model. */
  around?: LayerPlan;
  trainable: boolean;
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

/** What all layers have. */
export interface Common {
  name: string;
  trainable: boolean;
}

/** What a class of layers says of one of them. */
export type ReadLayer = Omit<LayerPlan, 'place' | keyof Common>;

/** Reads a layer within another one, of the classes that it can have there. */
export type InnerReader = (written: unknown, allowed: readonly string[]) => LayerPlan;

/** Reads the settings of one class of layers; everything but the name and the place. */
export type LayerReader = (config: LayerConfig, common: Common, inner: InnerReader) => ReadLayer;

/** Of a layer without weights. */
export const noWeights = (): WeightPlan[] => [];

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

/** Leaves out what is undefined: TensorFlow.js tells it from what is left out. */
export function given<T extends object>(settings: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
