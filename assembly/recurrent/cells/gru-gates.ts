// What both forms of the GRU have in common.
import { At0, At32, clip2, sigmoid2 } from '../../arithmetic/activations';

/** The gates u and r of a row, from their sums, in place. */
export function activateGates(padded: i32, hardSigmoid: i32, gates: usize): void {
  const end = gates + (<usize>padded << 3);
  if (hardSigmoid) {
    for (; gates < end; gates += 32) clip2(gates);
  } else {
    for (; gates < end; gates += 64) {
      sigmoid2<At0>(gates, false);
      sigmoid2<At32>(gates, false);
    }
  }
}
