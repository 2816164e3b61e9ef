/** layers.simpleRNN: tf.layers.simpleRNN with a fused kernel for the whole sequence. */
import type { tfl } from '../../foundation/tensorflow.js';
import { SIMPLE_RNN_ACTIVATIONS } from '../../kernels/recurrent/cells/facts.js';
import { SIMPLE_RNN } from '../../kernels/recurrent/cells/simple-rnn.js';
import type { KernelOption } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { ZeroOutputArgs } from '../masks/masked-outputs.js';
import { type FusedLayer, recurrentLayer } from './recurrent-layer.js';
import {
  type LayerClass,
  type SimpleRnnArgs,
  type StockSimpleRnn,
  stockSimpleRnn,
} from '../stock.js';

/** The arguments of `tf.layers.simpleRNN`, what masked steps give, and which kernel computes it. */
export type SimpleRnnLayerArgs = SimpleRnnArgs & ZeroOutputArgs & { kernel?: KernelOption };

type SimpleRnnClass = LayerClass<SimpleRnnLayerArgs, StockSimpleRnn & FusedLayer>;

let simpleRnnClass: SimpleRnnClass | undefined;

/** The class of {@link simpleRNN}. */
export function SimpleRnnLayer(): SimpleRnnClass {
  simpleRnnClass ??= defineSimpleRnn();
  return simpleRnnClass;
}

function defineSimpleRnn(): SimpleRnnClass {
  const Recurrent = recurrentLayer(stockSimpleRnn(), {
    where: 'layers.simpleRNN',
    cellOf: () => SIMPLE_RNN,
    settingOf: activationSetting,
  });
  return class SimpleRNN extends Recurrent {};
}

/** The setting of its kernel, or what its activation is. */
export function activationSetting({ cell }: Pick<StockSimpleRnn, 'cell'>): number | string {
  const activation = cell.activation.getClassName();
  const setting = SIMPLE_RNN_ACTIVATIONS.indexOf(activation as 'tanh');
  return setting < 0 ? `activation is '${activation}'` : setting;
}

/**
 * The fully recurrent layer, whose state is its last output: `tf.layers.simpleRNN`, fast.
 *
 * Takes the same arguments, saves under the same name and computes the same values. On the `cpu` and
 * `wasm` backends one WebAssembly kernel runs the whole sequence, forward and backward, `dropout` and
 * `recurrentDropout` included; elsewhere, and for activations other than tanh, relu and linear,
 * TensorFlow.js operations do.
 *
 * @param args Those of `tf.layers.simpleRNN` (`units`, `activation`, `returnSequences`, `returnState`,
 *   `goBackwards`, …), `zeroOutputForMask`: whether masked steps give zeros instead of the output
 *   before them (false by default; see {@link ZeroOutputForMask}), and `kernel`: `'auto'` by default.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`.
 * @throws RecurrentError for an unknown `kernel` or `zeroOutputForMask`; when called, for `kernel: 'fused'` where the fused
 *   kernel cannot run.
 * @see Elman 1990.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const rnn = layers.simpleRNN({ units: 4, returnSequences: true });
 * console.log((rnn.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function simpleRNN(args: SimpleRnnLayerArgs): tfl.RNN {
  requireLayerArguments('simpleRNN', args);
  return new (SimpleRnnLayer())(args) as unknown as tfl.RNN;
}
