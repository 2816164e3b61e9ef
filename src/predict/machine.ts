/** A machine for a predictor. */
import { type Complaint, reject } from '../foundation/errors.js';
import type { Machine } from '../engine/machine.js';
import { OneThread } from '../engine/one-thread.js';
import { predictingModule } from '../engine/predicting.js';

/**
 * A machine with a memory of its own, which goes with it.
 *
 * @throws RecurrentError where WebAssembly with SIMD is missing or forbidden.
 */
export async function newMachine(): Promise<Machine> {
  try {
    return new OneThread(await predictingModule());
  } catch (cause) {
    const complaint: Complaint = {
      where: 'loadPredictor',
      expected: 'WebAssembly with SIMD must be there and allowed',
      remedy:
        "A page allows it with 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy.",
      see: 'no-webassembly',
    };
    return reject(complaint, cause);
  }
}
