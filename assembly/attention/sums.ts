// Scores that are the tanh of queries and keys added, weighted and summed up (Bahdanau et al. 2015),
// which TensorFlow.js would hold for every query, key and column at once.
import { constant, TANH_SCALE, tanh } from '../arithmetic/activations';
import { exponential, loadSome, storeSome, sumOfLanes } from '../arithmetic/exponential';
import { roundUp8 } from '../arithmetic/panels';
import { madd, roundUp4 } from '../arithmetic/simd';
import { AttentionWeightsJob } from './weights';

// tanh(a + b) = 1 - 2 / (1 + e^2a·e^2b): an exponential a query and a key, in place of one for every pair
// of them. Beyond this the two and what is between them do not fit floats, and each pair gets its own.
const LARGEST: f32 = 80;

/** Whether all of 2·scale·x can be exponents; not of NaN. */
function allModest(count: i32, x: usize, factor: f32): bool {
  const end = x + (<usize>count << 2), vectors = x + (<usize>(count & ~3) << 2);
  const times = f32x4.splat(factor), largest = f32x4.splat(LARGEST);
  for (; x < vectors; x += 16) {
    const fits = f32x4.le(f32x4.abs(f32x4.mul(v128.load(x), times)), largest);
    if (!i32x4.all_true(fits)) return false;
  }
  for (; x < end; x += 4) if (!(abs(load<f32>(x) * factor) <= LARGEST)) return false;
  return true;
}

/** e^y of values of either sign */
// @ts-ignore: decorator
@inline
function bothWays(y: v128): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(y)));
  return v128.bitselect(f32x4.div(f32x4.splat(1), e), e, f32x4.gt(y, f32x4.splat(0)));
}

/** Rows of what {@link bend} takes, each padded to whole vectors. */
function prepare(rows: i32, width: i32, x: usize, to: usize, factor: f32, fast: bool): void {
  const rest = width & 3, whole = <usize>(width - rest) << 2;
  const times = f32x4.splat(factor), slow = f32x4.splat(TANH_SCALE / 2);
  for (let i = 0; i < rows; i++) {
    for (const end = x + whole; x < end; x += 16) {
      const y = f32x4.mul(v128.load(x), times);
      v128.store(to, fast ? bothWays(y) : f32x4.mul(y, slow));
      to += 16;
    }
    if (rest) {
      const y = f32x4.mul(loadSome(x, rest, 0), times);
      v128.store(to, fast ? bothWays(y) : f32x4.mul(y, slow));
      x += <usize>rest << 2; to += 16;
    }
  }
}

/** tanh(scale·(query + key)) of what was prepared of the two. */
// @ts-ignore: decorator
@inline
function bend(a: v128, b: v128, fast: bool): v128 {
  if (!fast) return tanh(f32x4.add(a, b));
  const one = constant(32);
  return f32x4.sub(one, f32x4.div(constant(36), madd(a, b, one)));
}

/** Prepares a sample. Returns whether the fast way is open. */
function prepareBoth(job: AttentionWeightsJob, sample: i32): bool {
  const queries = job.queries, keys = job.keys, width = job.width, row = <usize>width << 2;
  const query = job.query + <usize>(sample * queries) * row, key = job.key + <usize>(sample * keys) * row;
  const factor: f32 = 2 * (job.scale ? load<f32>(job.scale) : 1);
  const fast = allModest(queries * width, query, factor) && allModest(keys * width, key, factor);
  prepare(queries, width, query, job.bentQueries, factor, fast);
  prepare(keys, width, key, job.bentKeys, factor, fast);
  return fast;
}

/** scores = Σ factors · tanh(scale · (query + key)) */
export function sumScores(job: AttentionWeightsJob, sample: i32): void {
  if (prepareBoth(job, sample)) scoresOf(job, true);
  else scoresOf(job, false);
}

// @ts-ignore: decorator
@inline
function scoresOf(job: AttentionWeightsJob, fast: bool): void {
  const row = <usize>roundUp4(job.width) << 2, scoreRow = <usize>roundUp8(job.keys) << 2, keys = job.keys;
  let query = job.bentQueries, scores = job.scores;
  for (let i = 0; i < job.queries; i++) {
    let key = job.bentKeys, score = scores;
    for (let j = 0; j < keys; j++) {
      let sums = f32x4.splat(0);
      for (let at: usize = 0; at < row; at += 16) {
        sums = madd(v128.load(job.factorRow + at), bend(v128.load(query + at), v128.load(key + at), fast), sums);
      }
      store<f32>(score, sumOfLanes(sums));
      key += row; score += 4;
    }
    query += row; scores += scoreRow;
  }
}

/** To queries and keys, and the sums that scale and factors get. */
export function sumSlopes(job: AttentionWeightsJob, sample: i32): void {
  memory.fill(job.dKeys, 0, (<usize>roundUp4(job.width) << 2) * <usize>job.keys);
  if (prepareBoth(job, sample)) slopesOf(job, true);
  else slopesOf(job, false);
  const queries = job.queries, keys = job.keys, row = <usize>job.width << 2;
  const atQuery = <usize>(sample * queries) * row, atKey = <usize>(sample * keys) * row;
  const ofQueries = settle(job, queries, job.dQueries, job.query + atQuery, job.dQuery + atQuery);
  const ofKeys = settle(job, keys, job.dKeys, job.key + atKey, job.dKey + atKey);
  store<f32>(job.sums, load<f32>(job.sums) + ofQueries + ofKeys);
}

/** A column of vectors at a time, so that what comes back to a query and a factor stays in registers. */
// @ts-ignore: decorator
@inline
function slopesOf(job: AttentionWeightsJob, fast: bool): void {
  const row = <usize>roundUp4(job.width) << 2, keys = job.keys, one = f32x4.splat(1);
  for (let at: usize = 0; at < row; at += 16) {
    const factor = v128.load(job.factorRow + at);
    let dFactor = v128.load(job.sums + 16 + at), dScore = job.scores;
    let query = job.bentQueries + at, dQuery = job.dQueries + at;
    for (let i = 0; i < job.queries; i++) {
      const a = v128.load(query);
      let key = job.bentKeys + at, dKey = job.dKeys + at, sums = f32x4.splat(0);
      for (let j = 0; j < keys; j++) {
        const t = bend(a, v128.load(key), fast), d = v128.load32_splat(dScore);
        dFactor = madd(d, t, dFactor);
        const slope = f32x4.mul(f32x4.mul(d, factor), f32x4.sub(one, f32x4.mul(t, t)));
        sums = f32x4.add(sums, slope);
        v128.store(dKey, f32x4.add(v128.load(dKey), slope));
        key += row; dKey += row; dScore += 4;
      }
      v128.store(dQuery, sums);
      query += row; dQuery += row;
    }
    v128.store(job.sums + 16 + at, dFactor);
  }
}

/** Writes what came back to rows, times scale. Returns the sum of that, before, times the rows. */
function settle(job: AttentionWeightsJob, rows: i32, d: usize, x: usize, dx: usize): f32 {
  const rest = job.width & 3, whole = <usize>(job.width - rest) << 2;
  const scale = job.scale ? v128.load32_splat(job.scale) : f32x4.splat(1);
  let sums = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    for (const end = x + whole; x < end; x += 16) {
      const own = v128.load(d);
      sums = f32x4.add(sums, f32x4.mul(own, v128.load(x)));
      v128.store(dx, f32x4.mul(own, scale));
      d += 16; dx += 16;
    }
    if (rest) {
      const own = v128.load(d);
      sums = f32x4.add(sums, f32x4.mul(own, loadSome(x, rest, 0)));
      storeSome(dx, rest, f32x4.mul(own, scale));
      d += 16; x += <usize>rest << 2; dx += <usize>rest << 2;
    }
  }
  return sumOfLanes(sums);
}
