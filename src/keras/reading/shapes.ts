/** Walks through a model before it is built: shapes, the weights they ask for, and masks. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import type { Architecture, CallPlan } from './architecture.js';
import type { TensorReference } from './inbound-nodes.js';
import { refuseLayer } from './layer-config.js';
import type { LayerPlan, WeightPlan } from './layer-plan.js';
import { MaskWalk } from './masks.js';

type Layer = tfl.layers.Layer;

/** The weights of every layer, by what its inputs look like. */
export type WeightsOfLayers = Map<LayerPlan, WeightPlan[]>;

/**
 * Infers all shapes.
 *
 * @param layers The layers, made but without weights. A layer that TensorFlow.js does not have for
 *   such inputs gives way to another one.
 * @throws RecurrentError where shapes do not fit, and where a mask would have another effect
 *   than in Keras.
 */
export function inferWeights(
  architecture: Architecture,
  layers: Map<LayerPlan, Layer>,
): WeightsOfLayers {
  const weights: WeightsOfLayers = new Map();
  const tensors = new Map<string, tfl.Shape[]>();
  const masks = new MaskWalk(architecture.operations);
  for (const { name, shape } of architecture.inputs) {
    tensors.set(keyOf(name, 0), [[...shape]]);
  }
  const find = ({ layer, node, tensor }: TensorReference): tfl.Shape => {
    const found = tensors.get(keyOf(layer, node))?.[tensor];
    if (found) return found;
    return reject({
      where: 'loadKerasModel',
      expected: `${architecture.name} refers to an output that ${layer} does not have`,
      received: tensor,
    });
  };
  for (const call of architecture.calls) {
    const inputs = call.inputs.map(find);
    const [first] = inputs as [tfl.Shape];
    requireInputs(call, inputs.length);
    const planned = call.layer.weights(first);
    const before = weights.get(call.layer);
    if (before && JSON.stringify(before) !== JSON.stringify(planned)) {
      refuseLayer(call.layer.place, { expected: 'is used with inputs of different sizes' });
    }
    const layer = layerFor(call.layer, first, layers, weights.has(call.layer));
    weights.set(call.layer, planned);
    tensors.set(keyOf(call.layer.name, call.node), outputShapes(call, layer, inputs));
    masks.follow(
      call,
      layer,
      inputs.map(({ length }) => length),
    );
  }
  for (const output of architecture.outputs) find(output);
  return weights;
}

function layerFor(
  plan: LayerPlan,
  inputShape: tfl.Shape,
  layers: Map<LayerPlan, Layer>,
  isUsed: boolean,
): Layer {
  const made = layers.get(plan)!;
  const instead = plan.makeInstead?.(inputShape);
  const wanted = instead?.getClassName() ?? plan.place.className;
  if (isUsed && plan.makeInstead && made.getClassName() !== wanted) {
    refuseLayer(plan.place, { expected: 'is used with inputs of different sizes' });
  }
  if (instead === undefined || isUsed) return made;
  layers.set(plan, instead);
  return instead;
}

function keyOf(layer: string, node: number): string {
  return JSON.stringify([layer, node]);
}

/** Layers of several inputs, and those of exactly two. */
const MERGES: ReadonlySet<string> = new Set([
  ...['Add', 'Average', 'Concatenate', 'Dot', 'Maximum', 'Minimum', 'Multiply', 'Subtract'],
]);
const PAIRS: ReadonlySet<string> = new Set(['Dot', 'Subtract']);

/** How many initial states a layer can be given. */
const STATES: Readonly<Record<string, readonly number[]>> = {
  Bidirectional: [0, 2, 4],
  CuDNNGRU: [0, 1],
  CuDNNLSTM: [0, 2],
  GRU: [0, 1],
  LSTM: [0, 2],
  SimpleRNN: [0, 1],
};

function requireInputs({ layer: { place, inputs } }: CallPlan, count: number): void {
  const { className } = place;
  const fits = MERGES.has(className)
    ? count > 1 && (!PAIRS.has(className) || count === 2)
    : inputs === undefined
      ? (STATES[className] ?? [0]).includes(count - 1)
      : inputs === count;
  if (!fits)
    refuseLayer(place, { expected: 'has a number of inputs that it cannot take', received: count });
}

/** How many dimensions a layer's input must have, where it is not free. */
const RANKS: Readonly<Record<string, number>> = {
  ...{ Bidirectional: 3, Conv1D: 3, Embedding: 2, GRU: 3, GlobalAveragePooling1D: 3 },
  ...{ GlobalMaxPooling1D: 3, LSTM: 3, MaxPooling1D: 3, RepeatVector: 2, SimpleRNN: 3 },
  ...{ AveragePooling1D: 3, Cropping1D: 3, CuDNNGRU: 3, CuDNNLSTM: 3, SpatialDropout1D: 3 },
  ...{ UpSampling1D: 3, ZeroPadding1D: 3, AveragePooling2D: 4, Conv2D: 4, Cropping2D: 4 },
  ...{ GlobalAveragePooling2D: 4, GlobalMaxPooling2D: 4, MaxPooling2D: 4, UpSampling2D: 4 },
  ZeroPadding2D: 4,
};

/** The shapes of the outputs of a layer. */
export function outputShapes(
  { layer: { place, inputs: ofModel } }: CallPlan,
  layer: Layer,
  inputs: readonly tfl.Shape[],
): tfl.Shape[] {
  const [first] = inputs as [tfl.Shape];
  const rank = RANKS[place.className];
  if (rank !== undefined && first.length !== rank) {
    refuseLayer(place, {
      expected: `must have an input of ${rank} dimensions, with the batch`,
      received: first,
    });
  }
  const shapes = inputs.map((shape) => [...shape]);
  const takesSeveral = MERGES.has(place.className) || (ofModel ?? 1) > 1;
  const asked = takesSeveral ? shapes : shapes[0]!;
  try {
    const output = layer.computeOutputShape(asked);
    return (Array.isArray(output[0]) ? output : [output]) as tfl.Shape[];
  } catch (error) {
    return refuseLayer(place, {
      expected: `cannot take an input of this shape: ${(error as Error).message}`,
      received: first,
    });
  }
}
