/** A functional model of Keras, as a graph of calls. */
import type { Architecture, CallPlan, ModelPlace } from './architecture.js';
import { readCalls, readReferences } from './inbound-nodes.js';
import { type InputPlan, isInput, readInput } from './input-layers.js';
import { planLayer } from '../settings/layer-map.js';
import type { LayerPlan } from './layer-plan.js';
import {
  isMaskOperation,
  type MaskOperation,
  readMaskOperation,
  requireMasksAlone,
} from './mask-operations.js';
import { renumberModels } from './model-nodes.js';
import { type JsonObject, property } from '../read-json.js';
import { refuseArchitecture, requireDistinct, requireFew } from './refuse-architecture.js';

const MOST_CALLS = 5000;

/** Reads the layers of a functional model and how they are connected. */
export function readFunctional(
  { name, path, reading }: ModelPlace,
  written: unknown[],
  config: JsonObject,
): Architecture {
  requireFew(written);
  const inputs: InputPlan[] = [];
  const layers: LayerPlan[] = [];
  const open: CallPlan[] = [];
  const operations: MaskOperation[] = [];
  for (const layer of written) {
    if (isInput(layer)) {
      inputs.push(readInput(layer, path));
      continue;
    }
    if (isMaskOperation(layer, reading.kerasVersion)) {
      operations.push(readMaskOperation(layer, path, reading.kerasVersion));
      continue;
    }
    const plan = planLayer(layer, path, reading);
    layers.push(plan);
    const calls = readCalls(plan.place, property(layer as JsonObject, 'inbound_nodes'));
    open.push(...calls.map((call, node) => ({ layer: plan, node, ...call })));
  }
  if (open.length > MOST_CALLS) {
    refuseArchitecture(
      `the architecture must use its layers at most ${MOST_CALLS} times`,
      open.length,
    );
  }
  requireDistinct([...inputs, ...layers, ...operations].map((each) => each.name));
  const order = readReferences(path, 'input_layers', property(config, 'input_layers'));
  const sorted = order.map(({ layer }) => {
    const input = inputs.find((each) => each.name === layer);
    if (input === undefined)
      refuseArchitecture(`${path} has an input that is none of its layers`, layer);
    return input;
  });
  if (sorted.length !== inputs.length) {
    refuseArchitecture(`${path} must use each of its ${inputs.length} inputs once`, sorted.length);
  }
  const outputs = readReferences(path, 'output_layers', property(config, 'output_layers'));
  renumberModels(open, outputs, operations);
  requireMasksAlone(operations, open, outputs);
  const calls = sortCalls(inputs, open);
  return { name, sequential: false, inputs: sorted, layers, calls, outputs, operations };
}

/** Every call after those that its inputs come from. */
function sortCalls(inputs: readonly InputPlan[], calls: CallPlan[]): CallPlan[] {
  const key = (layer: string, node: number) => JSON.stringify([layer, node]);
  const done = new Set(inputs.map(({ name }) => key(name, 0)));
  const sorted: CallPlan[] = [];
  let open = calls;
  while (open.length > 0) {
    const blocked: CallPlan[] = [];
    for (const call of open) {
      if (call.inputs.every(({ layer, node }) => done.has(key(layer, node)))) {
        done.add(key(call.layer.name, call.node));
        sorted.push(call);
      } else blocked.push(call);
    }
    const [stuck] = blocked;
    if (blocked.length === open.length && stuck !== undefined) {
      const missing = stuck.inputs.find(({ layer, node }) => !done.has(key(layer, node)));
      refuseArchitecture(`${stuck.layer.place.path} takes its input from nowhere`, missing?.layer);
    }
    open = blocked;
  }
  return sorted;
}
