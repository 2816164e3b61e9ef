/** networkHealth: what is wrong inside a recurrent network, and what to do about it. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import type { Call } from '../../layers/model/graph.js';
import { builtModel } from '../../layers/model/run-graph.js';
import { recurrentCalls, requireBatch, requireCompiled } from '../gradients/compiled-model.js';
import { normsOfCall } from '../gradients/gradient-norms.js';
import { type Direction, isBoth } from '../trace/traced-layer.js';
import { type Finding, findingsOf } from './findings.js';
import { inReadingOrder, type LayerHealth, measureLayer, tracedCell } from './layer-health.js';

/** What {@link networkHealth} may also be given. */
export interface NetworkHealthOptions {
  /** The labels, as for `model.fit`; with them, the gradients are measured, too. */
  y?: tf.Tensor | tf.Tensor[] | undefined;
}

/** The measures of all layers, and what is wrong. */
export interface NetworkHealth {
  /** In the order of the model; both directions of a bidirectional layer. */
  layers: LayerHealth[];
  /** None where nothing is wrong. */
  findings: Finding[];
}

const WHERE = 'networkHealth';

/**
 * Measures every LSTM, GRU and SimpleRNN of a model on some samples, and names what is wrong: gates that are
 * saturated, forget gates that are closed, units that are dead, states that grow, and, with labels, gradients
 * that vanish or explode. Each finding says what to do about it and where that comes from.
 *
 * The measures come from the traces and from `gradientNorms`. A mask leaves steps out. Layers of other
 * cells are left out.
 *
 * @param model With labels, it must be compiled.
 * @param x What the model takes: [batch, …], or a list for several inputs. 32 samples are enough.
 * @param options `y`: the labels, for the gradients.
 * @returns Plain numbers and lists: the measures of each layer, and the findings.
 * @throws RecurrentError for a model without such a layer, for one that is not compiled where there are
 *   labels, and for samples that do not fit it.
 * @see docs/health.md for each number, its bound and its source.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createManyToOne, networkHealth } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ cell: 'lstm', inputs: 1, units: 8, task: 'regression', seed: 1 });
 * const weights = model.getWeights();
 * weights[2] = tf.fill([32], -6); // the biases of all gates
 * model.setWeights(weights);
 * const { findings } = networkHealth(model, tf.ones([4, 10, 1]));
 * console.log(findings.map(({ problem }) => problem));
 * // [ 'gateSaturated', 'forgetGateClosed', 'gateSaturated' ]
 * ```
 */
export function networkHealth(
  model: tfl.LayersModel,
  x: tf.Tensor | tf.Tensor[],
  options: NetworkHealthOptions = {},
): NetworkHealth {
  requireKnownOptions(WHERE, options, ['y']);
  if (!(model instanceof tfl.LayersModel)) {
    reject({
      where: WHERE,
      expected: 'model must be a model of TensorFlow.js',
      received: model,
      see: 'not-a-model',
    });
  }
  const { y } = options;
  const built = y === undefined ? builtModel(model) : requireCompiled(WHERE, model);
  const calls = recurrentCalls(built).filter(({ layer }) => tracedCell(layer) !== null);
  if (calls.length === 0) {
    reject({
      where: WHERE,
      expected: 'the model has no LSTM, GRU or SimpleRNN',
      see: 'unsuitable-model',
    });
  }
  return tf.tidy(() => {
    const batch = y === undefined ? null : requireBatch(WHERE, built, x, y);
    const layers = calls.flatMap((call) =>
      directionsOf(call).map((direction): LayerHealth => {
        const given = batch?.inputs ?? x;
        const measures = measureLayer(model, given, call.layer, direction);
        const norms = batch && normsOfCall(WHERE, built, batch, call, direction ?? 'forward');
        return {
          ...measures,
          finite: measures.finite && (!norms || allFinite(norms, measures.stateNorms)),
          gradientNorms: norms,
          gradientRatio: norms && ratioOf(inReadingOrder(norms, call.layer, direction)),
        };
      }),
    );
    const result = { layers, findings: layers.flatMap(findingsOf) };
    return result as NetworkHealth & tf.TensorContainerObject;
  });
}

function directionsOf({ layer }: Call): (Direction | null)[] {
  return isBoth(layer) ? ['forward', 'backward'] : [null];
}

/** Whether all norms are finite but those of steps that are masked, which are NaN in both lists. */
function allFinite(norms: Float32Array, ofStates: Float32Array): boolean {
  return norms.every((norm, t) => Number.isFinite(norm) || Number.isNaN(ofStates[t]));
}

/** The first by the last; null where nothing comes back to the last one. */
function ratioOf(norms: readonly number[]): number | null {
  const [first = 0, last = 0] = [norms[0], norms.at(-1)];
  return last > 0 ? first / last : null;
}
