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

/**
 * Throws where a layer would give more values than that for one sample, or for the samples of a
 * batch whose size is fixed. A file of a few kilobytes can ask for any number of them, by
 * RepeatVector, say.
 *
 * @param layers The layers, made but without weights.
 */
export function requireModestOutputs(
  { inputs, calls }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
  { maxOutputSize: most, toRaise }: OutputLimit,
): void {
  if (!(most > 0)) {
    reject({
      where: 'loadKerasModel',
      expected: 'maxOutputSize must be a positive number',
      received: most,
      remedy: `Leave it out for ${MAX_OUTPUT_SIZE}.`,
    });
  }
  const shapes = new Map<string, tfl.Shape[]>();
  const keyOf = (layer: string, node: number) => JSON.stringify([layer, node]);
  for (const { name, shape } of inputs) {
    const [batch, ...sample] = shape;
    shapes.set(keyOf(name, 0), [[batch ?? 1, ...sample.map((size) => size ?? OPEN_LENGTH)]]);
  }
  let total = 0;
  for (const call of calls) {
    const given = call.inputs.map(({ layer, node, tensor }) => {
      return shapes.get(keyOf(layer, node))?.[tensor] ?? [1];
    });
    const layer = layers.get(call.layer)!;
    const outputs = outputsOf(call, layer, given);
    shapes.set(keyOf(call.layer.name, call.node), outputs);
    const size = outputs.reduce((sum, shape) => sum + sizeOf(shape), kept(layer, given, outputs));
    total += size;
    if (size <= most && total <= MANY_LAYERS * most) continue;
    const [takes, allowed] =
      size > most ? [size, most] : [`with the layers before it ${total}`, MANY_LAYERS * most];
    refuseLayer(call.layer.place, {
      expected: `would take ${takes} values for one sample, more than ${allowed}`,
      remedy: `If you trust the file and have the memory, pass ${toRaise}.`,
    });
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
  const isRecurrent = 'cell' in layer || 'forwardLayer' in layer;
  if (!isRecurrent || input === undefined) return 0;
  return sizeOf(input.slice(0, 2)) * (PER_STEP + PER_UNIT * (output?.at(-1) ?? 1));
}

function sizeOf(shape: tfl.Shape): number {
  return shape.reduce<number>((size, length) => size * Math.max(1, length ?? 1), 1);
}
