/** How the kernels of weights.ts are set to work. Source: assembly/attention/weights.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { apart } from '../bridge/apart.js';
import { type Call, sizeOf } from '../bridge/call.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import type { Scoring } from './composed.js';
import { roundUp, sampleRanges } from './shards.js';

// The fields of AttentionWeightsJob in assembly/attention/weights.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'queries', 'keys', 'width', 'bent', 'causal', 'factorCount',
  'query', 'key', 'scale', 'factors', 'mask', 'weights',
  'panels', 'scores', 'bias', 'bentQueries', 'bentKeys', 'factorRow',
  'dWeights', 'dQuery', 'dKey', 'sums', 'wide', 'flipped', 'dQueries', 'dKeys',
]);

type Inputs = Record<string, tf.TensorInfo | undefined>;

/** Softmax of the scores over the keys: [batch, queries, keys]. */
export function forward(call: Call, inputs: Inputs, { score, causal }: Scoring): tf.TensorInfo {
  const [batch, queries] = inputs.query!.shape as [number, number];
  const weights = call.output([batch, queries, inputs.key!.shape[1]!]);
  const out = { weights: weights.address, dWeights: 0, dQuery: 0, dKey: 0 };
  run(call, 'attentionWeightsForward', inputs, { score, causal }, out);
  return weights.tensor;
}

/** Returns where the shards leave their sums, on the way back. */
export function run(
  call: Call,
  kernel: 'attentionWeightsForward' | 'attentionWeightsBackward',
  inputs: Inputs,
  { score, causal }: Scoring,
  out: Record<'weights' | 'dWeights' | 'dQuery' | 'dKey', number>,
): number[] {
  const [batch, queries, width] = inputs.query!.shape as [number, number, number];
  const keys = inputs.key!.shape[1]!;
  const { factors } = inputs;
  const bent = score === 'tanh';
  const common = {
    queries,
    keys,
    width,
    bent: Number(bent),
    causal: Number(causal),
    factorCount: factors ? sizeOf(factors.shape) : 0,
    query: call.input(inputs.query),
    key: call.input(inputs.key),
    scale: call.input(inputs.scale),
    factors: call.input(factors),
    mask: call.input(inputs.mask),
  };
  const isForward = out.dQuery === 0;
  const products = batch * queries * keys * width * (isForward ? 1 : 2) * (bent ? BENT : 1);
  const shards = sampleRanges(batch, call.runtime.threads, products);
  const sums = isForward ? [] : shards.map(() => call.scratch(4 * (4 + roundUp(width, 4))));
  const jobs = shards.map((shard, i) => {
    const scratch = apart(call, layout({ queries, keys, width, bent, isForward }));
    return [shard, common, out, scratch, { sums: sums[i] ?? 0 }] as const;
  });
  runJobs(call, kernel, FIELDS, jobs, 'begin');
  return sums;
}

// How many multiplications a tanh costs about.
const BENT = 4;

interface Sizes {
  queries: number;
  keys: number;
  width: number;
  bent: boolean;
  isForward: boolean;
}

/** Scratch of a shard, in bytes. */
function layout({ queries, keys, width, bent, isForward }: Sizes) {
  const steps = Math.max(queries, keys);
  const row = 4 * roundUp(width, 4);
  const wideRow = 4 * roundUp(width, 8);
  const forBent = (bytes: number) => (bent ? bytes : 0);
  const backOf = (isIt: boolean, bytes: number) => (isIt && !isForward ? bytes : 0);
  return {
    panels: bent ? 0 : roundUp(steps, 8) * wideRow,
    scores: 4 * queries * roundUp(keys, 8),
    bias: 8 * roundUp(keys, 8),
    bentQueries: forBent(queries * row),
    bentKeys: forBent(keys * row),
    factorRow: forBent(row),
    wide: backOf(!bent, steps * wideRow),
    flipped: backOf(!bent, 4 * keys * queries),
    dQueries: backOf(bent, queries * row),
    dKeys: backOf(bent, keys * row),
  };
}
