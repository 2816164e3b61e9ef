/** The shapes that layers take and give. */
import { reasonOf } from '../../../foundation/errors.js';
import type { tfl } from '../../../foundation/tensorflow.js';
import type { OwnArguments } from '../../../layers/call-arguments.js';
import { refuseLayer } from '../settings/layer-config.js';
import type { LayerPlan } from './layer-plan.js';

/** Layers of several inputs, and those of exactly two. */
const MERGES: ReadonlySet<string> = new Set([
  ...['Add', 'Average', 'Concatenate', 'Dot', 'Maximum', 'Minimum', 'Multiply', 'Subtract'],
]);
/** Layers that take [query, value] or [query, value, key]. */
const ATTENTION: ReadonlySet<string> = new Set(['AdditiveAttention', 'Attention']);
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

/** Throws where a layer cannot take so many inputs. */
export function requireInputs({ place, model }: LayerPlan, count: number): void {
  const { className } = place;
  const takes = () => (STATES[className] ?? [0]).includes(count - 1);
  const joins = () => count > 1 && (!PAIRS.has(className) || count === 2);
  const fits = () => {
    if (model) return count === model.inputs.length;
    if (ATTENTION.has(className)) return count === 2 || count === 3;
    return MERGES.has(className) ? joins() : takes();
  };
  if (fits()) return;
  refuseLayer(place, { expected: 'has a number of inputs that it cannot take', received: count });
}

/** How many dimensions a layer's input must have, where it is not free. */
const RANKS: Readonly<Record<string, number>> = {
  ...{ Bidirectional: 3, Conv1D: 3, Embedding: 2, GRU: 3, GlobalAveragePooling1D: 3 },
  ...{ GlobalMaxPooling1D: 3, LSTM: 3, MaxPooling1D: 3, RepeatVector: 2, SimpleRNN: 3 },
  ...{ AveragePooling1D: 3, Cropping1D: 3, CuDNNGRU: 3, CuDNNLSTM: 3, SpatialDropout1D: 3 },
  ...{ UpSampling1D: 3, ZeroPadding1D: 3, AveragePooling2D: 4, Conv2D: 4, Cropping2D: 4 },
  ...{ GlobalAveragePooling2D: 4, GlobalMaxPooling2D: 4, MaxPooling2D: 4, UpSampling2D: 4 },
  ...{ ZeroPadding2D: 4, DepthwiseConv2D: 4, SeparableConv1D: 3, SeparableConv2D: 4 },
};

/**
 * The shapes of the outputs of a layer that is no model.
 *
 * @param own What the call is told by names of the layer's own.
 */
export function outputShapes(
  { place }: LayerPlan,
  layer: tfl.layers.Layer,
  inputs: readonly tfl.Shape[],
  own: OwnArguments = {},
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
  const isList = MERGES.has(place.className) || ATTENTION.has(place.className);
  const asked = isList ? shapes : shapes[0]!;
  try {
    const output = layer.computeOutputShape(asked);
    const outputs = [...((Array.isArray(output[0]) ? output : [output]) as tfl.Shape[])];
    // Every query with every key.
    if (own.returnAttentionScores) outputs.push([...first.slice(0, 2), shapes[1]![1] ?? null]);
    if (outputs.every(isShape)) return outputs;
    throw new Error('nothing would be left of it');
  } catch (error) {
    return refuseLayer(place, {
      expected: `cannot take an input of this shape: ${reasonOf(error)}`,
      received: first,
    });
  }
}

function isShape(shape: unknown): boolean {
  const isSize = (size: unknown) =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  return Array.isArray(shape) && shape.every(isSize);
}

/** The shape of a step of a sequence. */
export function stepOf([batch = null, , ...step]: tfl.Shape): tfl.Shape {
  return [batch, ...step];
}

/** The shape of such steps in a sequence like another one. */
export function sequenceOf(
  [batch = null, ...step]: tfl.Shape,
  [, time = null]: tfl.Shape,
): tfl.Shape {
  return [batch, time, ...step];
}

/** Throws unless a layer around a model is given a sequence. */
export function requireSteps({ place }: LayerPlan, shape: tfl.Shape): void {
  if (shape.length > 2) return;
  refuseLayer(place, { expected: 'must have an input of at least 3 dimensions', received: shape });
}
