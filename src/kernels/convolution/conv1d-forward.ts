/** The forward pass of conv1d.ts. Source: assembly/convolution/conv1d.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Call } from '../bridge/call.js';
import { JobFields, runJobs } from '../bridge/jobs.js';

/** How; `'causal'` pads in front alone. */
export interface Conv1dSettings {
  strides: number;
  dilation: number;
  padding: 'valid' | 'same' | 'causal';
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

// The fields of Conv1dJob in assembly/convolution/conv1d.ts, in its order.
// biome-ignore format: one line a group
export const FIELDS = new JobFields([
  'first', 'count', 'time', 'before', 'padded', 'steps', 'inputs', 'units', 'size', 'strides', 'dilation',
  'x', 'kernel', 'bias', 'y', 'panels', 'sample', 'windows', 'wide', 'start',
  'dy', 'dx', 'dPanels', 'dBias', 'transposed', 'dWindows', 'copy', 'narrow',
]);
export const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** What all shards of a call have in common. */
export interface Plan {
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

/** Reads it off the tensors. */
export function planOf(
  call: Call,
  { x, kernel }: Record<string, tf.TensorInfo | undefined>,
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

/** Even shares of the samples. */
export function shardsOf({ batch, depth, common }: Plan, threads: number) {
  const products = batch * common.steps * depth * common.units;
  const most = threads === 1 ? 1 : Math.floor(products / FEWEST_PRODUCTS);
  const size = Math.ceil(batch / Math.max(1, Math.min(SHARDS * threads, most)));
  return Array.from({ length: Math.ceil(batch / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, batch - i * size),
  }));
}

/** What each shard needs for itself. */
export function scratchOf(call: Call, { depth, common }: Plan) {
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

/** x ∗ W + b: [batch, steps, units] */
export function forward(
  call: Call,
  inputs: Record<string, tf.TensorInfo | undefined>,
  settings: Conv1dSettings,
): tf.TensorInfo {
  const plan = planOf(call, inputs, settings);
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
