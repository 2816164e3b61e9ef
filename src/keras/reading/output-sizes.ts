/** How much memory a model would take to predict, before it is built. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import type { Architecture, CallPlan } from './architecture.js';
import { follow } from './follow.js';
import { refuseLayer } from './layer-config.js';
import type { LayerPlan } from './layer-plan.js';
import { outputShapes, sequenceOf, stepOf } from './shapes.js';

type Layer = tfl.layers.Layer;

/** Half a gigabyte for one sample and one layer: more than any model of words or measurements has. */
export const MAX_OUTPUT_SIZE = 2 ** 27;

/** All layers together may give so many times as much as one of them. */
const MANY_LAYERS = 8;

/** Stands for a length that the model leaves open, and its caller chooses. */
const OPEN_LENGTH = 64;

/** What a recurrent layer keeps of each step: some values a unit, and the step itself. */
const PER_UNIT = 8;
const PER_STEP = 256;

/**
 * Throws where a layer would give more than `most` values for one sample, or for the samples of a
 * batch whose size is fixed. A file of a few kilobytes can ask for any number of them, by
 * RepeatVector, say.
 *
 * @param layers The layers, made but without weights.
 */
export function requireModestOutputs(
  architecture: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
  most: number,
): void {
  if (!(most > 0)) {
    reject({
      where: 'loadKerasModel',
      expected: 'maxOutputSize must be a positive number',
      received: most,
      remedy: `Leave it out for ${MAX_OUTPUT_SIZE}.`,
    });
  }
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
        ? overSteps(plan.around.model!, inputs[0]!)
        : outputsOf(plan, layers.get(plan)!, inputs);
      const own = plan.around ? 0 : kept(layers.get(plan)!, inputs, outputs);
      const size = outputs.reduce((sum, shape) => sum + sizeOf(shape), own);
      total += times * size;
      if (size > most) refuse(call, size, most);
      if (total > MANY_LAYERS * most)
        refuse(call, total, MANY_LAYERS * most, 'with the layers before it ');
      return outputs;
    });
  const overSteps = (model: Architecture, sequence: tfl.Shape): tfl.Shape[] => {
    const [output] = through(model, [stepOf(sequence)], sequence[1] ?? OPEN_LENGTH);
    return [sequenceOf(output!, sequence)];
  };
  through(
    architecture,
    architecture.inputs.map(({ shape }) => open(shape!)),
    1,
  );
}

/** The shapes of the outputs; those of the inputs where no output fits a length that is open. */
function outputsOf(plan: LayerPlan, layer: Layer, given: tfl.Shape[]): tfl.Shape[] {
  try {
    return outputShapes(plan, layer, given);
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

function refuse({ layer: { place } }: CallPlan, size: number, most: number, how = ''): never {
  refuseLayer(place, {
    expected: `would take ${how}${size} values for one sample, more than ${most}`,
    remedy:
      'If you trust the file and have the memory, pass { maxOutputSize } with a larger number.',
  });
}
