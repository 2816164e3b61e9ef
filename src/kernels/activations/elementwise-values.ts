/** Activations of single values and what they pass back, in JavaScript: as those of TensorFlow.js on cpu, to the bit. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, floatsOf } from '../bridge/call.js';

/** The activations that have such kernels. */
export type ElementwiseName = 'relu' | 'sigmoid' | 'tanh';

interface Elementwise {
  /** y from x. */
  forward(x: Float32Array, y: Float32Array): void;
  /** dx from dy and y. */
  backward(dy: Float32Array, y: Float32Array, dx: Float32Array): void;
}

const { exp, fround, tanh: hyperbolic } = Math;

// A loop each, so that V8 compiles it for one function.
export const FUNCTIONS: Record<ElementwiseName, Elementwise> = {
  relu: {
    // NaN stays NaN, in the gradient, too.
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = Math.max(0, x[i]!);
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = y[i]! > 0 ? dy[i]! : dy[i]! * (0 * y[i]!);
    },
  },
  sigmoid: {
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + exp(-x[i]!));
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = dy[i]! * fround(y[i]! * fround(1 - y[i]!));
    },
  },
  tanh: {
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = hyperbolic(x[i]!);
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = fround(1 - fround(y[i]! * y[i]!)) * dy[i]!;
    },
  },
};

/**
 * An activation of values where they are, as {@link elementwise} computes it on the cpu backend, for a
 * caller that has no tensors.
 */
export function elementwiseInPlace(name: ElementwiseName, values: Float32Array): void {
  FUNCTIONS[name].forward(values, values);
}

/** An activation of every value. */
export function forward(
  call: Call,
  { x }: Record<string, tf.TensorInfo>,
  { name }: { name: ElementwiseName },
): tf.TensorInfo {
  const out = call.output(x!.shape);
  const [from] = floatsOf(call, x!);
  FUNCTIONS[name].forward(from, call.runtime.memory.floats(out.address, from.length));
  return out.tensor;
}
