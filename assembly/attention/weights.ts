// Attention weights, the softmax of scores, and what they pass back; a sample at a time. How a query
// and a key make a score: products.ts and sums.ts.
import { roundUp4 } from '../arithmetic/simd';
import { roundUp8 } from '../arithmetic/panels';
import { softmaxRow, softmaxSlopes } from '../activations/softmax';
import { productScores, productSlopes } from './products';
import { sumScores, sumSlopes } from './sums';

/** Filled in by src/kernels/attention/weights.ts, field by field in this order. */
@unmanaged
export class AttentionWeightsJob {
  first: i32; // of the samples of the shard
  count: i32; // of the shard
  queries: i32;
  keys: i32;
  width: i32;
  bent: i32; // Σ factors·tanh(scale·(query + key)), or else scale·query·key
  causal: i32;
  factorCount: i32; // width, or 1, or 0 for none
  query: usize; // [batch, queries, width]
  key: usize; // [batch, keys, width]
  scale: usize; // [1], or 0
  factors: usize; // [factorCount], or 0
  mask: usize; // bytes [batch, keys], or 0
  weights: usize; // [batch, queries, keys]: out; of the backward pass in
  panels: usize; // scratch: see `layout` in weights.ts there
  scores: usize; // scratch [queries][keys rounded up to 8]
  bias: usize; // scratch [2][keys rounded up to 8]
  bentQueries: usize; // scratch [queries][width rounded up to 4]
  bentKeys: usize; // scratch [keys][width rounded up to 4]
  factorRow: usize; // scratch [width rounded up to 4]
  // Backward only:
  dWeights: usize; // [batch, queries, keys]
  dQuery: usize; // out: [batch, queries, width]
  dKey: usize; // out: [batch, keys, width]
  sums: usize; // out [4 + width rounded up to 4]: the gradients of scale and, from 4 on, of the factors
  wide: usize; // scratch [max(queries, keys)][width rounded up to 8]
  flipped: usize; // scratch [keys][queries]
  dQueries: usize; // scratch [queries][width rounded up to 4]
  dKeys: usize; // scratch [keys][width rounded up to 4]
}

/** What is taken from a score that does not count: see composed.ts there. */
const FAR_BELOW: f32 = 1e9;

/** weights = the softmax of the scores over the keys */
export function attentionWeightsForward(pointer: usize): void {
  const job = changetype<AttentionWeightsJob>(pointer);
  const queries = job.queries, keys = job.keys;
  const row = <usize>roundUp8(keys) << 2, own = <usize>keys << 2;
  if (job.bent) fillFactors(job);
  for (let sample = job.first, end = sample + job.count; sample < end; sample++) {
    if (job.bent) sumScores(job, sample);
    else productScores(job, sample);
    if (job.mask || job.causal) leaveOut(job, sample);
    let scores = job.scores, weights = job.weights + <usize>(sample * queries) * own;
    for (const last = weights + <usize>queries * own; weights < last; weights += own) {
      softmaxRow(keys, scores, weights);
      scores += row;
    }
  }
}

/** Takes so much from the scores of keys that do not count that their weight is zero. */
function leaveOut(job: AttentionWeightsJob, sample: i32): void {
  const keys = job.keys, row = <usize>roundUp8(keys) << 2, bias = job.bias, own = bias + row;
  for (let key = 0; key < keys; key++) {
    const counts = !job.mask || load<u8>(job.mask + <usize>(sample * keys + key));
    store<f32>(bias + (<usize>key << 2), counts ? 0 : -FAR_BELOW);
    store<f32>(own + (<usize>key << 2), -FAR_BELOW);
  }
  let scores = job.scores;
  for (let query = 0; query < job.queries; query++) {
    const at = <usize>query << 2;
    if (query < keys) store<f32>(own + at, load<f32>(bias + at));
    const added = job.causal ? own : bias;
    for (let i: usize = 0; i < row; i += 16) {
      v128.store(scores + i, f32x4.add(v128.load(scores + i), v128.load(added + i)));
    }
    scores += row;
  }
}

/** The factors, with zeros behind them. */
function fillFactors(job: AttentionWeightsJob): void {
  const width = job.width, row = job.factorRow;
  memory.fill(row, 0, <usize>roundUp4(width) << 2);
  for (let i = 0; i < width; i++) {
    const at = <usize>i << 2;
    const from = job.factorCount == 1 ? job.factors : job.factors + at;
    store<f32>(row + at, job.factorCount ? load<f32>(from) : 1);
  }
}

/** Of the weights, to queries, keys, scale and factors. */
export function attentionWeightsBackward(pointer: usize): void {
  const job = changetype<AttentionWeightsJob>(pointer);
  const queries = job.queries, keys = job.keys, own = <usize>keys << 2;
  memory.fill(job.sums, 0, <usize>(4 + roundUp4(job.width)) << 2);
  if (job.bent) fillFactors(job);
  for (let sample = job.first, end = sample + job.count; sample < end; sample++) {
    const at = <usize>(sample * queries) * own;
    let dScores = job.scores, weights = job.weights + at, dWeights = job.dWeights + at;
    for (const last = weights + <usize>queries * own; weights < last; weights += own) {
      softmaxSlopes(keys, dWeights, weights, dScores);
      dWeights += own; dScores += own;
    }
    if (job.bent) sumSlopes(job, sample);
    else productSlopes(job, sample);
  }
}
