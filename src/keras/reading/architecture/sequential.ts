/** A Sequential of Keras, as layers that follow one another. */
import type { Architecture, ModelPlace } from './architecture.js';
import { type InputPlan, isInput, readInput, requireShape } from './input-layers.js';
import { planLayer } from '../settings/layer-map.js';
import type { LayerPlan } from './layer-plan.js';
import { withNames } from './nested-models.js';
import { isObject, property } from '../read-json.js';
import { refuseArchitecture, requireDistinct, requireFew } from './refuse-architecture.js';

/**
 * Reads the layers of a Sequential.
 *
 * @param builtFor The shape that the model says it was built for, if it does.
 */
export function readSequential(
  place: ModelPlace,
  written: unknown[],
  builtFor: unknown,
): Architecture {
  const { name, path, reading } = place;
  requireFew(written);
  const [first] = written;
  const startsWithInput = isInput(first);
  const layers = withNames(written.slice(startsWithInput ? 1 : 0)).map((layer) =>
    planLayer(layer, path, reading),
  );
  requireDistinct(layers.map((layer) => layer.name));
  const [firstLayer] = layers;
  if (firstLayer === undefined) refuseArchitecture('the architecture must have layers', layers);
  const input = startsWithInput
    ? readInput(first, path)
    : inputOf(place, first, firstLayer, builtFor);
  let previous = input.name;
  const calls = layers.map((layer) => {
    const inputs = [{ layer: previous, node: 0, tensor: 0 }];
    previous = layer.name;
    return { layer, node: 0, inputs };
  });
  const outputs = [{ layer: previous, node: 0, tensor: 0 }];
  return { name, sequential: true, inputs: [input], layers, calls, outputs, operations: [] };
}

/** What goes in, where the first layer says so, or the model around it once it is built. */
function inputOf(
  { path, isInner }: ModelPlace,
  written: unknown,
  first: LayerPlan,
  builtFor: unknown,
): InputPlan {
  const inside = first.model?.inputs[0];
  const shape = shapeOf(written) ?? inside?.shape ?? builtFor ?? openShapeOf(written);
  const isOpen = isInner && (shape === undefined || shape === null);
  return {
    name: `${first.name}_input`,
    shape: isOpen ? undefined : requireShape(shape, `${path}/${first.name}`),
    dtype: inside?.dtype ?? 'float32',
  };
}

function settingsOf(layer: unknown): object {
  const config = isObject(layer) ? property(layer, 'config') : undefined;
  return isObject(config) ? config : {};
}

function shapeOf(layer: unknown): unknown {
  const settings = settingsOf(layer) as Parameters<typeof property>[0];
  return property(settings, 'batch_input_shape') ?? property(settings, 'batch_shape');
}

/** An Embedding reads [batch, time] whatever it says. */
function openShapeOf(layer: unknown): unknown {
  if (!isObject(layer) || property(layer, 'class_name') !== 'Embedding') return undefined;
  const length = property(settingsOf(layer) as Parameters<typeof property>[0], 'input_length');
  return [null, Number.isInteger(length) ? length : null];
}
