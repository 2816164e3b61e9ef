/** The backward pass of bidirectional.ts: from the gradient of what is merged to those of both directions. */
import type { tf } from '../../foundation/tensorflow.js';
import type { KernelCall } from '../bridge/tensors.js';
import { copyParts } from '../merging/concatenate.js';
import { merge } from '../merging/merge.js';
import { backward, rejectSecond } from './backward.js';
import type { PassesSettings } from './bidirectional-forward.js';
import type { Cell } from './cell.js';

type Pair = [number, number];

/** The gradients of x and, by direction, of the weights and of the initial states that there were. */
export function mergedBackward(
  call: KernelCall,
  cell: Cell,
  inputs: Record<string, tf.TensorInfo>,
  settings: PassesSettings,
): tf.TensorInfo[] {
  const activations = settings.activations!;
  const { directions, unmerged } = activations.take() ?? rejectSecond(cell);
  const { mergeMode: mode, returnSequences, returnState } = settings;
  const { units } = directions[0].jobs[0]!;
  const [batch, time] = directions[0].shape;
  const { memory } = call.runtime;
  const outputs = mode === null ? 2 : 1;
  const count = outputs + (returnState ? 2 * cell.states : 0);
  const held = Array.from({ length: count }, (_, i) => inputs[`dy${i}`]).map(
    (dy) => dy && call.hold(dy),
  );
  const [first = 0, second = 0] = held.map((dy) => dy?.address ?? 0);
  const stateOf = (i: number, state: number) =>
    returnState ? (held[outputs + i * cell.states + state]?.address ?? 0) : 0;

  // Of each direction's own output.
  const allocate = (bytes: number) => activations.allocate(memory, bytes);
  const apart = (): Pair => {
    if (mode === null) return [first, second];
    if (!first) return [0, 0];
    if (mode === 'concat' && returnSequences) return [first, first + 4 * units];
    if (mode === 'sum') return [first, first];
    const values = batch * units * (returnSequences ? time : 1);
    const [a, b] = [allocate(4 * values), mode === 'ave' ? 0 : allocate(4 * values)];
    if (mode === 'concat') splitColumns(call, first, [a, b], batch, units);
    else if (mode === 'ave') merge(call, mode, values, first, 0, a);
    else {
      merge(call, mode, values, first, unmerged[1], a);
      merge(call, mode, values, first, unmerged[0], b);
    }
    return [a, b || a];
  };
  const ofOutputs = apart();
  const both = directions.map((kept, i) => {
    let dLastH = stateOf(i, 0);
    const ofOutput = ofOutputs[i]!;
    if (!returnSequences && !dLastH) dLastH = ofOutput;
    else if (!returnSequences && ofOutput) {
      const sum = allocate(4 * batch * units);
      merge(call, 'sum', batch * units, dLastH, ofOutput, sum);
      dLastH = sum;
    }
    return {
      kept,
      kernel: inputs[`kernel${i}`]!,
      recurrentKernel: inputs[`recurrentKernel${i}`],
      given: {
        dSequence: returnSequences ? ofOutput : 0,
        dLastH,
        dLastC: cell.states === 2 ? stateOf(i, 1) : 0,
      },
    };
  });
  const { dx, others } = backward(call, both, { cell, activations, held });
  return [dx, ...others.flat()];
}

/** The halves of rows [batch, 2·units] to two places. */
function splitColumns(
  call: KernelCall,
  from: number,
  to: Pair,
  batch: number,
  units: number,
): void {
  const common = { width: units, fromStride: 2 * units, toStride: units };
  const copies = to.map((address, half) => ({
    ...common,
    from: from + 4 * half * units,
    to: address,
  }));
  copyParts(call, batch, copies);
}
