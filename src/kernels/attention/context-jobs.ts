/** How the kernels of context.ts are set to work. Source: assembly/attention/context.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { apart } from '../bridge/apart.js';
import type { Call } from '../bridge/call.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import { roundUp, sampleRanges } from './shards.js';

// The fields of AttentionContextJob in assembly/attention/context.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'queries', 'keys', 'columns', 'weights', 'value', 'mask', 'context',
  'panels', 'wide', 'dWeights', 'dValue', 'flipped', 'passed',
]);

type Inputs = Record<string, tf.TensorInfo | undefined>;

/** weights · value: [batch, queries, columns] */
export function forward(call: Call, inputs: Inputs): tf.TensorInfo {
  const [batch, queries] = inputs.weights!.shape as [number, number];
  const context = call.output([batch, queries, inputs.value!.shape[2]!]);
  run(call, 'attentionContextForward', inputs, context.address, { dWeights: 0, dValue: 0 });
  return context.tensor;
}

/** Runs a kernel over all samples; addresses of what is given and of what comes out. */
export function run(
  call: Call,
  kernel: 'attentionContextForward' | 'attentionContextBackward',
  inputs: Inputs,
  context: number,
  out: { dWeights: number; dValue: number },
): void {
  const [batch, queries, keys] = inputs.weights!.shape as [number, number, number];
  const columns = inputs.value!.shape[2]!;
  const isForward = out.dWeights === 0;
  const steps = Math.max(queries, keys);
  const common = {
    queries,
    keys,
    columns,
    context,
    weights: call.input(inputs.weights),
    value: call.input(inputs.value),
    mask: call.input(inputs.mask),
  };
  const products = batch * queries * keys * columns * (isForward ? 1 : 2);
  const jobs = sampleRanges(batch, call.runtime.threads, products).map((shard) => {
    const scratch = apart(call, {
      panels: 4 * roundUp(steps, 8) * roundUp(columns, 8),
      wide: 4 * steps * roundUp(Math.max(columns, keys), 8),
      flipped: isForward ? 0 : 4 * keys * queries,
      passed: isForward ? 0 : 4 * queries * columns,
    });
    return [shard, common, out, scratch] as const;
  });
  runJobs(call, kernel, FIELDS, jobs, 'begin');
}
