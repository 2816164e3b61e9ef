/** What masked steps of a recurrent layer give, by its `zeroOutputForMask`, as in the main entry. */
import { computed, type Mask, type Run, type Tensor } from '../run.js';

/** See ZeroOutputForMask of the main entry. */
export type ZeroOutput = boolean | 'untilFirst';

/** How a layer reads a sequence. */
export interface Reading {
  goBackwards: boolean;
  returnSequences: boolean;
}

/**
 * An output with zeros where they are due.
 *
 * @param hasInitialState Without one, what comes before the first step that counts is zero anyway.
 */
export function withZeros(
  run: Run,
  output: Tensor,
  mask: Mask | null,
  zero: ZeroOutput,
  hasInitialState: boolean,
  reading: Reading,
): Tensor {
  if (!mask || zero === false || (zero === 'untilFirst' && !hasInitialState)) return output;
  const counts = countingOutputs(mask, zero, reading);
  const width = output.shape.at(-1)!;
  return computed(run, output.shape, [output], (out, values) => {
    for (let i = 0; i < out.length; i++) out[i] = counts[Math.floor(i / width)] ? values![i]! : 0;
  });
}

/** Which outputs are kept: [batch, time] of a sequence, [batch] of a last one. */
function countingOutputs(
  { values, shape }: Mask,
  zero: ZeroOutput,
  { goBackwards, returnSequences }: Reading,
): Uint8Array {
  const [batch, time] = shape as [number, number];
  const counts = new Uint8Array(returnSequences ? batch * time : batch);
  for (let row = 0; row < batch; row++) {
    let any = 0;
    for (let step = 0; step < time; step++) {
      // The outputs of a layer that goes backwards begin with that of the last step.
      const own = values[row * time + (goBackwards ? time - 1 - step : step)]!;
      any |= own;
      const kept = zero === true ? own : any;
      if (returnSequences) counts[row * time + step] = kept;
      else counts[row] = kept;
    }
  }
  return counts;
}
