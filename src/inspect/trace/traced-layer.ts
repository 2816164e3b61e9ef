/** The recurrent layer that a trace is of, and what it is given when its model runs. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions, requireOneOf } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { type Call, graphOf, graphTo } from '../../layers/model/graph.js';
import { type Mask, maskForCall } from '../../layers/model/masks.js';
import { builtModel, type Masked, runGraph } from '../../layers/model/run-graph.js';

type Layer = tfl.layers.Layer;

/** Which layer of a model a trace is of. */
export interface TraceOptions {
  /** The name of the layer. Needed where the model has several of its kind. */
  layer?: string;
  /** Of a bidirectional layer: `'forward'` by default. */
  direction?: Direction;
}

/** A direction of a bidirectional layer. */
export type Direction = 'forward' | 'backward';

/** A recurrent layer and what it computes with. */
export interface TracedLayer {
  layer: tfl.RNN;
  /** [batch, time, inputs] */
  x: tf.Tensor3D;
  /** h and, where there is one, c; none where they are zeros. */
  states: tf.Tensor2D[];
  /** bool [batch, time], or null */
  mask: tf.Tensor2D | null;
}

const OPTIONS = ['layer', 'direction'] as const;

/**
 * Finds the layer and runs the model up to it.
 *
 * @param kinds The class names of the cells and layers that are looked for: `['LSTM', 'LSTMCell']`.
 */
export function tracedLayer(
  where: string,
  kinds: readonly string[],
  layerOrModel: Layer,
  input: tf.Tensor | tf.Tensor[],
  options: TraceOptions,
): TracedLayer {
  requireKnownOptions(where, options, OPTIONS);
  const { direction = 'forward' } = options;
  requireOneOf(where, 'direction', direction, ['forward', 'backward']);
  const given = [input].flat();
  if (given.length === 0 || !given.every((tensor) => tensor instanceof tf.Tensor)) {
    reject({
      where,
      expected: 'input must be the tensor that the layer or model takes, or a list of them',
      received: input,
      remedy: 'Make one by tf.tensor, or by padSequences from lists of words.',
    });
  }
  if (layerOrModel instanceof tfl.LayersModel) {
    return insideModel(where, kinds, layerOrModel, given, { ...options, direction });
  }
  return asTraced(where, kinds, layerOrModel, given, null, direction);
}

function insideModel(
  where: string,
  kinds: readonly string[],
  model: tfl.LayersModel,
  given: tf.Tensor[],
  { layer: name, direction }: TraceOptions,
): TracedLayer {
  const built = builtModel(model);
  if (given.length !== built.inputs.length) {
    const { length } = given;
    reject({
      where,
      expected: `the model takes ${built.inputs.length} inputs`,
      received: length,
      see: 'wrong-shape',
    });
  }
  const calls = graphOf(built).calls.filter(({ layer }) => isKind(kinds, layer));
  const named = name === undefined ? calls : calls.filter(({ layer }) => layer.name === name);
  const [call] = named;
  if (!call || new Set(named.map(({ layer }) => layer)).size > 1) {
    const names = [...new Set(calls.map(({ layer }) => layer.name))];
    reject({
      where,
      expected:
        calls.length === 0 ? `the model has no ${kinds[0]}` : `the model has ${names.join(', ')}`,
      ...(name !== undefined && { received: name }),
      remedy:
        names.length > 0
          ? `Choose one: { layer: '${names[0]}' }.`
          : 'A layer inside a model inside is traced by that model.',
      see: 'unsuitable-model',
    });
  }
  const read = inputsOfCall(built, call, given);
  return asTraced(where, kinds, call.layer, read.values, maskOfCall(call, read), direction!);
}

/** What a layer of a model is called with. */
export function inputsOfCall(built: tfl.LayersModel, call: Call, given: tf.Tensor[]): Masked {
  return runGraph(
    graphTo(built.inputs, call.node.inputTensors),
    { values: given, masks: given.map(() => null) },
    {},
  );
}

/** The mask of the steps that a recurrent layer is told. */
export function maskOfCall({ layer, isMasked }: Call, { masks }: Masked): Mask {
  const told = isMasked ? masks : masks.map(() => null);
  return [maskForCall(layer, told)].flat()[0] ?? null;
}

interface Both {
  forwardLayer: tfl.RNN;
  backwardLayer: tfl.RNN;
}

/** Whether a layer runs another one in both directions. */
export function isBoth(layer: Layer): layer is Layer & Both {
  return 'forwardLayer' in layer;
}

/** Whether a layer, or those of a Bidirectional, is of one of the kinds. */
function isKind(kinds: readonly string[], layer: Layer): boolean {
  if (isBoth(layer)) return isKind(kinds, layer.forwardLayer);
  // Their cells have the names of others.
  if (['MinGRU', 'PeepholeLSTM'].includes(layer.getClassName())) return false;
  const { cell } = layer as { cell?: Layer };
  return [layer, cell].some((one) => one !== undefined && kinds.includes(one.getClassName()));
}

function asTraced(
  where: string,
  kinds: readonly string[],
  layer: Layer,
  values: tf.Tensor[],
  mask: Mask,
  direction: Direction,
): TracedLayer {
  if (!(layer instanceof tfl.layers.Layer) || !isKind(kinds, layer)) {
    reject({
      where,
      expected: `the first argument must be a layer of the kind ${kinds[0]}, or a model that has one`,
      received: layer,
      see: 'unsuitable-model',
    });
  }
  return asRun(where, layer, values, mask, direction);
}

/** A recurrent layer, or that of a direction, and what it computes with when it is called so. */
export function asRun(
  where: string,
  layer: Layer,
  [x, ...others]: tf.Tensor[],
  mask: Mask,
  direction: Direction,
): TracedLayer {
  if (x!.rank !== 3) {
    reject({
      where,
      expected: `${layer.name} takes [batch, time, inputs]`,
      received: x!.shape,
      see: 'wrong-shape',
    });
  }
  if (!isBoth(layer) && direction === 'backward') {
    reject({
      where,
      expected: `${layer.name} is no bidirectional layer`,
      received: direction,
      remedy: 'Leave direction out.',
      see: 'unsuitable-model',
    });
  }
  const one = isBoth(layer)
    ? direction === 'forward'
      ? layer.forwardLayer
      : layer.backwardLayer
    : (layer as tfl.RNN);
  if (!layer.built) layer.apply(x!);
  const { stateful, states } = one as unknown as { stateful: boolean; states: tf.Tensor[] | null };
  const half = others.length / 2;
  const ofDirection = isBoth(layer)
    ? others.slice(direction === 'forward' ? 0 : half, direction === 'forward' ? half : undefined)
    : others;
  const initial = ofDirection.length > 0 ? ofDirection : stateful ? (states ?? []) : [];
  const [batch, time] = x!.shape as [number, number];
  return {
    layer: one,
    x: x as tf.Tensor3D,
    states: initial.filter((state) => state) as tf.Tensor2D[],
    mask: mask && (tf.cast(tf.reshape(mask, [batch, time]), 'bool') as tf.Tensor2D),
  };
}
