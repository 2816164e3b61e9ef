/** Walks through a model before it is built: shapes, the weights they ask for, and masks. */
import { reject } from '../../../foundation/errors.js';
import type { tfl } from '../../../foundation/tensorflow.js';
import type { Architecture, CallPlan } from '../architecture/architecture.js';
import { follow } from '../architecture/follow.js';
import { refuseLayer } from '../settings/layer-config.js';
import type { LayerPlan, WeightPlan } from '../architecture/layer-plan.js';
import { TermNumbers } from '../architecture/mask-operations.js';
import { type Mask, MaskWalk } from '../architecture/masks.js';
import {
  outputShapes,
  requireInputs,
  requireSteps,
  sequenceOf,
  stepOf,
} from '../architecture/shapes.js';

type Layer = tfl.layers.Layer;

/** The weights of every layer, by what its inputs look like; of a model, those of its layers. */
export type WeightsOfLayers = Map<LayerPlan, WeightPlan[]>;

/** What is known of a tensor. */
interface Known {
  shape: tfl.Shape;
  mask: Mask | null;
}

/** Models inside models can be called again and again by a file of a few kilobytes. */
const MOST_CALLS = 20_000;

/**
 * Infers all shapes.
 *
 * @param layers The layers, also those of models inside, made but without weights.
 * @throws RecurrentError where shapes do not fit, and where a mask would have another effect
 *   than in Keras.
 */
export function inferWeights(
  architecture: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): WeightsOfLayers {
  const inference = new Inference(layers);
  inference.declared(architecture);
  return inference.weights;
}

class Inference {
  readonly weights: WeightsOfLayers = new Map();
  readonly #layers: ReadonlyMap<LayerPlan, Layer>;
  readonly #numbers = new TermNumbers();
  readonly #seen = new Set<Architecture>();
  #calls = 0;

  constructor(layers: ReadonlyMap<LayerPlan, Layer>) {
    this.#layers = layers;
  }

  /** Walks through a model by what it says of its inputs, as it will be built. */
  declared(model: Architecture): void {
    const inputs = model.inputs.map(({ shape }): Known => ({ shape: [...shape!], mask: null }));
    this.#model(model, inputs);
  }

  #model(model: Architecture, inputs: readonly Known[]): Known[] {
    const masks = new MaskWalk(model.operations, this.#numbers);
    return follow(model, inputs, (call, given) => this.#call(call, given, masks));
  }

  #call(call: CallPlan, given: Known[], masks: MaskWalk): Known[] {
    const plan = call.layer;
    this.#calls++;
    if (this.#calls > MOST_CALLS) {
      reject({
        where: 'loadKerasModel',
        expected: `layers must be used at most ${MOST_CALLS} times, with those of models inside`,
        remedy: 'The file was not written by Keras.',
        see: 'model-too-large',
      });
    }
    requireInputs(plan, given.length);
    if (plan.model) {
      masks.requireWritten(call, given[0]!.mask);
      return this.#inner(plan.model, given);
    }
    const [first] = given as [Known];
    const shapes = plan.around
      ? this.#steps(plan, plan.around.model!, first.shape)
      : this.#leaf(call, given);
    const found = masks.follow(
      call,
      this.#layers.get(plan),
      given.map(({ mask }) => mask),
      given.map(({ shape }) => shape.length),
    );
    return shapes.map((shape, i) => ({ shape, mask: found[i] ?? null }));
  }

  /** A model inside, first as it is written, then as it is called. */
  #inner(model: Architecture, given: Known[]): Known[] {
    if (!this.#seen.has(model)) {
      this.#seen.add(model);
      model.inputs.forEach((input, i) => {
        input.shape ??= [...given[i]!.shape];
      });
      this.declared(model);
    }
    model.inputs.forEach(({ name, shape }, i) => {
      const received = given[i]!.shape;
      if (received.length === shape!.length) return;
      reject({
        where: 'loadKerasModel',
        expected: `${model.name} must be given ${shape!.length} dimensions as ${name}`,
        received,
        see: 'unsupported-keras-model',
      });
    });
    return this.#model(model, given);
  }

  /** A model that is applied to each step by itself. */
  #steps(plan: LayerPlan, model: Architecture, sequence: tfl.Shape): tfl.Shape[] {
    requireSteps(plan, sequence);
    if (model.inputs.length !== 1 || model.outputs.length !== 1) {
      refuseLayer(plan.place, { expected: 'must be around a model of one input and one output' });
    }
    const [output] = this.#inner(model, [{ shape: stepOf(sequence), mask: null }]);
    return [sequenceOf(output!.shape, sequence)];
  }

  #leaf({ layer: plan, own }: CallPlan, given: Known[]): tfl.Shape[] {
    const shapes = given.map(({ shape }) => shape);
    const planned = plan.weights(shapes[0]!);
    const before = this.weights.get(plan);
    if (before && JSON.stringify(before) !== JSON.stringify(planned)) {
      refuseLayer(plan.place, { expected: 'is used with inputs of different sizes' });
    }
    this.weights.set(plan, planned);
    return outputShapes(plan, this.#layers.get(plan)!, shapes, own);
  }
}
