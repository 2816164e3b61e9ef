/** Applies layers to one another, as an architecture says, and makes models of them. */
import { tfl } from '../../../foundation/tensorflow.js';
import { builtModel } from '../../../layers/model/run-graph.js';
import type { Architecture } from './architecture.js';
import type { LayerPlan } from './layer-plan.js';
import { leavesOfAll } from './nested-models.js';

type Layer = tfl.layers.Layer;

/** All layers of a model and of those inside it, without weights. */
export function makeLayers(architecture: Architecture, layers: Map<LayerPlan, Layer>): void {
  for (const plan of leavesOfAll(architecture)) layers.set(plan, plan.make());
}

/**
 * The model of an architecture. Its layers get their weights, but not yet the values.
 *
 * @param layers From makeLayers. The models inside are added to it.
 */
export function connect(
  architecture: Architecture,
  layers: Map<LayerPlan, Layer>,
): tfl.LayersModel {
  for (const plan of architecture.layers) {
    if (plan.model) layers.set(plan, connectInner(plan, layers));
    if (plan.around) layers.set(plan, plan.make(connectInner(plan.around, layers)));
  }
  return architecture.sequential
    ? connectInSequence(architecture, layers)
    : connectGraph(architecture, layers);
}

function connectInner(plan: LayerPlan, layers: Map<LayerPlan, Layer>): tfl.LayersModel {
  const model = connect(plan.model!, layers);
  // A Sequential is asked for its shapes before anybody has built it.
  builtModel(model);
  // True would thaw the layers inside that are frozen.
  if (!plan.trainable) model.trainable = false;
  return model;
}

function connectInSequence(
  { name, inputs: [input], layers: plans }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const ordered = plans.map((plan) => layers.get(plan)!);
  const [first] = ordered as [Layer];
  const batchInputShape = [...input!.shape!];
  // A Sequential that begins with a model takes its inputs from it, whose shape is another.
  if (plans[0]!.model) {
    const { dtype } = input!;
    ordered.unshift(tfl.layers.inputLayer({ batchInputShape, dtype, name: input!.name }));
  } else first.batchInputShape = batchInputShape;
  return tfl.sequential({ name, layers: ordered });
}

function connectGraph(
  { name, inputs, calls, outputs }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const tensors = new Map<string, tfl.SymbolicTensor[]>();
  const key = (layer: string, node: number) => JSON.stringify([layer, node]);
  for (const { name: inputName, shape, dtype } of inputs) {
    const made = tfl.input({ batchShape: [...shape!], dtype, name: inputName });
    tensors.set(key(inputName, 0), [made]);
  }
  const find = ({ layer, node, tensor }: Architecture['outputs'][number]) =>
    tensors.get(key(layer, node))![tensor]!;
  for (const call of calls) {
    const given = call.inputs.map(find);
    const output = layers.get(call.layer)!.apply(given.length === 1 ? given[0]! : given, {
      ...call.own,
      ...(call.unmasked && { mask: null }),
    });
    tensors.set(key(call.layer.name, call.node), [output].flat() as tfl.SymbolicTensor[]);
  }
  return tfl.model({
    name,
    inputs: inputs.map((input) => tensors.get(key(input.name, 0))![0]!),
    outputs: outputs.map(find),
  });
}
