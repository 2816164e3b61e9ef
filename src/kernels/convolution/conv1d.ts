/**
 * x ∗ W + b over time as two kernels of TensorFlow.js, whose own on the cpu backend takes a hundred
 * times as long. Source: assembly/convolution/conv1d.ts; twin: tf.conv1d.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import {
  type Conv1dSettings,
  FIELDS,
  forward,
  planOf,
  roundUp,
  scratchOf,
  shardsOf,
} from './conv1d-forward.js';

const FORWARD = 'RecurrentConv1d';
const BACKWARD = 'RecurrentConv1dGradient';

/** What is convolved. */
export interface Conv1dInputs {
  /** [batch, time, inputs] */
  x: tf.Tensor3D;
  /** [size, inputs, units] */
  kernel: tf.Tensor3D;
  /** [units] */
  bias?: tf.Tensor1D;
}

/** @returns [batch, steps, units] */
export function conv1d({ x, kernel, bias }: Conv1dInputs, settings: Conv1dSettings): tf.Tensor3D {
  register();
  const inputs = { x: asFloats(x), kernel, ...(bias && { bias }) };
  return runKernel<tf.Tensor3D>(FORWARD, inputs, { ...settings, hasBias: bias !== undefined });
}

/** What comes back from `dy`, [batch, steps, units], the gradient of what {@link conv1d} returned. */
export function conv1dGradients(
  { x, kernel, bias }: Conv1dInputs,
  settings: Conv1dSettings,
  dy: tf.Tensor,
): { x: tf.Tensor; kernel: tf.Tensor; bias?: tf.Tensor } {
  register();
  const attributes = { ...settings, hasBias: bias !== undefined };
  const [dx, dKernel, dBias] = runKernel<tf.Tensor[]>(
    BACKWARD,
    { x: asFloats(x), kernel, dy },
    attributes,
  );
  return { x: dx!, kernel: dKernel!, ...(dBias && { bias: dBias }) };
}

interface Attributes extends Conv1dSettings {
  hasBias: boolean;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['x', 'kernel'],
      gradFunc: (dy, [x, kernel], attrs) => {
        const { hasBias, ...settings } = attrs as unknown as Attributes;
        const inputs = { x, kernel, ...(hasBias && { bias: kernel }) } as unknown as Conv1dInputs;
        const gradients = conv1dGradients(inputs, settings, dy as tf.Tensor);
        return Object.fromEntries(Object.entries(gradients).map(([name, d]) => [name, () => d]));
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: () => rejectSecondDerivative('conv1d', "build the layer with kernel: 'composed'"),
    },
  ],
});

// The fields of Conv1dSumsJob in assembly/convolution/conv1d.ts, in its order.
const SUMS_FIELDS = new JobFields([
  'shards',
  'depth',
  'units',
  'dPanels',
  'dBias',
  'dKernel',
  'bias',
]);

function backward(
  call: KernelCall,
  tensors: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo[] {
  const plan = planOf(call, tensors, attributes);
  const { common, depth } = plan;
  const { steps, units } = common;
  const [columns, across] = [roundUp(units, 8), roundUp(depth, 8)];
  const dx = call.output(tensors.x!.shape);
  const dKernel = call.output(tensors.kernel!.shape);
  const dBias = attributes.hasBias ? call.output([units]) : null;
  const shards = shardsOf(plan, call.runtime.threads);
  const panels = columns * roundUp(depth, 4);
  const dPanels = call.scratch(4 * panels * shards.length);
  const dBiases = call.scratch(4 * columns * shards.length);
  const own = { bias: 0, y: 0, dy: call.input(tensors.dy), dx: dx.address };
  const jobs = shards.map((shard, i) => {
    const sums = { dPanels: dPanels + 4 * panels * i, dBias: dBiases + 4 * columns * i };
    const scratch = {
      transposed: call.scratch(4 * across * units),
      dWindows: call.scratch(4 * steps * across),
      copy: call.scratch(64 * steps),
      narrow: call.scratch(4 * steps * across),
    };
    return [shard, common, own, scratchOf(call, plan), sums, scratch] as const;
  });
  runJobs(call, 'conv1dBackward', FIELDS, jobs);
  const sums = {
    shards: shards.length,
    depth,
    units,
    dPanels,
    dBias: dBiases,
    dKernel: dKernel.address,
    bias: dBias?.address ?? 0,
  };
  runJobs(call, 'conv1dSums', SUMS_FIELDS, [[sums]]);
  return [dx.tensor, dKernel.tensor, ...(dBias ? [dBias.tensor] : [])];
}
