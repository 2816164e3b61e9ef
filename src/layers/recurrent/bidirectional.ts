/** layers.bidirectional: tf.layers.bidirectional whose two layers are ours. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import {
  bidirectional as fusedBidirectional,
  bidirectionalWithGradients,
} from '../../kernels/recurrent/bidirectional.js';
import type {
  BidirectionalInputs,
  BidirectionalSettings,
} from '../../kernels/recurrent/bidirectional-inputs.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { type FusedCall, type FusedLayer, stepMask } from './recurrent-layer.js';
import {
  type BidirectionalArgs,
  type CallArguments,
  onlyTensor,
  stockBidirectional,
  type LayerClass,
  type StockBidirectional,
  type StockRecurrent,
} from '../stock.js';
import { withoutStates } from '../symbolic-call.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';

type Layer = tfl.layers.Layer;
type OurLayer = Layer & StockRecurrent & FusedLayer;
type Tensors = tf.Tensor | tf.Tensor[];

type BidirectionalClass = LayerClass<BidirectionalArgs, StockBidirectional & TrainsByCall>;

let bidirectionalClass: BidirectionalClass | undefined;

/** The class of {@link bidirectional}. */
export function BidirectionalLayer(): BidirectionalClass {
  bidirectionalClass ??= defineBidirectional();
  return bidirectionalClass;
}

const WHERE = 'layers.bidirectional';

function defineBidirectional(): BidirectionalClass {
  return class Bidirectional extends stockBidirectional() {
    constructor(args: BidirectionalArgs) {
      const given = args.layer as Layer;
      super({ ...args, layer: isOurs(given) ? standIn(given) : args.layer });
      this.layer = given;
      if (isOurs(given)) {
        const { name, goBackwards } = given;
        this.forwardLayer = copyOf(given, { name: `forward_${name}`, goBackwards });
        this.backwardLayer = copyOf(given, {
          name: `backward_${name}`,
          goBackwards: !goBackwards,
        });
      }
    }

    override apply(...given: Parameters<Layer['apply']>) {
      return withoutStates(this, super.apply(...given));
    }

    override call(inputs: Tensors, kwargs: CallArguments): Tensors {
      const pair = this.pair();
      const x = [inputs].flat()[0]!;
      if (!pair || x.size === 0 || masksApart(pair, kwargs)) return super.call(inputs, kwargs);
      return tf.tidy(() => {
        const training = kwargs?.training ?? false;
        const given = kwargs?.initialState;
        const count = (given?.length ?? 0) / 2;
        const states = pair.map((layer, i) => {
          if (given) return given.slice(i * count, (i + 1) * count);
          return layer.stateful ? layer.states : [];
        });
        const calls = pair.map((layer) => layer.fusedCall(training));
        const whole = onlyTensor(WHERE, inputs) as tf.Tensor3D;
        const inputsOfBoth = inputsOf(calls, whole, states);
        const mask = stepMask(kwargs?.mask, whole);
        const returnState = this.returnState || pair[0].stateful;
        const { merged, states: last } = fusedBidirectional(
          calls[0]!.cell,
          { ...inputsOfBoth, ...(mask && { mask }) },
          this.settingsOf(calls, returnState, mask !== undefined),
        );
        if (pair[0].stateful) {
          const each = last.length / 2;
          pair.forEach((layer, i) => {
            layer.resetStates(last.slice(i * each, (i + 1) * each), training);
          });
        }
        if (this.returnState) return [...merged, ...last];
        return this.mergeMode === null ? merged : merged[0]!;
      });
    }

    hasTrainingCall({ values, mask }: Given): boolean {
      const pair = this.pair();
      if (pair === null || pair[0].stateful) return false;
      const [x, ...states] = values as [tf.Tensor, ...tf.Tensor[]];
      const each = { values: [x, ...states.slice(states.length / 2)], mask: null };
      return (
        pair.every((layer) => layer.hasTrainingCall(each)) &&
        !masksApart(pair, { mask, ...(states.length > 0 && { initialState: states }) })
      );
    }

    trainingCall({ values, mask: given }: Given): TrainingCall {
      const calls = this.pair()!.map((layer) => layer.fusedCall(true));
      const [x, ...initial] = values as [tf.Tensor3D, ...tf.Tensor[]];
      const count = initial.length / 2;
      const states = [initial.slice(0, count), initial.slice(count)];
      const mask = stepMask(given, x);
      const call = bidirectionalWithGradients(
        calls[0]!.cell,
        { ...inputsOf(calls, x, states), ...(mask && { mask }) },
        this.settingsOf(calls, this.returnState, mask !== undefined),
      );
      const { merged, states: last } = call.outputs;
      return {
        outputs: this.returnState ? [...merged, ...last] : merged,
        gradient(dOutputs) {
          const d = call.gradients(dOutputs);
          const weights: Record<string, tf.Tensor> = {};
          const dStates: tf.Tensor[] = [];
          d.directions.forEach(({ initialH, initialC, ...gradients }, i) => {
            const own = calls[i]!.weights as unknown as Record<string, tf.Variable>;
            for (const [name, gradient] of Object.entries(gradients)) {
              weights[own[name]!.name] = gradient;
            }
            if (initialH) dStates.push(initialH);
            if (initialC) dStates.push(initialC);
          });
          return { inputs: [d.x, ...dStates], weights };
        },
        release: call.release,
      };
    }

    /** The two layers, where one kernel can run both. */
    private pair(): [OurLayer, OurLayer] | null {
      const { forwardLayer, backwardLayer } = this;
      const pair: [Layer, Layer] = [forwardLayer, backwardLayer];
      const can = pair.every(
        (layer) => isOurs(layer) && layer.predictsFused() && !Object.hasOwn(layer, 'call'),
      );
      return can ? (pair as [OurLayer, OurLayer]) : null;
    }

    private settingsOf(
      calls: readonly FusedCall[],
      returnState: boolean,
      isMasked: boolean,
    ): BidirectionalSettings {
      const { mergeMode, returnSequences, forwardLayer } = this;
      const zeroMasked = isMasked && (forwardLayer as OurLayer).zeroOutputForMask === true;
      const directions = [calls[0]!.settings, calls[1]!.settings] as const;
      return { mergeMode, returnSequences, returnState, zeroMasked, directions };
    }
  };
}

/**
 * Whether masked steps give something that the kernel does not write: other outputs than those of a
 * sequence are zeros, or those before the first step that counts.
 */
function masksApart([layer]: readonly OurLayer[], kwargs: CallArguments): boolean {
  const { zeroOutputForMask: zero, returnSequences, stateful } = layer!;
  if ([kwargs?.mask].flat()[0] == null || zero === false) return false;
  return zero === true ? !returnSequences : stateful || kwargs.initialState != null;
}

function inputsOf(
  calls: readonly FusedCall[],
  x: tf.Tensor3D,
  states: readonly (readonly (tf.Tensor | null)[])[],
): BidirectionalInputs {
  const [first, second] = calls.map(({ weights }, i) => ({
    ...weights,
    initialH: (states[i]?.[0] ?? undefined) as tf.Tensor2D | undefined,
    initialC: (states[i]?.[1] ?? undefined) as tf.Tensor2D | undefined,
  }));
  return { x, directions: [first!, second!] };
}

/** Whether a layer is a recurrent one of ours. */
function isOurs(layer: Layer): layer is OurLayer {
  return 'fusedCall' in layer;
}

/** A layer for the stock constructor to copy: it would make a stock one of ours, or find none. */
function standIn(layer: OurLayer): BidirectionalArgs['layer'] {
  const { name, goBackwards, returnSequences, returnState, stateful } = layer;
  const settings = { name, units: 1, goBackwards, returnSequences, returnState, stateful };
  return tfl.layers.simpleRNN(settings) as BidirectionalArgs['layer'];
}

/** The same layer, without weights, with some other settings. */
function copyOf(layer: OurLayer, others: { name: string; goBackwards: boolean }): Layer {
  if (layer.copyWith) return layer.copyWith(others);
  const Class = layer.constructor as new (args: object) => Layer;
  const { kernel } = layer;
  return new Class({ ...layer.getConfig(), kernel, ...others });
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
