/** A walk through a model, call by call, with something known of every tensor. */
import { reject } from '../../../foundation/errors.js';
import type { Architecture, CallPlan } from './architecture.js';
import type { TensorReference } from './inbound-nodes.js';

/**
 * What is known of the outputs of a model.
 *
 * @param inputs What is known of its inputs.
 * @param at Finds it for the outputs of a call, from that of what the call is given.
 */
export function follow<Known>(
  { name, inputs: own, calls, outputs }: Architecture,
  inputs: readonly Known[],
  at: (call: CallPlan, given: Known[]) => Known[],
): Known[] {
  const known = new Map<string, readonly Known[]>();
  const keyOf = (layer: string, node: number) => JSON.stringify([layer, node]);
  own.forEach((input, i) => {
    known.set(keyOf(input.name, 0), [inputs[i]!]);
  });
  const find = ({ layer, node, tensor }: TensorReference): Known => {
    const found = known.get(keyOf(layer, node))?.[tensor];
    if (found) return found;
    return reject({
      where: 'loadKerasModel',
      expected: `${name} refers to an output that ${layer} does not have`,
      received: tensor,
      see: 'unsupported-keras-model',
    });
  };
  for (const call of calls) {
    known.set(keyOf(call.layer.name, call.node), at(call, call.inputs.map(find)));
  }
  return outputs.map(find);
}
