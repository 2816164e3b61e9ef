/**
 * The one door to TensorFlow.js: every other file imports it from here.
 *
 * tfjs-core without the union package lacks the chained operations that
 * tfjs-layers' orthogonal initializer calls (tfjs#7721); they are defined on
 * the way in. Two of its gradients fail for a single output, which is what a
 * sequence of one step unstacks to; second derivatives of most activations fail,
 * or are wrong; what is missing is added, and what is wrong exchanged. Two copies of
 * tfjs-core would each have their own tensors and backends, which fails far from
 * the cause; `requireOneCopy` says it plainly.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { reject } from './errors.js';

export { tf, tfl };

const CHAINED = {
  flatten(this: tf.Tensor) {
    return tf.reshape(this, [this.size]);
  },
  reshape(this: tf.Tensor, shape: number[]) {
    return tf.reshape(this, shape);
  },
  sign(this: tf.Tensor) {
    return tf.sign(this);
  },
  stridedSlice(this: tf.Tensor, begin: number[], end: number[], strides: number[]) {
    return tf.stridedSlice(this, begin, end, strides);
  },
  transpose(this: tf.Tensor, permutation?: number[]) {
    return tf.transpose(this, permutation);
  },
};

// The tape hands a gradient the list of what flows back to a kernel's outputs, but a lone one as a
// bare tensor, which those of unstack and split in TensorFlow.js take for the list. Layers such as
// tf.layers.timeDistributed unstack their steps.
const LIST_GRADIENTS: Record<string, tf.GradFunc> = {
  Unpack: (dy, _saved, { axis }) => ({
    value: () => tf.stack([dy].flat(), axis as unknown as number),
  }),
  SplitV: (dy, _saved, { axis }) => ({
    x: () => tf.concat([dy].flat(), axis as unknown as number),
  }),
};

// What the gradients of hardSigmoid, relu6 and selu choose their parts by.
const TRUTHS = ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'LogicalAnd', 'LogicalOr'];

/** True or false does not change where it does not jump. */
const ofTruth: tf.GradFunc = (_dy, [a, b]) => ({
  a: () => tf.zeros(a!.shape),
  b: () => tf.zeros(b!.shape),
});

/** Of the kernel for the gradient of elu, which is dy where y ≥ 0 and dy·(y + 1) elsewhere. */
const ofEluGradient: tf.GradFunc = (ddx, [dy, y]) => ({
  dy: () => tf.engine().runKernel<tf.Tensor>('EluGrad', { dy: ddx as tf.Tensor, y: y! }),
  y: () => tf.mul(tf.mul(ddx as tf.Tensor, dy!), tf.cast(tf.less(y!, 0), 'float32')),
});

function addGradient(kernelName: string, inputsToSave: string[], gradFunc: tf.GradFunc): void {
  if (tf.getGradient(kernelName) == null) {
    tf.registerGradient({ kernelName, inputsToSave, gradFunc });
  }
}

// Kernels whose gradient is computed from their output. No tape leads to the copy of it that
// TensorFlow.js saves, so that a second derivative misses what flows back through it: it is wrong,
// or fails. By their input, and how to compute the output from it again.
const FROM_OUTPUT: Record<string, [input: string, (x: tf.Tensor, axis: number) => tf.Tensor]> = {
  Elu: ['x', (x) => tf.elu(x)],
  Exp: ['x', (x) => tf.exp(x)],
  Sigmoid: ['x', (x) => tf.sigmoid(x)],
  Softmax: ['logits', (x, axis) => tf.softmax(x, axis)],
  Tanh: ['x', (x) => tf.tanh(x)],
};

/** Within the gradient of a gradient, takes the output from the input, to which a tape does lead. */
function mendSecondDerivative(kernelName: string): void {
  const { gradFunc } = tf.getGradient(kernelName);
  const [input, again] = FROM_OUTPUT[kernelName]!;
  tf.registerGradient({
    kernelName,
    get inputsToSave() {
      return tf.engine().state.gradientDepth > 1 ? [input] : [];
    },
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const { dim } = (attributes ?? {}) as { dim?: number };
      const output = saved.length > 1 ? again(saved[0]!, dim ?? -1) : saved[0]!;
      return gradFunc(dy, [output], attributes);
    },
  });
}

let opened = false;

/**
 * Defines the chained operations that are missing, gradients that fail, and those that are missing.
 * Called by whatever builds layers.
 */
export function openDoor(): void {
  if (opened) return;
  opened = true;
  for (const [kernelName, gradFunc] of Object.entries(LIST_GRADIENTS)) {
    tf.registerGradient({ kernelName, gradFunc });
  }
  for (const kernelName of TRUTHS) addGradient(kernelName, ['a', 'b'], ofTruth);
  addGradient('EluGrad', ['dy', 'y'], ofEluGradient);
  for (const kernelName of Object.keys(FROM_OUTPUT)) mendSecondDerivative(kernelName);
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  for (const [name, operation] of Object.entries(CHAINED)) prototype[name] ??= operation;
}

/**
 * Throws when `model` was made by another copy of TensorFlow.js than ours.
 *
 * @param where The function that was given the model.
 * @param model Anything that should be a model of the tfjs-layers we import.
 */
export function requireOneCopy(where: string, model: object): void {
  if (model instanceof tfl.LayersModel) return;
  reject({
    where,
    expected: 'model must be a model of tf.layers',
    received: model,
    remedy:
      'If it is one, two copies of @tensorflow/tfjs-layers are installed: run ' +
      '`npm ls @tensorflow/tfjs-layers` and keep a single version.',
    see: 'not-a-model',
  });
}
