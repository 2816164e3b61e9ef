/** The argument `kernel` that our layers have beyond those of tf.layers. */
import { reject } from '../foundation/errors.js';

/**
 * Which code computes a layer:
 * - `'auto'` (default): the fused WebAssembly kernel where there is one for the
 *   backend and the settings, else TensorFlow.js operations;
 * - `'fused'`: the fused kernel, or an error that says what stands in the way;
 * - `'composed'`: TensorFlow.js operations, with the same results.
 */
export type KernelOption = 'auto' | 'fused' | 'composed';

const OPTIONS: readonly unknown[] = ['auto', 'fused', 'composed'];

/** Checks the argument and fills in its default. */
export function kernelOption(where: string, kernel: unknown = 'auto'): KernelOption {
  if (!OPTIONS.includes(kernel)) {
    reject({
      where,
      expected: "kernel must be 'auto', 'fused' or 'composed'",
      received: kernel,
      remedy: "Leave it out for 'auto'.",
    });
  }
  return kernel as KernelOption;
}

/**
 * Whether to use the fused kernel, given what stands in its way (null: nothing).
 *
 * @throws RecurrentError for `'fused'` when something does.
 */
export function useFused(where: string, kernel: KernelOption, obstacle: string | null): boolean {
  if (kernel === 'composed') return false;
  if (kernel === 'fused' && obstacle !== null) {
    reject({
      where,
      expected: `kernel: 'fused' was asked for, but ${obstacle}`,
      remedy: "With kernel: 'auto' the layer falls back to TensorFlow.js operations.",
      see: 'no-fused-kernel',
    });
  }
  return obstacle === null;
}
