// Scores that are products of queries and keys (Luong et al. 2015).
import { multiply } from '../arithmetic/multiply';
import { packTransposed, roundUp8 } from '../arithmetic/panels';
import { sumOfLanes } from '../arithmetic/exponential';
import { product, transpose } from './rows';
import { AttentionWeightsJob } from './weights';

/** scores = scale · query · keyᵀ */
export function productScores(job: AttentionWeightsJob, sample: i32): void {
  const queries = job.queries, keys = job.keys, width = job.width;
  const row = <usize>width << 2, columns = roundUp8(keys), scoreRow = <usize>columns << 2;
  const query = job.query + <usize>(sample * queries) * row;
  packTransposed(keys, width, job.key + <usize>(sample * keys) * row, job.panels);
  multiply(queries, columns, width, query, row, job.panels, <usize>width << 5, 0, 0, job.scores, scoreRow);
  if (!job.scale) return;
  const scale = v128.load32_splat(job.scale), end = job.scores + <usize>queries * scoreRow;
  for (let at = job.scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), scale));
}

/** dQuery = scale · dScores · key, dKey = scale · dScoresᵀ · query */
export function productSlopes(job: AttentionWeightsJob, sample: i32): void {
  const queries = job.queries, keys = job.keys, width = job.width, row = <usize>width << 2;
  const atQuery = <usize>(sample * queries) * row, atKey = <usize>(sample * keys) * row;
  const query = job.query + atQuery, key = job.key + atKey;
  const dQuery = product(queries, width, keys, job.scores, key, job.panels, job.wide, job.dQuery + atQuery);
  const scale = job.scale ? load<f32>(job.scale) : 1;
  const dScale = settleScaled(queries, width, dQuery, job.dQuery + atQuery, scale, query);
  store<f32>(job.sums, load<f32>(job.sums) + dScale);
  transpose(queries, keys, job.scores, job.flipped);
  const dKey = product(keys, width, queries, job.flipped, query, job.panels, job.wide, job.dKey + atKey);
  settleScaled(keys, width, dKey, job.dKey + atKey, scale, 0);
}

/** Puts a product where it belongs, times `scale`; returns the sum of it, unscaled, times `by`, if there is one. */
function settleScaled(rows: i32, width: i32, from: usize, out: usize, scale: f32, by: usize): f32 {
  const whole = <usize>(width & ~3) << 2, row = <usize>width << 2;
  const fromRow = from == out ? row : <usize>roundUp8(width) << 2;
  const factor = f32x4.splat(scale);
  let sums = f32x4.splat(0), sum: f32 = 0;
  for (let i = 0; i < rows; i++) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const x = v128.load(from + at);
      if (by) sums = f32x4.add(sums, f32x4.mul(x, v128.load(by + at)));
      v128.store(out + at, f32x4.mul(x, factor));
    }
    for (; at < row; at += 4) {
      const x = load<f32>(from + at);
      if (by) sum += x * load<f32>(by + at);
      store<f32>(out + at, x * scale);
    }
    from += fromRow; out += row;
    if (by) by += row;
  }
  return sum + sumOfLanes(sums);
}
