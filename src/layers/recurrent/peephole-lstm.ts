/** layers.peepholeLSTM: an LSTM whose gates see the cell, on a fused kernel. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { PEEPHOLE_LSTM } from '../../kernels/recurrent/cells/peephole-lstm.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { LstmLayerArgs } from './lstm.js';
import { type FusedLayer, gatesSetting, recurrentLayer } from './recurrent-layer.js';
import { type LayerClass, type StockGruCell, type StockLstm, stockLstm } from '../stock.js';

type PeepholeClass = LayerClass<LstmLayerArgs, StockLstm & FusedLayer>;

let peepholeClass: PeepholeClass | undefined;

/** The class of {@link peepholeLSTM}. */
export function PeepholeLstmLayer(): PeepholeClass {
  peepholeClass ??= definePeephole();
  return peepholeClass;
}

function definePeephole(): PeepholeClass {
  const Recurrent = recurrentLayer(stockLstm(), {
    where: 'layers.peepholeLSTM',
    cellOf: () => PEEPHOLE_LSTM,
    settingOf: gatesSetting,
  });
  return class PeepholeLSTM extends Recurrent {
    static override className = 'PeepholeLSTM';

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      // The stock initializer of unitForgetBias leaves its parts behind.
      tf.tidy(() => super.build(inputShape));
      const cell = this.cell as StockGruCell & { kernelInitializer: unknown };
      const shape = [PEEPHOLE_LSTM.vectors, cell.units];
      const { kernelInitializer } = cell;
      cell.vectors = cell.addWeight(
        'peephole_kernel',
        shape,
        null,
        kernelInitializer,
        null,
        true,
        null,
      );
    }
  };
}

/**
 * Long short-term memory with peepholes, by which the gates see the cell c: the input and the forget
 * gate that before the step, the output gate that behind it.
 *
 * i, f = gate(x·W + h·U + p·c + b), c' = f·c + i·tanh(x·W + h·U + b), o = gate(x·W + h·U + p·c' + b),
 * h' = o·tanh(c'), as in TensorFlow's `PeepholeLSTMCell`. On the `cpu` and `wasm` backends one
 * WebAssembly kernel runs the whole sequence, forward and backward, `dropout` and `recurrentDropout`
 * included; elsewhere, and for activations other than tanh with sigmoid or hardSigmoid, TensorFlow.js
 * operations do. A saved model with it loads after `registerLayers()`.
 *
 * @param args Those of {@link lstm}, with the same defaults: `recurrentActivation` is hardSigmoid,
 *   `unitForgetBias` off. The peepholes begin as `kernelInitializer` says, as in TensorFlow.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`. Its last weight [3, units] are the peepholes of the input, the forget and the
 *   output gate.
 * @throws RecurrentError for an unknown argument, `kernel` or `zeroOutputForMask`; when called, for
 *   `kernel: 'fused'` where the fused kernel cannot run.
 * @see Gers & Schmidhuber 2000, "Recurrent nets that time and count".
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const lstm = layers.peepholeLSTM({ units: 4, recurrentActivation: 'sigmoid' });
 * console.log((lstm.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 4 ]
 * ```
 */
export function peepholeLSTM(args: LstmLayerArgs): tfl.RNN {
  requireLayerArguments('peepholeLSTM', args);
  return new (PeepholeLstmLayer())(args) as unknown as tfl.RNN;
}
