/** layers.bidirectional: tf.layers.bidirectional whose two layers are ours. */
import { tfl } from '../foundation/tensorflow.js';
import { GruLayer, type GruLayerArgs } from './gru.js';
import { requireLayerArguments } from './layer-arguments.js';
import { LstmLayer, type LstmLayerArgs } from './lstm.js';
import { SimpleRnnLayer } from './simple-rnn.js';
import { withoutStates } from './symbolic-call.js';
import {
  type BidirectionalArgs,
  stockBidirectional,
  type LayerClass,
  type StockBidirectional,
} from './stock.js';

type Layer = tfl.layers.Layer;
type RecurrentArgs = LstmLayerArgs & GruLayerArgs;

type BidirectionalClass = LayerClass<BidirectionalArgs, StockBidirectional>;

let bidirectionalClass: BidirectionalClass | undefined;

/** The class of {@link bidirectional}. */
export function BidirectionalLayer(): BidirectionalClass {
  bidirectionalClass ??= defineBidirectional();
  return bidirectionalClass;
}

function defineBidirectional(): BidirectionalClass {
  return class Bidirectional extends stockBidirectional() {
    constructor(args: BidirectionalArgs) {
      const given: Layer = args.layer;
      super({ ...args, layer: toCopy(args.layer) });
      this.layer = given;
      // The stock constructor copies the layer through the registry of classes,
      // which makes a stock one unless registerLayers was called.
      const ours = [LstmLayer(), GruLayer(), SimpleRnnLayer()].find(
        (type) => given instanceof type,
      );
      if (ours) {
        const { kernel, resetAfter, zeroOutputForMask } = given as Layer & RecurrentArgs;
        const others = { kernel, zeroOutputForMask };
        const settings = { ...others, ...(resetAfter !== undefined && { resetAfter }) };
        const copy = (layer: Layer) => new ours({ ...argumentsOf(layer), ...settings } as never);
        this.forwardLayer = copy(this.forwardLayer);
        this.backwardLayer = copy(this.backwardLayer);
      }
    }

    override apply(...given: Parameters<Layer['apply']>) {
      return withoutStates(this, super.apply(...given));
    }
  };
}

/** The layer for the stock constructor to copy, whose GRU refuses `resetAfter`. */
function toCopy(layer: BidirectionalArgs['layer']): BidirectionalArgs['layer'] {
  if (!((layer as Layer) instanceof GruLayer())) return layer;
  const config: GruLayerArgs = { ...argumentsOf(layer), resetAfter: false };
  return tfl.layers.gru(config) as typeof layer;
}

function argumentsOf(layer: Layer): RecurrentArgs {
  return layer.getConfig() as unknown as RecurrentArgs;
}

/**
 * Runs a recurrent layer over the sequence in both directions:
 * `tf.layers.bidirectional` around a layer of ours.
 *
 * With `zeroOutputForMask` in the layer, masked steps give zeros, as in Keras since TensorFlow 2.
 *
 * @param args Those of `tf.layers.bidirectional`: `layer`, and `mergeMode`
 *   (`'concat'` by default, `'sum'`, `'mul'`, `'ave'`, or null for two outputs).
 * @returns A layer from [batch, time, inputs] to, by default, [batch, 2·units].
 * @see Schuster & Paliwal 1997.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const both = layers.bidirectional({ layer: layers.lstm({ units: 4 }), mergeMode: 'concat' });
 * console.log((both.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 8 ]
 * ```
 */
export function bidirectional(args: BidirectionalArgs): tfl.layers.Layer {
  requireLayerArguments('bidirectional', args);
  return new (BidirectionalLayer())(args);
}
