/** Applies layers to one another, as an architecture says, and makes the model of them. */
import { tfl } from '../../foundation/tensorflow.js';
import type { Architecture } from './architecture.js';
import type { LayerPlan } from './layer-plan.js';

type Layer = tfl.layers.Layer;

/** The model of an architecture. Its layers get their weights, but not yet the values. */
export function connect(
  architecture: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  return architecture.sequential
    ? connectInSequence(architecture, layers)
    : connectGraph(architecture, layers);
}

function connectInSequence(
  { name, inputs: [input], layers: plans }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const ordered = plans.map((plan) => layers.get(plan)!);
  const [first] = ordered as [Layer];
  first.batchInputShape = [...input!.shape];
  return tfl.sequential({ name, layers: ordered });
}

function connectGraph(
  { name, inputs, calls, outputs }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const tensors = new Map<string, tfl.SymbolicTensor[]>();
  const key = (layer: string, node: number) => JSON.stringify([layer, node]);
  for (const { name: inputName, shape, dtype } of inputs) {
    const made = tfl.input({ batchShape: [...shape], dtype, name: inputName });
    tensors.set(key(inputName, 0), [made]);
  }
  const find = ({ layer, node, tensor }: Architecture['outputs'][number]) =>
    tensors.get(key(layer, node))![tensor]!;
  for (const call of calls) {
    const given = call.inputs.map(find);
    const output = layers
      .get(call.layer)!
      .apply(given.length === 1 ? given[0]! : given, call.unmasked ? { mask: null } : {});
    tensors.set(key(call.layer.name, call.node), [output].flat() as tfl.SymbolicTensor[]);
  }
  return tfl.model({
    name,
    inputs: inputs.map((input) => tensors.get(key(input.name, 0))![0]!),
    outputs: outputs.map(find),
  });
}
