/**
 * x·W + b, or relu of that, as two kernels of TensorFlow.js. Source: assembly/dense/dense.ts; twin:
 * `denseComposed` below.
 */
import { tf } from '../../foundation/tensorflow.js';
import { runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import {
  type DenseSettings,
  FEWEST_PRODUCTS,
  FIELDS,
  forward,
  prepare,
  roundUp,
} from './dense-forward.js';

const FORWARD = 'RecurrentDense';
const BACKWARD = 'RecurrentDenseGradient';

// As in assembly/dense/dense.ts.
const OUTER_ROWS = 64;

/** What a dense layer multiplies. */
export interface DenseInputs {
  /** [rows, inputs] */
  x: tf.Tensor2D;
  /** [inputs, units] */
  kernel: tf.Tensor2D;
  /** [units] */
  bias?: tf.Tensor1D;
}

/**
 * Multiplies with a kernel and adds a bias.
 *
 * @param relu Whether to set what is negative to zero.
 * @returns [rows, units]
 */
export function dense({ x, kernel, bias }: DenseInputs, relu: boolean): tf.Tensor2D {
  register();
  const inputs = { x: asFloats(x), kernel, ...(bias && { bias }) };
  const attributes: DenseSettings = { hasBias: bias !== undefined, relu };
  return runKernel<tf.Tensor2D>(FORWARD, inputs, attributes);
}

/** What comes back from `dy`, [rows, units], the gradient of what {@link dense} returned as `y`. */
export function denseGradients(
  { x, kernel, bias }: DenseInputs,
  relu: boolean,
  y: tf.Tensor2D,
  dy: tf.Tensor2D,
): Record<keyof DenseInputs, tf.Tensor> {
  register();
  return runBackward({ x: asFloats(x), kernel, y, dy }, { hasBias: bias !== undefined, relu });
}

/** The same values in operations that every backend has. */
export function denseComposed({ x, kernel, bias }: DenseInputs, relu: boolean): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(x, kernel);
  const sum = bias === undefined ? product : (tf.add(product, bias) as tf.Tensor as tf.Tensor2D);
  return relu ? tf.relu(sum) : sum;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['x', 'kernel'],
      outputsToSave: [true],
      gradFunc: (dy, saved, attributes) =>
        gradient(dy as tf.Tensor, saved, attributes as unknown as DenseSettings),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () => rejectSecondDerivative('dense', "build the layer with kernel: 'composed'"),
    },
  ],
});

function backward(
  call: KernelCall,
  tensors: Record<string, tf.TensorInfo>,
  attributes: DenseSettings,
): tf.TensorInfo[] {
  const job = prepare(call, tensors, attributes);
  const { rows, inputs, units, relu } = job;
  const dx = call.output([rows, inputs]);
  const dKernel = call.output([inputs, units]);
  const dBias = attributes.hasBias ? call.output([units]) : null;
  const own = {
    narrow: call.scratch(4 * rows * roundUp(inputs, 4)),
    dy: call.input(tensors.dy),
    dx: dx.address,
    dKernel: dKernel.address,
    dBias: dBias?.address ?? 0,
    transposed: call.scratch(4 * roundUp(inputs, 8) * units),
    copy: call.scratch(64 * Math.min(rows, OUTER_ROWS)),
    passed: relu ? call.scratch(4 * rows * units) : 0,
  };
  if (call.runtime.threads > 1 && rows * inputs * units >= FEWEST_PRODUCTS) {
    const scratch = {
      wide: call.scratch(4 * rows * roundUp(inputs, 8)),
      passed: relu ? call.scratch(4 * rows * units) : 0,
    };
    const ofInputs = { dKernel: 0, dBias: 0, ...scratch };
    const ofWeights = { dx: 0 };
    runJobs(call, 'denseBackward', FIELDS, [
      [job, own, ofWeights],
      [job, own, ofInputs],
    ]);
  } else runJobs(call, 'denseBackward', FIELDS, [[job, own]]);
  return [dx.tensor, dKernel.tensor, ...(dBias ? [dBias.tensor] : [])];
}

function gradient(
  dy: tf.Tensor,
  [x, kernel, y]: tf.Tensor[],
  attributes: DenseSettings,
): Record<string, () => tf.Tensor> {
  const gradients = runBackward({ x: x!, kernel: kernel!, y: y!, dy }, attributes);
  return Object.fromEntries(Object.entries(gradients).map(([name, value]) => [name, () => value]));
}

/** The gradients of the inputs by their names. */
function runBackward(
  { y, ...others }: { x: tf.Tensor; kernel: tf.Tensor; y: tf.Tensor; dy: tf.Tensor },
  attributes: DenseSettings,
): Record<keyof DenseInputs, tf.Tensor> {
  const { hasBias, relu } = attributes;
  const inputs = { ...others, ...(relu && { y }) };
  const [x, kernel, bias] = runKernel<tf.Tensor[]>(BACKWARD, inputs, attributes);
  return { x: x!, kernel: kernel!, ...(hasBias && { bias: bias! }) } as never;
}
