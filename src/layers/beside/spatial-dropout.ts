/** layers.spatialDropout1d: whole columns of a sequence dropped at once. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { dropout as drop } from '../../kernels/dropout/dropout.js';
import { scaleSteps } from '../../kernels/merging/steps.js';
import { DropoutLayer, type DropoutLayerArgs } from '../core/dropout.js';
import { once } from '../keras-only/once.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { nextSeed } from '../recurrent/random-state.js';
import type { LayerClass } from '../stock.js';
import { type Given, singleCall, type TrainingCall } from '../training-call.js';

/** The arguments of `tf.layers.spatialDropout1d`, and which kernel computes it. */
export type SpatialDropoutLayerArgs = Omit<DropoutLayerArgs, 'noiseShape'>;

/** The class of {@link spatialDropout1d}. */
export const SpatialDropout1dLayer = once(
  (): LayerClass<SpatialDropoutLayerArgs, tfl.layers.Layer> => {
    class SpatialDropout1D extends DropoutLayer() {
      static override readonly className: string = 'SpatialDropout1D';

      override getNoiseShape({ shape }: tf.Tensor): number[] {
        return [shape[0]!, 1, shape[2]!];
      }

      override getConfig(): tf.serialization.ConfigDict {
        const { noiseShape: _, ...config } = super.getConfig();
        return config;
      }

      override hasTrainingCall({ values }: Given): boolean {
        const [x, ...others] = values;
        return others.length === 0 && x!.rank === 3 && this.kernel !== 'composed' && this.rate < 1;
      }

      override trainingCall({ values: [x] }: Given): TrainingCall {
        const { rate } = this;
        if (rate <= 0) return singleCall(x!, (dy) => ({ input: dy }));
        const [batch, , columns] = x!.shape as [number, number, number];
        const kept = drop(tf.ones([batch, columns]), rate, nextSeed(this));
        return singleCall(scaleSteps(x!, kept), (dy) => ({ input: scaleSteps(dy, kept) }));
      }
    }
    return SpatialDropout1D as unknown as LayerClass<SpatialDropoutLayerArgs, tfl.layers.Layer>;
  },
);

/**
 * Drops whole columns of a sequence while training, the same at every step:
 * `tf.layers.spatialDropout1d`, fast, and repeatable with a `seed`.
 *
 * @param args Those of `tf.layers.spatialDropout1d` (`rate`, `seed`), and `kernel`: `'auto'` by default.
 * @returns A layer that keeps the shape of its input, [batch, time, columns].
 * @see Tompson et al. 2014.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const dropout = layers.spatialDropout1d({ rate: 0.5, seed: 1 });
 * const output = dropout.apply(tf.ones([1, 3, 8]), { training: true }) as tf.Tensor;
 * const [first, second] = (output.arraySync() as number[][][])[0]!;
 * console.log(String(first) === String(second));
 * // true
 * ```
 */
export function spatialDropout1d(args: SpatialDropoutLayerArgs): tfl.layers.Layer {
  requireLayerArguments('spatialDropout1d', args);
  return new (SpatialDropout1dLayer())(args);
}
