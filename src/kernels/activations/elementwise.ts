/**
 * Activations of single values and what they pass back as a kernel each; for the latter TensorFlow.js
 * takes three operations. Twins: tf.relu, tf.sigmoid and tf.tanh, from which they do not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, floatsOf, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

/** The activations that have such kernels. */
export type ElementwiseName = 'relu' | 'sigmoid' | 'tanh';

const FORWARD = 'RecurrentElementwise';
const BACKWARD = 'RecurrentElementwiseGradient';

interface Elementwise {
  /** y from x. */
  forward(x: Float32Array, y: Float32Array): void;
  /** dx from dy and y. */
  backward(dy: Float32Array, y: Float32Array, dx: Float32Array): void;
  stock(x: tf.Tensor): tf.Tensor;
}

const { exp, fround, tanh: hyperbolic } = Math;

// A loop each, so that V8 compiles it for one function.
const FUNCTIONS: Record<ElementwiseName, Elementwise> = {
  relu: {
    // NaN stays NaN, in the gradient, too.
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = Math.max(0, x[i]!);
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = y[i]! > 0 ? dy[i]! : dy[i]! * (0 * y[i]!);
    },
    stock: tf.relu,
  },
  sigmoid: {
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + exp(-x[i]!));
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = dy[i]! * fround(y[i]! * fround(1 - y[i]!));
    },
    stock: tf.sigmoid,
  },
  tanh: {
    forward(x, y) {
      for (let i = 0; i < y.length; i++) y[i] = hyperbolic(x[i]!);
    },
    backward(dy, y, dx) {
      for (let i = 0; i < y.length; i++) dx[i] = fround(1 - fround(y[i]! * y[i]!)) * dy[i]!;
    },
    stock: tf.tanh,
  },
};

/** An activation of every value, for a caller that asks for the gradient itself. */
export function elementwise(name: ElementwiseName, x: tf.Tensor): tf.Tensor {
  // The wasm backend has its own, which round otherwise.
  if (tf.getBackend() !== 'cpu') return FUNCTIONS[name].stock(x);
  register();
  return runKernel(FORWARD, { x: asFloats(x) }, { name });
}

/**
 * The gradient of the input of an activation.
 *
 * @param dy The gradient of what it returned.
 * @param y What it returned, of the same shape.
 */
export function elementwiseGradient(name: ElementwiseName, dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  register();
  return runKernel(BACKWARD, { dy: asFloats(dy), y }, { name });
}

/**
 * An activation of values where they are, as {@link elementwise} computes it on the cpu backend, for a
 * caller that has no tensors.
 */
export function elementwiseInPlace(name: ElementwiseName, values: Float32Array): void {
  FUNCTIONS[name].forward(values, values);
}

interface Attributes {
  name: ElementwiseName;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      outputsToSave: [true],
      gradFunc: (dy, [y], attributes) => {
        const { name } = attributes as unknown as Attributes;
        return { x: () => elementwiseGradient(name, dy as tf.Tensor, y!) };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: (_dy, _saved, attributes) =>
        rejectSecondDerivative(
          (attributes as unknown as Attributes).name,
          "build the layer with kernel: 'composed'",
        ),
    },
  ],
});

function forward(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { name }: Attributes,
): tf.TensorInfo {
  const out = call.output(x!.shape);
  const [from] = floatsOf(call, x!);
  FUNCTIONS[name].forward(from, call.runtime.memory.floats(out.address, from.length));
  return out.tensor;
}

function backward(
  call: KernelCall,
  { dy, y }: Record<string, tf.TensorInfo>,
  { name }: Attributes,
): tf.TensorInfo {
  const out = call.output(y!.shape);
  const [slopes, values] = floatsOf(call, dy!, y!);
  FUNCTIONS[name].backward(slopes, values, call.runtime.memory.floats(out.address, values.length));
  return out.tensor;
}
