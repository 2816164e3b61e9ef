/** traceLstm, traceGru, traceSimpleRnn: what a recurrent layer computes at every step. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { type Traced, traceFused } from '../../kernels/recurrent/trace.js';
import { traceComposed } from '../../kernels/recurrent/trace-composed.js';
import { cellOfLayer } from '../../layers/recurrent/cell-of-layer.js';
import { activationsOf, cellObstacle, weightsOfCell } from '../../layers/recurrent/run-cell.js';
import type { StockCell } from '../../layers/stock.js';
import { tracedLayer, type TracedLayer, type TraceOptions } from './traced-layer.js';

/** What every trace has. Steps are in the order of the input, whichever way the layer reads it. */
export interface RecurrentTrace {
  /** h behind each step [batch, time, units]. Where a step is masked, it is that of before. */
  hiddenState: tf.Tensor3D;
  /** bool [batch, time]: false where a step is masked, and its gates are zeros. Null without a mask. */
  mask: tf.Tensor2D | null;
}

/** The gates and states of an LSTM; see {@link traceLstm}. */
export interface LstmTrace extends RecurrentTrace {
  /** i [batch, time, units]: how much of the candidate comes in. */
  inputGate: tf.Tensor3D;
  /** f [batch, time, units]: how much of the cell state stays. */
  forgetGate: tf.Tensor3D;
  /** g [batch, time, units] */
  candidate: tf.Tensor3D;
  /** o [batch, time, units]: how much of the cell state is shown. */
  outputGate: tf.Tensor3D;
  /** c behind each step [batch, time, units] */
  cellState: tf.Tensor3D;
}

/** The gates and states of a GRU; see {@link traceGru}. */
export interface GruTrace extends RecurrentTrace {
  /** z [batch, time, units]: how much of the state stays. */
  updateGate: tf.Tensor3D;
  /** r [batch, time, units]: how much of the state the candidate sees. */
  resetGate: tf.Tensor3D;
  /** [batch, time, units] */
  candidate: tf.Tensor3D;
}

/** The states of a SimpleRNN; see {@link traceSimpleRnn}. */
export type SimpleRnnTrace = RecurrentTrace;

/**
 * Every gate and state of an LSTM, at every step.
 *
 * i, f, o = recurrentActivation(x·W + h·U + b), g = activation(x·W + h·U + b), c' = f·c + i·g,
 * h' = o·activation(c'), with the blocks of columns of Keras' LSTMCell. On the backends `cpu` and
 * `wasm` the values are those that the fused kernel keeps for its gradient.
 *
 * @param layerOrModel An LSTM, a bidirectional one, or a model that has one, stacked ones included.
 * @param input What the layer or the model takes: for a layer, [batch, time, inputs].
 * @param options `layer`: the name of the layer, where a model has several; `direction`: of a
 *   bidirectional layer, `'forward'` by default.
 * @returns Tensors [batch, time, units], to be disposed of together: `tf.dispose(trace)`.
 * @throws RecurrentError where there is no such layer, or more than one and no name.
 * @see Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers, traceLstm } from 'tfjs-recurrent';
 *
 * const lstm = layers.lstm({ units: 2 });
 * const trace = traceLstm(lstm, tf.zeros([1, 3, 4]));
 * console.log(trace.forgetGate.shape, trace.cellState.shape);
 * // [ 1, 3, 2 ] [ 1, 3, 2 ]
 * ```
 */
export function traceLstm(
  layerOrModel: tfl.layers.Layer | tfl.LayersModel,
  input: tf.Tensor | tf.Tensor[],
  options: TraceOptions = {},
): LstmTrace {
  return trace(
    'traceLstm',
    ['LSTM', 'LSTMCell'],
    layerOrModel,
    input,
    options,
    (traced, tensor) => {
      const [inputGate, forgetGate, candidate, outputGate] = traced.gates.map(tensor);
      return {
        inputGate: inputGate!,
        forgetGate: forgetGate!,
        candidate: candidate!,
        outputGate: outputGate!,
        cellState: tensor(traced.c!),
      };
    },
  );
}

/**
 * Every gate and state of a GRU, at every step.
 *
 * z, r = recurrentActivation(x·W + h·U + b), h' = z·h + (1 - z)·candidate, where the candidate is
 * activation(x·W + r·(h·U + b) + b) with `resetAfter`, else activation(x·W + (r·h)·U + b), as in Keras'
 * GRUCell.
 *
 * @param layerOrModel A GRU, a bidirectional one, or a model that has one.
 * @param input What the layer or the model takes: for a layer, [batch, time, inputs].
 * @param options As those of {@link traceLstm}.
 * @returns Tensors [batch, time, units], to be disposed of together: `tf.dispose(trace)`.
 * @throws RecurrentError where there is no such layer, or more than one and no name.
 * @see Cho et al. 2014, arXiv:1406.1078.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers, traceGru } from 'tfjs-recurrent';
 *
 * const { updateGate } = traceGru(layers.gru({ units: 2 }), tf.zeros([1, 3, 4]));
 * console.log(updateGate.shape);
 * // [ 1, 3, 2 ]
 * ```
 */
export function traceGru(
  layerOrModel: tfl.layers.Layer | tfl.LayersModel,
  input: tf.Tensor | tf.Tensor[],
  options: TraceOptions = {},
): GruTrace {
  return trace('traceGru', ['GRU', 'GRUCell'], layerOrModel, input, options, (traced, tensor) => {
    const [candidate, updateGate, resetGate] = traced.gates.map(tensor);
    return { updateGate: updateGate!, resetGate: resetGate!, candidate: candidate! };
  });
}

/**
 * The state of a SimpleRNN at every step: h' = activation(x·W + h·U + b).
 *
 * @param layerOrModel A SimpleRNN, a bidirectional one, or a model that has one.
 * @param input What the layer or the model takes: for a layer, [batch, time, inputs].
 * @param options As those of {@link traceLstm}.
 * @returns `hiddenState` [batch, time, units] and `mask`, to be disposed of together.
 * @throws RecurrentError where there is no such layer, or more than one and no name.
 * @see Elman 1990.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers, traceSimpleRnn } from 'tfjs-recurrent';
 *
 * const { hiddenState } = traceSimpleRnn(layers.simpleRNN({ units: 2 }), tf.zeros([1, 3, 4]));
 * console.log(hiddenState.shape);
 * // [ 1, 3, 2 ]
 * ```
 */
export function traceSimpleRnn(
  layerOrModel: tfl.layers.Layer | tfl.LayersModel,
  input: tf.Tensor | tf.Tensor[],
  options: TraceOptions = {},
): SimpleRnnTrace {
  const kinds = ['SimpleRNN', 'SimpleRNNCell'];
  return trace('traceSimpleRnn', kinds, layerOrModel, input, options, () => ({}));
}

function trace<Gates extends object>(
  where: string,
  kinds: readonly string[],
  layerOrModel: tfl.layers.Layer | tfl.LayersModel,
  input: tf.Tensor | tf.Tensor[],
  options: TraceOptions,
  gatesOf: (traced: Traced, tensor: (values: Float32Array) => tf.Tensor3D) => Gates,
): Gates & RecurrentTrace {
  return tf.tidy(() => {
    const found = tracedLayer(where, kinds, layerOrModel, input, options);
    const { layer, x, mask } = found;
    const { units } = layer.cell as unknown as StockCell;
    const [batch, time] = x.shape;
    const tensor = (values: Float32Array) => tf.tensor3d(values, [batch, time, units]);
    const traced = traceOf(where, found);
    const common = { hiddenState: tensor(traced.h), mask };
    return { ...gatesOf(traced, tensor), ...common } as Gates &
      RecurrentTrace &
      tf.TensorContainerObject;
  });
}

function traceOf(where: string, { layer, x, states, mask }: TracedLayer): Traced {
  const stock = layer.cell as unknown as StockCell;
  const remedy = 'A cell of your own can keep its gates in call.';
  const known = cellOfLayer(where, layer, remedy);
  const inputs = {
    x,
    ...weightsOfCell(stock),
    initialH: states[0],
    initialC: states[1],
    mask: mask ?? undefined,
  };
  const { goBackwards } = layer as unknown as { goBackwards: boolean };
  if (cellObstacle(known) === null && fusedObstacle() === null) {
    return traceFused(known.cell, inputs, { goBackwards, setting: known.setting as number });
  }
  return traceComposed(known.cell, inputs, { goBackwards, ...activationsOf(stock) });
}
