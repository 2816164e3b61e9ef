/** How much memory a model would take to predict, before it is built. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import type { Architecture, CallPlan } from './architecture.js';
import { refuseLayer } from './layer-config.js';
import type { LayerPlan } from './layer-plan.js';
import { outputShapes } from './shapes.js';

type Layer = tfl.layers.Layer;

/** Half a gigabyte for one sample and one layer: more than any model of words or measurements has. */
export const MAX_OUTPUT_SIZE = 2 ** 27;

/** How many values a layer may give for one sample, and what messages tell to pass for more. */
export interface OutputLimit {
  maxOutputSize: number;
  /** `{ maxOutputSize } with a larger number` */
  toRaise: string;
}

/** All layers together may give so many times as much as one of them. */
const MANY_LAYERS = 8;

/** Stands for a length that the model leaves open, and its caller chooses. */
const OPEN_LENGTH = 64;

/** What a recurrent layer keeps of each step: some values a unit, and the step itself. */
const PER_UNIT = 8;
const PER_STEP = 256;

/** More than any model that is not made to keep others waiting: a model inside may be used often. */
const MOST_CALLS = 100_000;

/** A model inside another one, or inside a wrapper. */
export interface Inside {
  architecture: Architecture;
  layers: ReadonlyMap<LayerPlan, Layer>;
  /** The shapes of its inputs, from those of the layer that it is. */
  shapesOf(given: tfl.Shape[]): tfl.Shape[];
}

/**
 * Throws where a layer would give more values than that for one sample, or for the samples of a
 * batch whose size is fixed. A file of a few kilobytes can ask for any number of them, by
 * RepeatVector, say.
 *
 * @param layers The layers, made but without weights.
 */
export function requireModestOutputs(
  architecture: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
  limit: OutputLimit,
): void {
  if (!(limit.maxOutputSize > 0)) {
    reject({
      where: 'loadKerasModel',
      expected: 'maxOutputSize must be a positive number',
      received: limit.maxOutputSize,
      remedy: `Leave it out for ${MAX_OUTPUT_SIZE}.`,
    });
  }
  const given = architecture.inputs.map(({ shape: [batch, ...sample] }): tfl.Shape => {
    return [batch ?? 1, ...sample.map((size) => size ?? OPEN_LENGTH)];
  });
  addUp(architecture, layers, given, new Tally(limit));
}

/** What the layers of a model take, those of models inside too. */
class Tally {
  readonly #limit: OutputLimit;
  #total = 0;
  #calls = 0;

  constructor(limit: OutputLimit) {
    this.#limit = limit;
  }

  add({ layer: { place } }: CallPlan, size: number): void {
    const { maxOutputSize: most, toRaise } = this.#limit;
    this.#total += size;
    if (++this.#calls > MOST_CALLS) {
      refuseLayer(place, { expected: `would be one of more than ${MOST_CALLS} calls of layers` });
    }
    if (size <= most && this.#total <= MANY_LAYERS * most) return;
    const [takes, allowed] =
      size > most ? [size, most] : [`with the layers before it ${this.#total}`, MANY_LAYERS * most];
    refuseLayer(place, {
      expected: `would take ${takes} values for one sample, more than ${allowed}`,
      remedy: `If you trust the file and have the memory, pass ${toRaise}.`,
    });
  }
}

function addUp(
  { inputs, calls }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
  given: readonly tfl.Shape[],
  tally: Tally,
): void {
  const shapes = new Map<string, tfl.Shape[]>();
  const keyOf = (layer: string, node: number) => JSON.stringify([layer, node]);
  for (const [i, { name }] of inputs.entries()) shapes.set(keyOf(name, 0), [given[i]!]);
  for (const call of calls) {
    const found = call.inputs.map(({ layer, node, tensor }) => {
      return shapes.get(keyOf(layer, node))?.[tensor] ?? [1];
    });
    const layer = layers.get(call.layer)!;
    const outputs = outputsOf(call, layer, found);
    shapes.set(keyOf(call.layer.name, call.node), outputs);
    tally.add(
      call,
      outputs.reduce((sum, shape) => sum + sizeOf(shape), kept(layer, found, outputs)),
    );
    const inside = call.layer.inside?.();
    if (inside) addUp(inside.architecture, inside.layers, inside.shapesOf(found), tally);
  }
}

/** The shapes of the outputs; those of the inputs where no output fits a length that is open. */
function outputsOf(call: CallPlan, layer: Layer, given: tfl.Shape[]): tfl.Shape[] {
  try {
    return outputShapes(call, layer, given);
  } catch {
    return given;
  }
}

/** What a layer keeps besides its outputs. */
function kept(layer: Layer, [input]: tfl.Shape[], [output]: tfl.Shape[]): number {
  if (input === undefined || output === undefined) return 0;
  if (layer.getClassName() === 'TimeDistributed') {
    const { layer: inner } = layer as unknown as { layer: Layer };
    return kept(inner, [eachStep(input)], [eachStep(output)]);
  }
  const isRecurrent = 'cell' in layer || 'forwardLayer' in layer;
  return isRecurrent ? sizeOf(input.slice(0, 2)) * (PER_STEP + PER_UNIT * (output.at(-1) ?? 1)) : 0;
}

/** What a layer inside a TimeDistributed is given: [batch · time, …]. */
export function eachStep([batch, time, ...step]: tfl.Shape): tfl.Shape {
  return [(batch ?? 1) * (time ?? 1), ...step];
}

function sizeOf(shape: tfl.Shape): number {
  return shape.reduce<number>((size, length) => size * Math.max(1, length ?? 1), 1);
}
