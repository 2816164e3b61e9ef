/**
 * x ∗ W + b over time as two kernels of TensorFlow.js, whose own on the cpu backend takes a hundred
 * times as long. Source: assembly/convolution/conv1d.ts; twin: tf.conv1d.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

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

/** How; `'causal'` pads in front alone. */
export interface Conv1dSettings {
  strides: number;
  dilation: number;
  padding: 'valid' | 'same' | 'causal';
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

/** The steps of the output, and of the padding in front and in all. */
export function stepsOf(time: number, size: number, settings: Conv1dSettings) {
  const { strides, dilation, padding } = settings;
  const window = (size - 1) * dilation + 1;
  if (padding === 'valid') {
    return { steps: Math.floor((time - window) / strides) + 1, before: 0, padded: time };
  }
  if (padding === 'causal') {
    const padded = time + window - 1;
    return { steps: Math.floor((padded - window) / strides) + 1, before: window - 1, padded };
  }
  const steps = Math.ceil(time / strides);
  const missing = Math.max(0, (steps - 1) * strides + window - time);
  return { steps, before: Math.floor(missing / 2), padded: time + missing };
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

// The fields of Conv1dJob in assembly/convolution/conv1d.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'time', 'before', 'padded', 'steps', 'inputs', 'units', 'size', 'strides', 'dilation',
  'x', 'kernel', 'bias', 'y', 'panels', 'sample', 'windows', 'wide', 'start',
  'dy', 'dx', 'dPanels', 'dBias', 'transposed', 'dWindows', 'copy', 'narrow',
]);
// Those of Conv1dSumsJob there.
const SUMS_FIELDS = new JobFields([
  'shards',
  'depth',
  'units',
  'dPanels',
  'dBias',
  'dKernel',
  'bias',
]);

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

interface Plan {
  batch: number;
  depth: number;
  common: Record<
    | 'time'
    | 'before'
    | 'padded'
    | 'steps'
    | 'inputs'
    | 'units'
    | 'size'
    | 'strides'
    | 'dilation'
    | 'x'
    | 'kernel',
    number
  >;
}

function planOf(
  call: KernelCall,
  { x, kernel }: Record<string, tf.TensorInfo>,
  settings: Conv1dSettings,
): Plan {
  const [batch, time, inputs] = x!.shape as [number, number, number];
  const [size, , units] = kernel!.shape as [number, number, number];
  const { strides, dilation } = settings;
  const addresses = { x: call.input(x), kernel: call.input(kernel) };
  const lengths = stepsOf(time, size, settings);
  const common = { time, ...lengths, inputs, units, size, strides, dilation, ...addresses };
  return { batch, depth: size * inputs, common };
}

// Fewer products a shard, and waking a thread costs more than it saves.
const FEWEST_PRODUCTS = 262_144;
// So many shards a thread; see `ranges` in jobs.ts.
const SHARDS = 4;

function shardsOf({ batch, depth, common }: Plan, threads: number) {
  const products = batch * common.steps * depth * common.units;
  const most = threads === 1 ? 1 : Math.floor(products / FEWEST_PRODUCTS);
  const size = Math.ceil(batch / Math.max(1, Math.min(SHARDS * threads, most)));
  return Array.from({ length: Math.ceil(batch / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, batch - i * size),
  }));
}

/** What each shard needs for itself. */
function scratchOf(call: KernelCall, { depth, common }: Plan) {
  const { padded, inputs, steps, units, dilation } = common;
  const [columns, across] = [roundUp(units, 8), roundUp(depth, 8)];
  return {
    panels: call.scratch(4 * columns * across),
    sample: call.scratch(4 * (padded * inputs + 4)),
    windows: dilation > 1 ? call.scratch(4 * steps * across) : 0,
    wide: call.scratch(4 * (steps + 1) * Math.max(columns, across)),
    start: 0,
  };
}

const NO_GRADIENT = {
  dy: 0,
  dx: 0,
  dPanels: 0,
  dBias: 0,
  transposed: 0,
  dWindows: 0,
  copy: 0,
  narrow: 0,
};

function forward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo {
  const plan = planOf(call, inputs, attributes);
  const { steps, units } = plan.common;
  const y = call.output([plan.batch, steps, units]);
  const own = { bias: call.input(inputs.bias), y: y.address };
  const shards = shardsOf(plan, call.runtime.threads);
  runJobs(
    call,
    'conv1dForward',
    FIELDS,
    shards.map((shard) => [shard, plan.common, own, scratchOf(call, plan), NO_GRADIENT] as const),
  );
  return y.tensor;
}

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
