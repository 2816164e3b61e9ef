/**
 * The uses of models inside a functional model, by number. A functional model of Keras is used once when
 * it is made, so that its first use by somebody is number 1; but where Keras 3 says what a call is given,
 * it counts from 0, and a Sequential that had no shape was not used before.
 */
import type { CallPlan } from './architecture.js';
import type { TensorReference } from './inbound-nodes.js';
import type { MaskOperation } from './mask-operations.js';

/** Numbers the uses of all models from 0, in what is given to calls and in the outputs. */
export function renumberModels(
  calls: readonly CallPlan[],
  outputs: readonly TensorReference[],
  operations: readonly MaskOperation[],
): void {
  const uses = new Map<string, CallPlan[]>();
  for (const call of calls) {
    if (call.layer.model) uses.set(call.layer.name, [...(uses.get(call.layer.name) ?? []), call]);
  }
  if (uses.size === 0) return;
  const given = [
    ...calls.flatMap(({ inputs, mask }) => (mask ? [...inputs, mask] : inputs)),
    ...operations.flatMap((operation) => operation.uses.flatMap(({ inputs }) => inputs)),
  ];
  for (const [name, of] of uses) {
    const isOf = ({ layer }: TensorReference) => layer === name;
    const { className, kerasVersion } = of[0]!.layer.place;
    const [inCalls, inOutputs] = [given.filter(isOf), outputs.filter(isOf)];
    if (kerasVersion < 3) shift([...inCalls, ...inOutputs], of.length, 0);
    else {
      shift(inCalls, of.length, 0);
      shift(inOutputs, of.length, className === 'Sequential' ? 0 : 1);
    }
  }
}

/**
 * Takes the number of the first use from all.
 *
 * @param likely That number, where the references leave it open.
 */
function shift(references: readonly TensorReference[], uses: number, likely: 0 | 1): void {
  const numbers = references.map(({ node }) => node);
  const first = numbers.includes(0) ? 0 : numbers.includes(uses) ? 1 : likely;
  for (const reference of references) reference.node -= first;
}
