/** layers.dropout: tf.layers.dropout with a fast generator that a seed repeats. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { dropoutComposed, dropout as fusedDropout } from '../../kernels/dropout/dropout.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { type KernelOption, kernelOption, useFused } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { initialRandomState, nextSeed } from '../recurrent/random-state.js';
import {
  type CallArguments,
  type DropoutArgs,
  onlyTensor,
  stockDropout,
  type LayerClass,
  type StockDropout,
} from '../stock.js';
import { type Given, singleCall, type TrainingCall, type TrainsByCall } from '../training-call.js';

/** The arguments of `tf.layers.dropout`, and which kernel computes it. */
export type DropoutLayerArgs = DropoutArgs & { kernel?: KernelOption };

type DropoutClass = LayerClass<
  DropoutLayerArgs,
  StockDropout & TrainsByCall & { readonly kernel: KernelOption; randomState: number }
>;

let dropoutClass: DropoutClass | undefined;

/** The class of {@link dropout}. */
export function DropoutLayer(): DropoutClass {
  dropoutClass ??= defineDropout();
  return dropoutClass;
}

function defineDropout(): DropoutClass {
  return class Dropout extends stockDropout() {
    readonly kernel: KernelOption;
    /** Where the seeds of the masks stand; part of a checkpoint. */
    randomState: number;

    constructor({ kernel, ...args }: DropoutLayerArgs) {
      super(args);
      this.kernel = kernelOption('layers.dropout', kernel);
      this.randomState = initialRandomState(args.seed);
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const x = onlyTensor('layers.dropout', inputs);
        // The same data under another name. TensorFlow.js would clone an input that is
        // returned, which copies on wasm, and the LSTM would lose sight of its words.
        if (!kwargs?.training || this.rate <= 0) return tf.reshape(x, x.shape);
        if (this.rate >= 1) return tf.zerosLike(x);
        const noiseShape = this.getNoiseShape(x);
        return noiseShape ? tf.mul(x, this.drop(tf.ones(noiseShape))) : this.drop(x);
      });
    }

    hasTrainingCall({ values }: Given): boolean {
      if (values.length !== 1) return false;
      return this.kernel !== 'composed' && this.rate < 1 && this.noiseShape == null;
    }

    trainingCall({ values }: Given): TrainingCall {
      const [x] = values as [tf.Tensor];
      const { rate } = this;
      if (rate <= 0) return singleCall(x, (dy) => ({ input: dy }));
      const seed = nextSeed(this);
      const drop = (tensor: tf.Tensor) => fusedDropout(tensor, rate, seed);
      return singleCall(drop(x), (dy) => ({ input: drop(dy) }));
    }

    private drop(x: tf.Tensor): tf.Tensor {
      const obstacle = fusedObstacle();
      const run = useFused('layers.dropout', this.kernel, obstacle)
        ? fusedDropout
        : dropoutComposed;
      return run(x, this.rate, nextSeed(this));
    }
  };
}

/**
 * Drops a fraction of the values while training: `tf.layers.dropout`, fast, and
 * repeatable with a `seed`, on every backend alike.
 *
 * A seed fixes the sequence of masks, one a call, as in Keras.
 *
 * @param args Those of `tf.layers.dropout` (`rate`, `noiseShape`, `seed`), and
 *   `kernel`: `'auto'` by default.
 * @returns A layer that keeps the shape of its input.
 * @throws RecurrentError for an unknown `kernel`.
 * @see Srivastava et al. 2014; kept values are scaled by 1 / (1 - rate).
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const dropout = layers.dropout({ rate: 0.5, seed: 1 });
 * const output = dropout.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor;
 * console.log(output.dataSync().every((value) => value === 0 || value === 2));
 * // true
 * ```
 */
export function dropout(args: DropoutLayerArgs): tfl.layers.Layer {
  requireLayerArguments('dropout', args);
  return new (DropoutLayer())(args);
}
