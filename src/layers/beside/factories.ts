/**
 * The layers of tf.layers that stand beside recurrent ones, in models of this library: there they are
 * computed by kernels.
 */
import { tfl } from '../../foundation/tensorflow.js';
import { Conv1dLayer } from '../keras-only/convolution.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { type MaskRule, maskFollower } from '../masks/mask-rule.js';
import { installExecution } from '../model/execution.js';
import { markAsOurs } from '../model/ours.js';

type Layer = tfl.layers.Layer;

/** The arguments of `tf.layers.timeDistributed`. */
export type TimeDistributedArgs = Parameters<typeof tfl.layers.timeDistributed>[0];
/** The arguments of `tf.layers.conv1d`. */
export type Conv1dArgs = Parameters<typeof tfl.layers.conv1d>[0];
/** The arguments of `tf.layers.maxPooling1d`. */
export type MaxPooling1dArgs = NonNullable<Parameters<typeof tfl.layers.maxPooling1d>[0]>;
/** The arguments of `tf.layers.averagePooling1d`. */
export type AveragePooling1dArgs = NonNullable<Parameters<typeof tfl.layers.averagePooling1d>[0]>;
/** The arguments of `tf.layers.globalMaxPooling1d`, and whose rule of masks the layer goes by. */
export type GlobalMaxPooling1dArgs = NonNullable<
  Parameters<typeof tfl.layers.globalMaxPooling1d>[0]
> & { maskRule?: MaskRule };
/** The arguments of `tf.layers.globalAveragePooling1d`, and whose rule of masks the layer goes by. */
export type GlobalAveragePooling1dArgs = NonNullable<
  Parameters<typeof tfl.layers.globalAveragePooling1d>[0]
> & { maskRule?: MaskRule };
/** The arguments of `tf.layers.layerNormalization`. */
export type LayerNormalizationArgs = NonNullable<
  Parameters<typeof tfl.layers.layerNormalization>[0]
>;
/** The arguments of `tf.layers.batchNormalization`. */
export type BatchNormalizationArgs = NonNullable<
  Parameters<typeof tfl.layers.batchNormalization>[0]
>;

function ours(layer: Layer): Layer {
  installExecution();
  markAsOurs(layer);
  return layer;
}

/**
 * A layer at each step: `tf.layers.timeDistributed`. Where the layer treats each step by itself, all
 * steps are computed at once.
 *
 * @param args `layer`: the layer for each step.
 * @returns A layer from [batch, time, …] to [batch, time, …].
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const each = layers.timeDistributed({ layer: layers.dense({ units: 4 }) });
 * console.log((each.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function timeDistributed(args: TimeDistributedArgs): Layer {
  requireLayerArguments('timeDistributed', args);
  return ours(tfl.layers.timeDistributed(args));
}

/**
 * A convolution over time: `tf.layers.conv1d`, with Keras's causal padding, too.
 *
 * @param args Those of `tf.layers.conv1d`: `filters`, `kernelSize`, `strides`, `padding` (`'valid'` by
 *   default, `'same'`, `'causal'`), `activation`, ….
 * @returns A layer from [batch, time, inputs] to [batch, steps, filters].
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const conv = layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal' });
 * console.log((conv.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function conv1d(args: Conv1dArgs): Layer {
  requireLayerArguments('conv1d', args);
  return new (Conv1dLayer())(args);
}

/**
 * The largest value of each window of time: `tf.layers.maxPooling1d`.
 *
 * @param args Those of `tf.layers.maxPooling1d`: `poolSize` (2 by default), `strides`, `padding`.
 * @returns A layer from [batch, time, columns] to [batch, steps, columns].
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const pool = layers.maxPooling1d({ poolSize: 2 });
 * console.log((pool.apply(tf.zeros([2, 6, 3])) as tf.Tensor).shape);
 * // [ 2, 3, 3 ]
 * ```
 */
export function maxPooling1d(args: MaxPooling1dArgs = {}): Layer {
  requireLayerArguments('maxPooling1d', args);
  return ours(tfl.layers.maxPooling1d(args));
}

/**
 * The mean of each window of time: `tf.layers.averagePooling1d`.
 *
 * @param args Those of `tf.layers.averagePooling1d`: `poolSize` (2 by default), `strides`, `padding`.
 * @returns A layer from [batch, time, columns] to [batch, steps, columns].
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const pool = layers.averagePooling1d({ poolSize: 2 });
 * console.log((pool.apply(tf.ones([1, 4, 1])) as tf.Tensor).arraySync());
 * // [ [ [ 1 ], [ 1 ] ] ]
 * ```
 */
export function averagePooling1d(args: AveragePooling1dArgs = {}): Layer {
  requireLayerArguments('averagePooling1d', args);
  return ours(tfl.layers.averagePooling1d(args));
}

/**
 * The largest value of all steps, of those that a mask lets count. Keras's own GlobalMaxPooling1D takes
 * all steps, masked or not; files of Keras are read so.
 *
 * @param args Those of `tf.layers.globalMaxPooling1d`, and `maskRule`, as a saved layer has it: `'keras3'` by default,
 *   which is the same as `'keras2'` here.
 * @returns A layer from [batch, time, columns] to [batch, columns]; NaN where no step counts.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const pool = layers.globalMaxPooling1d();
 * console.log((pool.apply(tf.tensor3d([[[1], [3], [2]]])) as tf.Tensor).arraySync());
 * // [ [ 3 ] ]
 * ```
 */
export function globalMaxPooling1d(args: GlobalMaxPooling1dArgs = {}): Layer {
  requireLayerArguments('globalMaxPooling1d', args);
  return maskFollower('GlobalMaxPooling1D', { maskRule: 'keras3', ...args });
}

/**
 * The mean of all steps, of those that a mask lets count, as in Keras.
 *
 * @param args Those of `tf.layers.globalAveragePooling1d`, and `maskRule`, as a saved layer has it: `'keras3'` by default,
 *   which is the same as `'keras2'` here.
 * @returns A layer from [batch, time, columns] to [batch, columns]; NaN where no step counts.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const pool = layers.globalAveragePooling1d();
 * console.log((pool.apply(tf.tensor3d([[[1], [3], [2]]])) as tf.Tensor).arraySync());
 * // [ [ 2 ] ]
 * ```
 */
export function globalAveragePooling1d(args: GlobalAveragePooling1dArgs = {}): Layer {
  requireLayerArguments('globalAveragePooling1d', args);
  return maskFollower('GlobalAveragePooling1D', { maskRule: 'keras3', ...args });
}

/**
 * Each row less its mean, over its deviation: `tf.layers.layerNormalization`.
 *
 * @param args Those of `tf.layers.layerNormalization`: `axis` (-1 by default), `epsilon`, ….
 * @returns A layer that keeps the shape of its input.
 * @see Ba et al. 2016.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const normalize = layers.layerNormalization();
 * console.log((normalize.apply(tf.ones([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 3 ]
 * ```
 */
export function layerNormalization(args: LayerNormalizationArgs = {}): Layer {
  requireLayerArguments('layerNormalization', args);
  return ours(tfl.layers.layerNormalization(args));
}

/**
 * Each column less the mean of its batch, over its deviation: `tf.layers.batchNormalization`. It
 * predicts with the running means of training.
 *
 * @param args Those of `tf.layers.batchNormalization`: `axis` (-1 by default), `momentum`, `epsilon`, ….
 * @returns A layer that keeps the shape of its input.
 * @see Ioffe & Szegedy 2015.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const normalize = layers.batchNormalization();
 * console.log((normalize.apply(tf.ones([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 3 ]
 * ```
 */
export function batchNormalization(args: BatchNormalizationArgs = {}): Layer {
  requireLayerArguments('batchNormalization', args);
  return ours(tfl.layers.batchNormalization(args));
}
