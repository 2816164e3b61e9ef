/** layers.lstm: tf.layers.lstm with a fused kernel for the whole sequence. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { LSTM as LSTM_CELL } from '../../kernels/recurrent/cells/lstm.js';
import type { KernelOption } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { ZeroOutputArgs } from '../masks/masked-outputs.js';
import { type FusedLayer, gatesSetting, recurrentLayer } from './recurrent-layer.js';
import { type LayerClass, type LstmArgs, type StockLstm, stockLstm } from '../stock.js';

/** The arguments of `tf.layers.lstm`, what masked steps give, and which kernel computes it. */
export type LstmLayerArgs = LstmArgs & ZeroOutputArgs & { kernel?: KernelOption };

type LstmClass = LayerClass<LstmLayerArgs, StockLstm & FusedLayer>;

let lstmClass: LstmClass | undefined;

/** The class of {@link lstm}. */
export function LstmLayer(): LstmClass {
  lstmClass ??= defineLstm();
  return lstmClass;
}

function defineLstm(): LstmClass {
  const Recurrent = recurrentLayer(stockLstm(), {
    where: 'layers.lstm',
    cellOf: () => LSTM_CELL,
    settingOf: gatesSetting,
  });
  return class LSTM extends Recurrent {
    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      // The stock initializer of unitForgetBias leaves its parts behind.
      tf.tidy(() => super.build(inputShape));
    }
  };
}

/**
 * Long short-term memory: `tf.layers.lstm`, fast.
 *
 * Takes the same arguments, saves under the same name and computes the same values.
 * On the `cpu` and `wasm` backends one WebAssembly kernel runs the whole sequence,
 * forward and backward, `dropout` and `recurrentDropout` included; elsewhere, and for
 * activations other than tanh with sigmoid or hardSigmoid, TensorFlow.js operations do.
 *
 * Note that `recurrentActivation` is hardSigmoid by default, as in TensorFlow.js; Keras
 * since 2.3 has sigmoid. `unitForgetBias` is off, as there; Keras has it on.
 *
 * @param args Those of `tf.layers.lstm` (`units`, `returnSequences`, `returnState`,
 *   `goBackwards`, `recurrentActivation`, …), `zeroOutputForMask`: whether masked steps give zeros
 *   instead of the output before them (false by default; see {@link ZeroOutputForMask}), and
 *   `kernel`: `'auto'` by default.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to
 *   [batch, time, units] with `returnSequences`.
 * @throws RecurrentError for an unknown `kernel` or `zeroOutputForMask`; when called, for
 *   `kernel: 'fused'` where the fused kernel cannot run.
 * @see Hochreiter & Schmidhuber 1997, and Gers et al. 2000 for the forget gate.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const lstm = layers.lstm({ units: 4, returnSequences: true });
 * const output = lstm.apply(tf.zeros([2, 5, 3])) as tf.Tensor;
 * console.log(output.shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function lstm(args: LstmLayerArgs): tfl.RNN {
  requireLayerArguments('lstm', args);
  return new (LstmLayer())(args) as unknown as tfl.RNN;
}
