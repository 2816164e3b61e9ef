import { show } from '../../foundation/errors.js';

type Fields = Record<string, unknown>;

/**
 * Throws where a functional model in a file has a layer whose inputs never come to be. TensorFlow.js
 * waits for them for ever.
 */
export function requireConnected(topology: unknown): void {
  if (typeof topology !== 'object' || topology === null) return;
  const { layers } = topology as Fields;
  if (Array.isArray(layers)) requireInputs(layers.map(Object));
  for (const part of Object.values(topology)) requireConnected(part);
}

function requireInputs(layers: readonly Fields[]): void {
  /** How many calls of each layer there are. */
  const calls = new Map<unknown, number>();
  let waiting: { name: unknown; inputs: unknown[][] }[] = [];
  for (const { name, class_name: className, config, inbound_nodes: nodes } of layers) {
    if (!Array.isArray(nodes)) return; // of a sequential model
    if (calls.has(name)) throw new Error(`two of its layers are called ${show(name)}`);
    const isModel = Array.isArray(config) || Array.isArray(Object(config).layers);
    calls.set(name, isModel || className === 'InputLayer' ? 1 : 0);
    for (const node of nodes) {
      if (!Array.isArray(node)) return; // which TensorFlow.js notices
      waiting.push({ name, inputs: node.map(Object) });
    }
  }
  const hasCome = ([name, call]: unknown[]) => (calls.get(name) ?? 0) > (call as number);
  while (waiting.length > 0) {
    const ready = waiting.filter(({ inputs }) => inputs.every(hasCome));
    if (ready.length === 0)
      throw new Error(`${show(waiting[0]!.name)} has inputs that do not exist`);
    waiting = waiting.filter((each) => !ready.includes(each));
    for (const { name } of ready) calls.set(name, calls.get(name)! + 1);
  }
}
