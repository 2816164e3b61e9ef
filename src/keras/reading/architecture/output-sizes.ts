/** How much memory a model would take to predict, before it is built. */
import { reject } from '../../../foundation/errors.js';
import type { tfl } from '../../../foundation/tensorflow.js';
import type { Architecture, CallPlan } from './architecture.js';
import { follow } from './follow.js';
import { refuseLayer } from '../settings/layer-config.js';
import type { LayerPlan } from './layer-plan.js';
import { outputShapes, sequenceOf, stepOf } from './shapes.js';

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
  const { maxOutputSize: most, toRaise } = limit;
  const refuse = ({ layer: { place } }: CallPlan, takes: number | string, allowed: number) =>
    refuseLayer(place, {
      expected: `would take ${takes} values for one sample, more than ${allowed}`,
      remedy: `If you trust the file and have the memory, pass ${toRaise}.`,
      see: 'model-too-large',
    });
  const open = ([batch = null, ...sample]: tfl.Shape): tfl.Shape => {
    return [batch ?? 1, ...sample.map((size) => size ?? OPEN_LENGTH)];
  };
  let total = 0;
  /** @param times How often a model is called where it is called once: for each step, say. */
  const through = (model: Architecture, given: tfl.Shape[], times: number): tfl.Shape[] =>
    follow(model, given, (call, inputs) => {
      const plan = call.layer;
      if (plan.model) return through(plan.model, inputs, times);
      const outputs = plan.around
        ? overSteps(plan.around.model!, inputs[0]!, times)
        : outputsOf(call, layers.get(plan)!, inputs);
      const own = plan.around ? 0 : kept(layers.get(plan)!, inputs, outputs);
      const size = times * outputs.reduce((sum, shape) => sum + sizeOf(shape), own);
      total += size;
      if (size > most) refuse(call, size, most);
      if (total > MANY_LAYERS * most)
        refuse(call, `with the layers before it ${total}`, MANY_LAYERS * most);
      return outputs;
    });
  // All steps are computed at once, as one batch.
  const overSteps = (model: Architecture, sequence: tfl.Shape, times: number): tfl.Shape[] => {
    const steps = times * (sequence[1] ?? OPEN_LENGTH);
    const [output] = through(model, [stepOf(sequence)], steps);
    return [sequenceOf(output!, sequence)];
  };
  through(
    architecture,
    architecture.inputs.map(({ shape }) => open(shape!)),
    1,
  );
}

/** The shapes of the outputs; those of the inputs where no output fits a length that is open. */
function outputsOf({ layer: plan, own }: CallPlan, layer: Layer, given: tfl.Shape[]): tfl.Shape[] {
  try {
    return outputShapes(plan, layer, given, own);
  } catch {
    return given;
  }
}

/** What a layer keeps besides its outputs. */
function kept(layer: Layer, [input, second]: tfl.Shape[], [output]: tfl.Shape[]): number {
  if (input === undefined || output === undefined) return 0;
  // Of attention, the weight of every key for every query.
  if ('argumentsOfCall' in layer) return sizeOf([...input.slice(0, 2), second?.[1] ?? 1]);
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
