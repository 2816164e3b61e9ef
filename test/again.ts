/**
 * Whether these tests run once more, with another binary of the kernels (vitest.config.ts). Then they leave
 * out what no binary changes and the first run has: the composed twins and stock TensorFlow.js beside Keras,
 * and the second backend, on which the same binary computes what it computes on the first.
 */
export const AGAIN = process.env.KERNELS_AGAIN !== undefined;
