/** gradientNorms: how much of the loss's gradient arrives at each step of a recurrent layer. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions, requireOneOf } from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import type { Call } from '../../layers/model/graph.js';
import type { Batch } from '../../layers/model/total-loss.js';
import { cellOfLayer } from '../../layers/recurrent/cell-of-layer.js';
import { activationsOf, weightsOfCell } from '../../layers/recurrent/run-cell.js';
import type { StockCell } from '../../layers/stock.js';
import { asRun, inputsOfCall, maskOfCall, type TraceOptions } from '../trace/traced-layer.js';
import { flowingInto } from './flowing.js';
import { recurrentCalls, requireBatch, requireCompiled } from './compiled-model.js';
import { gradientsThroughTime } from './through-time.js';

const WHERE = 'gradientNorms';

/**
 * The size of ∂loss/∂h(t) at each step t of a recurrent layer: how much the loss would change with the
 * state there. Where it vanishes, training cannot learn from what was read there.
 *
 * It is the total derivative, along every path from h(t) to the loss: through what reads the output of the
 * step and through all later steps; of an LSTM, c(t) is held. Each sample counts by its own loss, not by
 * its share in the mean of the batch, and the result is the mean over the samples of the L2 norms over the
 * units. Nothing is dropped out, and what regularizers add to the loss plays no part.
 *
 * @param model Compiled: its loss counts.
 * @param x What the model takes: [batch, …], or a list for several inputs. 32 samples are enough to see a
 *   trend.
 * @param y The labels, as for `model.fit`.
 * @param options `layer`: the name of a recurrent layer, that which the model calls first by default;
 *   `direction`: of a bidirectional layer, `'forward'` by default.
 * @returns One norm a step, in the order of the input, whichever way the layer reads it. NaN where a mask
 *   leaves a step out in every sample; samples that leave it out do not count in its mean. What is smaller
 *   than about 1e-30 may be 0.
 * @throws RecurrentError for a model that is not compiled, has no recurrent layer or none of that name, for
 *   a cell that is not one of tf.layers or of this library, and for x or y that do not fit the model.
 * @see Hochreiter & Schmidhuber 1997; Pascanu et al. 2013, arXiv:1211.5063.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createManyToOne, gradientNorms } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ cell: 'simpleRNN', inputs: 1, sequenceLength: 20, units: 8, outputs: 1, task: 'regression', seed: 1 });
 * const norms = gradientNorms(model, tf.ones([4, 20, 1]), tf.zeros([4, 1]));
 * console.log(norms.length, norms[0]! < norms[19]!);
 * // 20 true
 * ```
 */
export function gradientNorms(
  model: tfl.LayersModel,
  x: tf.Tensor | tf.Tensor[],
  y: tf.Tensor | tf.Tensor[],
  options: TraceOptions = {},
): Float32Array {
  requireKnownOptions(WHERE, options, ['layer', 'direction']);
  const { layer, direction = 'forward' } = options;
  requireOneOf(WHERE, 'direction', direction, ['forward', 'backward']);
  const built = requireCompiled(WHERE, model);
  const call = callNamed(built, layer);
  return tf.tidy(() => {
    const batch = requireBatch(WHERE, built, x, y);
    return normsOfCall(WHERE, built, batch, call, direction);
  });
}

function callNamed(built: tfl.LayersModel, name: string | undefined): Call {
  const calls = recurrentCalls(built);
  const call = name === undefined ? calls[0] : calls.find(({ layer }) => layer.name === name);
  if (call) return call;
  const names = calls.map(({ layer }) => layer.name);
  const none = 'the model has no recurrent layer';
  return reject({
    where: WHERE,
    expected: names.length > 0 ? `layer must be ${names.join(' or ')}` : none,
    ...(name !== undefined && { received: name }),
    see: 'unsuitable-model',
  });
}

/** The norms of one layer; inside `tf.tidy`. */
export function normsOfCall(
  where: string,
  built: tfl.LayersModel,
  batch: Batch,
  call: Call,
  direction: 'forward' | 'backward',
): Float32Array {
  const given = inputsOfCall(built, call, batch.inputs);
  const run = asRun(where, call.layer, given.values, maskOfCall(call, given), direction);
  const { layer, x, mask, states } = run;
  const known = cellOfLayer(where, layer);
  const stock = layer.cell as unknown as StockCell;
  const [initialH, initialC] = states;
  const { goBackwards } = layer as unknown as { goBackwards: boolean };
  const flowing = flowingInto({ built, batch, call, given, run, direction });
  const gradients = gradientsThroughTime(
    {
      known,
      inputs: { x, ...weightsOfCell(stock), initialH, initialC, mask: mask ?? undefined },
      activations: activationsOf(stock),
      goBackwards,
    },
    flowing,
  );
  const [batchSize, time] = x.shape;
  const counts = mask?.dataSync();
  return Float32Array.from(gradients, (gradient, t) =>
    meanNorm(gradient.dataSync(), batchSize, (row) => counts?.[row * time + t] !== 0),
  );
}

/** The mean norm of those rows that count. Squares of small numbers need more than 32 bits. */
function meanNorm(values: ArrayLike<number>, rows: number, isKept: (row: number) => boolean) {
  const units = values.length / rows;
  let [sum, kept] = [0, 0];
  for (let row = 0; row < rows; row++) {
    if (!isKept(row)) continue;
    let squares = 0;
    for (let unit = 0; unit < units; unit++) squares += values[row * units + unit]! ** 2;
    sum += Math.sqrt(squares);
    kept++;
  }
  return sum / kept;
}
