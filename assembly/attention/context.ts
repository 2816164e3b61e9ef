// Values weighted by attention and summed up, and what that passes back; a sample at a time.
import { packTransposed, roundUp8 } from '../arithmetic/panels';
import { multiply } from '../arithmetic/multiply';
import { product, settle, transpose } from './rows';

/** Filled in by src/kernels/attention/context.ts, field by field in this order. */
@unmanaged
class AttentionContextJob {
  first: i32; // of the samples of the shard
  count: i32; // of the shard
  queries: i32;
  keys: i32;
  columns: i32;
  weights: usize; // [batch, queries, keys]
  value: usize; // [batch, keys, columns]
  mask: usize; // bytes [batch, queries], or 0
  context: usize; // [batch, queries, columns]: out; of the backward pass its gradient, in
  panels: usize; // scratch [max(keys, queries)][columns rounded up to 8] and [keys rounded up to 8][columns]
  wide: usize; // scratch [max(queries, keys)][max(columns, keys) rounded up to 8]
  // Backward only:
  dWeights: usize; // out: [batch, queries, keys]
  dValue: usize; // out: [batch, keys, columns]
  flipped: usize; // scratch [keys, queries]
  passed: usize; // scratch [queries, columns]
}

/** context = weights · value, zeros where the mask of the queries is false */
export function attentionContextForward(pointer: usize): void {
  const job = changetype<AttentionContextJob>(pointer);
  const queries = job.queries, keys = job.keys, columns = job.columns;
  for (let sample = job.first, end = sample + job.count; sample < end; sample++) {
    const weights = job.weights + (<usize>(sample * queries * keys) << 2);
    const value = job.value + (<usize>(sample * keys * columns) << 2);
    const context = job.context + (<usize>(sample * queries * columns) << 2);
    settle(queries, columns, product(queries, columns, keys, weights, value, job.panels, job.wide, context), context);
    if (job.mask) zeroMasked(queries, columns, job.mask + <usize>(sample * queries), context);
  }
}

/** dWeights = dContext · valueᵀ, dValue = weightsᵀ · dContext */
export function attentionContextBackward(pointer: usize): void {
  const job = changetype<AttentionContextJob>(pointer);
  const queries = job.queries, keys = job.keys, columns = job.columns, paddedKeys = roundUp8(keys);
  const row = <usize>columns << 2;
  for (let sample = job.first, end = sample + job.count; sample < end; sample++) {
    const atWeights = <usize>(sample * queries * keys) << 2, atValue = <usize>(sample * keys * columns) << 2;
    let dContext = job.context + <usize>(sample * queries) * row;
    if (job.mask) {
      memory.copy(job.passed, dContext, <usize>queries * row);
      dContext = job.passed;
      zeroMasked(queries, columns, job.mask + <usize>(sample * queries), dContext);
    }
    packTransposed(keys, columns, job.value + atValue, job.panels);
    const to = paddedKeys == keys ? job.dWeights + atWeights : job.wide;
    multiply(queries, paddedKeys, columns, dContext, row, job.panels, <usize>columns << 5, 0, 0, to, <usize>paddedKeys << 2);
    settle(queries, keys, to, job.dWeights + atWeights);
    transpose(queries, keys, job.weights + atWeights, job.flipped);
    const dValue = job.dValue + atValue;
    settle(keys, columns, product(keys, columns, queries, job.flipped, dContext, job.panels, job.wide, dValue), dValue);
  }
}

function zeroMasked(queries: i32, columns: i32, mask: usize, rows: usize): void {
  const row = <usize>columns << 2;
  for (const end = mask + <usize>queries; mask < end; mask++) {
    if (!load<u8>(mask)) memory.fill(rows, 0, row);
    rows += row;
  }
}
