/** What comes back from the loss of a model to one of its recurrent layers. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { record } from '../../kernels/bridge/small-tape.js';
import { type Call, graphTo } from '../../layers/model/graph.js';
import { type Masked, runCall, runGraph } from '../../layers/model/run-graph.js';
import { type Batch, lossOfOutputs } from '../../layers/model/total-loss.js';
import type { MaskedOutputs } from '../../layers/masks/masked-outputs.js';
import type { StockBidirectional, StockRecurrent } from '../../layers/stock.js';
import { type Direction, isBoth, type TracedLayer } from '../trace/traced-layer.js';
import type { Flowing } from './through-time.js';

type Recurrent = StockRecurrent & Partial<MaskedOutputs>;

/** A layer's part of the way back. */
export interface Reader {
  built: tfl.LayersModel;
  batch: Batch;
  call: Call;
  /** What the call is given. */
  given: Masked;
  /** The layer of the direction that is asked for. */
  run: TracedLayer;
  direction: Direction;
}

/**
 * The gradients of the loss by what a recurrent layer returns, times the size of the batch: the loss is a
 * mean over samples, so that each gets what its own loss alone would send.
 */
export function flowingInto(reader: Reader): Flowing {
  const { built, batch, call, given, run, direction } = reader;
  const outputs = runCall(call, given, {});
  const rest = graphTo([...built.inputs, ...call.node.outputTensors], built.outputs);
  const { outputs: loss, gradients } = record(() => {
    const values = [...batch.inputs, ...outputs.values];
    const masks = [...batch.inputs.map(() => null), ...outputs.masks];
    return lossOfOutputs(built, batch, runGraph(rest, { values, masks }, {}, true));
  });
  const back = gradients([[loss, tf.scalar(run.x.shape[0])]], outputs.values);
  if (!isBoth(call.layer)) return placed(back[0]!, back.slice(1), run, false);
  const { mergeMode } = call.layer as unknown as StockBidirectional;
  const [isForward, count] = [direction === 'forward', mergeMode === null ? 2 : 1];
  const states = back.slice(count);
  const half = states.length / 2;
  const ofDirection = isForward ? states.slice(0, half) : states.slice(half);
  const own = mergeMode === null ? back[isForward ? 0 : 1]! : unmerged(back[0]!, reader);
  return placed(own, ofDirection, run, !isForward);
}

/** What comes back to one direction from what both have been merged to. */
function unmerged(d: tf.Tensor | null, { call, run, direction }: Reader): tf.Tensor | null {
  if (!d) return null;
  const both = call.layer as unknown as StockBidirectional;
  const isForward = direction === 'forward';
  switch (both.mergeMode) {
    case 'concat':
      return tf.split(d, 2, -1)[isForward ? 0 : 1]!;
    case 'ave':
      return tf.div(d, 2);
    case 'mul': {
      const other = (isForward ? both.backwardLayer : both.forwardLayer) as unknown as Recurrent;
      const [output] = [other.call(run.x, { mask: run.mask })].flat() as [tf.Tensor];
      return tf.mul(d, isForward && other.returnSequences ? tf.reverse(output, 1) : output);
    }
    default:
      return d; // their sum
  }
}

/**
 * By the places of the inputs.
 *
 * @param d What comes back to the layer's output, and to its last states.
 * @param isTurned Whether a sequence has been turned round, as that of a backward layer is.
 */
function placed(
  d: tf.Tensor | null,
  [h, c]: (tf.Tensor | null)[],
  { layer, mask }: TracedLayer,
  isTurned: boolean,
): Flowing {
  const { returnSequences, goBackwards, zeroOutputForMask } = layer as unknown as Recurrent;
  const both = { h: h ?? null, c: c ?? null };
  if (!d) return { sequence: null, ...both };
  // Without zeros, a masked step gives what the one before it gave.
  const zeroes = zeroOutputForMask === true && mask !== null;
  const counts = zeroes ? tf.cast(mask, 'float32') : null; // [batch, time]
  if (returnSequences) {
    const ordered = goBackwards === isTurned ? d : tf.reverse(d, 1);
    return { sequence: counts ? tf.mul(ordered, tf.expandDims(counts, 2)) : ordered, ...both };
  }
  const last = goBackwards ? 0 : (mask?.shape[1] ?? 1) - 1;
  const counted = counts ? tf.mul(d, tf.slice(counts, [0, last], [-1, 1])) : d;
  return { sequence: null, ...both, h: h ? tf.add(counted, h) : counted };
}
