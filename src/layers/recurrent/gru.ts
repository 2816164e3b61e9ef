/** layers.gru: tf.layers.gru with Keras' resetAfter, and with a fused kernel for the whole sequence. */
import { reject } from '../../foundation/errors.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { GRU as GRU_CELL, GRU_RESET_AFTER } from '../../kernels/recurrent/cells/gru.js';
import type { KernelOption } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { ZeroOutputArgs } from '../masks/masked-outputs.js';
import { type FusedLayer, gatesSetting, recurrentLayer } from './recurrent-layer.js';
import { type LayerClass, type StockGru, type StockGruCell, stockGru } from '../stock.js';

/** The arguments of `tf.layers.gru`, `resetAfter`, what masked steps give, and which kernel computes it. */
export type GruLayerArgs = Parameters<typeof tfl.layers.gru>[0] &
  ZeroOutputArgs & {
    /**
     * Where the reset gate acts: on the state before it meets the recurrent kernel (false, the
     * default of TensorFlow.js and of Keras before 2.3), or on the product, with a bias of its
     * own (true, the default of Keras since and the form of cuDNN).
     */
    resetAfter?: boolean;
    kernel?: KernelOption;
  };

type GruClass = LayerClass<GruLayerArgs, StockGru & FusedLayer & { readonly resetAfter: boolean }>;

let gruClass: GruClass | undefined;

/** The class of {@link gru}. */
export function GruLayer(): GruClass {
  gruClass ??= defineGru();
  return gruClass;
}

function defineGru(): GruClass {
  const Recurrent = recurrentLayer(stockGru(), {
    where: 'layers.gru',
    cellOf: (layer) =>
      (layer as StockGru & { resetAfter: boolean }).resetAfter ? GRU_RESET_AFTER : GRU_CELL,
    settingOf: gatesSetting,
  });
  return class GRU extends Recurrent {
    readonly resetAfter: boolean;

    constructor({ resetAfter = false, ...args }: GruLayerArgs) {
      requireResetAfter('layers.gru', resetAfter);
      super(args);
      this.resetAfter = resetAfter;
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      addTwoBiases(this.cell, this.resetAfter, () => super.build(inputShape));
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), resetAfter: this.resetAfter };
    }
  };
}

/** Rejects a `resetAfter` that is no boolean. */
export function requireResetAfter(where: string, resetAfter: unknown): void {
  if (typeof resetAfter === 'boolean') return;
  reject({
    where,
    expected: 'resetAfter must be true or false',
    received: resetAfter,
    remedy: 'Leave it out for false, as in TensorFlow.js.',
  });
}

/** Builds a cell by `build`; with `resetAfter`, with the two biases of Keras where the stock cell knows one. */
export function addTwoBiases(cell: StockGruCell, resetAfter: boolean, build: () => void): void {
  if (!resetAfter || !cell.useBias) {
    build();
    return;
  }
  // For the inputs and for the state.
  cell.useBias = false;
  build();
  cell.useBias = true;
  cell.bias = cell.addWeight(
    'bias',
    [2, 3 * cell.units],
    null,
    cell.biasInitializer,
    cell.biasRegularizer,
    true,
    cell.biasConstraint,
  );
}

/**
 * Gated recurrent unit: `tf.layers.gru`, with the `resetAfter` that Keras has by default and
 * TensorFlow.js lacks, so that models of Keras can be loaded.
 *
 * Takes the same arguments, saves under the same name and computes the same values. On the `cpu` and
 * `wasm` backends one WebAssembly kernel runs the whole sequence, forward and backward, `dropout` and
 * `recurrentDropout` included; elsewhere, and for activations other than tanh with sigmoid or
 * hardSigmoid, TensorFlow.js operations do. A saved model with `resetAfter` loads only after `registerLayers()`.
 *
 * Note that `recurrentActivation` is hardSigmoid by default, as in TensorFlow.js; Keras since 2.3
 * has sigmoid.
 *
 * @param args Those of `tf.layers.gru` (`units`, `returnSequences`, `returnState`, `goBackwards`,
 *   `recurrentActivation`, …), `resetAfter`: false by default, `zeroOutputForMask`: whether masked
 *   steps give zeros instead of the output before them (false by default; see
 *   {@link ZeroOutputForMask}), and `kernel`: `'auto'` by default. With `resetAfter` the bias is [2, 3·units], as in Keras.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`.
 * @throws RecurrentError for an unknown `kernel` or `zeroOutputForMask` and a `resetAfter` that is no boolean; when
 *   called, for `kernel: 'fused'` where the fused kernel cannot run.
 * @see Cho et al. 2014, arXiv:1406.1078v3 for `resetAfter: false` and v1 for `true`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const gru = layers.gru({ units: 4, resetAfter: true });
 * console.log((gru.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 4 ]
 * console.log(gru.getWeights().map((weight) => weight.shape));
 * // [ [ 3, 12 ], [ 4, 12 ], [ 2, 12 ] ]
 * ```
 */
export function gru(args: GruLayerArgs): tfl.RNN {
  requireLayerArguments('gru', args);
  return new (GruLayer())(args) as unknown as tfl.RNN;
}
