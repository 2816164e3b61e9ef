/**
 * x·W + b as two kernels of TensorFlow.js. Source: assembly/dense.ts; twin:
 * `denseComposed` below.
 */
import { RecurrentError } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { runJobs } from './jobs.js';
import { registerKernels } from './register.js';
import { asFloats, type KernelCall } from './tensors.js';

const FORWARD = 'RecurrentDense';
const BACKWARD = 'RecurrentDenseGradient';

/**
 * Multiplies with a kernel and adds a bias.
 *
 * @param x [rows, inputs]
 * @param kernel [inputs, units]
 * @param bias [units]
 * @returns [rows, units]
 */
export function dense(x: tf.Tensor2D, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor2D {
  register();
  const inputs = { x: asFloats(x), kernel, ...(bias && { bias }) };
  return tf.engine().runKernel<tf.Tensor2D>(FORWARD, inputs, { hasBias: bias !== undefined });
}

/** The same values in operations that every backend has. */
export function denseComposed(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  bias?: tf.Tensor1D,
): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(x, kernel);
  if (bias === undefined) return product;
  return tf.add(product, bias) as tf.Tensor as tf.Tensor2D;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['x', 'kernel'],
      gradFunc: (dy, saved, { hasBias }) => {
        const [x, kernel] = saved as [tf.Tensor, tf.Tensor];
        const [dx, dKernel, dBias] = tf
          .engine()
          .runKernel<tf.Tensor[]>(
            BACKWARD,
            { x, kernel, dy: dy as tf.Tensor },
            { hasBias: !!hasBias },
          );
        return {
          x: () => dx!,
          kernel: () => dKernel!,
          ...(hasBias ? { bias: () => dBias! } : {}),
        };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: () => {
        throw new RecurrentError(
          'dense: the fused kernel has first derivatives only. ' +
            "For second derivatives, build the layer with kernel: 'composed'.",
        );
      },
    },
  ],
});

// The fields of DenseJob in assembly/dense.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = [
  'rows', 'inputs', 'units', 'x', 'kernel', 'bias', 'y', 'panels', 'wide', 'narrow',
  'dy', 'dx', 'dKernel', 'dBias', 'transposed', 'copy',
] as const;

type DenseJob = Record<(typeof FIELDS)[number], number>;

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

function prepare(call: KernelCall, { x, kernel, bias }: Record<string, tf.TensorInfo>): DenseJob {
  const rows = x!.shape[0]!;
  const [inputs, units] = kernel!.shape as [number, number];
  const [paddedInputs, columns] = [roundUp(inputs, 8), roundUp(units, 8)];
  return {
    rows,
    inputs,
    units,
    x: call.input(x),
    kernel: call.input(kernel),
    bias: call.input(bias),
    y: 0,
    panels: call.scratch(4 * paddedInputs * columns),
    wide: call.scratch(4 * (rows + 1) * Math.max(paddedInputs, columns)),
    narrow: 0,
    dy: 0,
    dx: 0,
    dKernel: 0,
    dBias: 0,
    transposed: 0,
    copy: 0,
  };
}

function forward(call: KernelCall, inputs: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const job = prepare(call, inputs);
  const y = call.output([job.rows, job.units]);
  runJobs(call, 'denseForward', FIELDS, [{ ...job, y: y.address }]);
  return y.tensor;
}

function backward(
  call: KernelCall,
  tensors: Record<string, tf.TensorInfo>,
  { hasBias }: { hasBias: boolean },
): tf.TensorInfo[] {
  const job = prepare(call, tensors);
  const { rows, inputs, units } = job;
  const dx = call.output([rows, inputs]);
  const dKernel = call.output([inputs, units]);
  const dBias = hasBias ? call.output([units]) : null;
  const backwardJob = {
    ...job,
    narrow: call.scratch(4 * rows * roundUp(inputs, 4)),
    dy: call.input(tensors.dy),
    dx: dx.address,
    dKernel: dKernel.address,
    dBias: dBias?.address ?? 0,
    transposed: call.scratch(4 * roundUp(inputs, 8) * units),
    copy: call.scratch(32 * rows),
  };
  runJobs(call, 'denseBackward', FIELDS, [backwardJob]);
  return [dx.tensor, dKernel.tensor, ...(dBias ? [dBias.tensor] : [])];
}
