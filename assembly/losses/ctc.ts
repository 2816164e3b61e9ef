// Connectionist temporal classification (Graves et al. 2006): the probability of a row of labels,
// summed over all ways to spread it over the frames, and its gradient by forward and backward
// variables.
//
// Each variable is a product of up to thousands of probabilities. It is kept as a mantissa in [1, 2)
// and a whole exponent of 2, each in an array of its own, so that nothing underflows and a step costs
// neither an exponential nor a logarithm. States that are blank and states of labels are apart: state
// i of the blanks stands before label i, and one more behind the last.
import { constant } from '../arithmetic/activations';
import { exponential, loadSome, LOG2E, mantissa, storeSome, sumOfLanes } from '../arithmetic/exponential';
import { roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/losses/ctc.ts, field by field in this order. */
@unmanaged
class CtcJob {
  first: i32; // of the rows of the shard
  count: i32; // of the shard
  time: i32;
  classes: i32;
  width: i32; // of the labels
  blank: i32;
  logits: usize; // [batch, time, classes]
  labels: usize; // [batch, width], integers
  labelLengths: usize; // [batch], integers
  logitLengths: usize; // [batch], integers
  losses: usize; // [batch]: out; of the backward pass dy, or 0
  each: f32; // dy of every row where `losses` is 0
  gradient: usize; // [batch, time, classes]: out of the backward pass
  room: usize; // of the shard, as src/kernels/losses/ctc.ts counts it
}

// The exponent of what cannot be. Added to anything, it is lost.
const NEVER: i32 = -(1 << 29); // sums of what cannot be grow, but stay below half of it
const LN2: f64 = 0.6931471805599453;
const LEAST: f32 = -1e6; // of a logit below the largest of its frame: beyond, it is -Infinity
const PAD: usize = 16; // in front of each array and behind it, so that i - 1 and i + 1 exist

// The arrays of one row, as far as they depend on the row.
let lanes: i32 = 0; // states of labels, and as many of blanks, in fours
let size: usize = 0; // bytes of an array of them
let repeats: usize = 0; // NEVER where a label is that before it, else 0
let ofLabels: usize = 0; // [time][2 arrays]: probabilities of the labels
let ofBlank: usize = 0; // [time][2 vectors]
let shares: usize = 0; // [time]: 1 / the sum of the exponentials
let alphas: usize = 0; // [time + 1][4 arrays]: blanks and labels, mantissas and exponents of each
let deltas: usize = 0; // [4 arrays]

// @ts-ignore: decorator
@inline
function fill(from: usize, bytes: usize, value: v128): void {
  for (let at = from, end = from + bytes; at < end; at += 16) v128.store(at, value);
}

/** No state at all: four arrays with what stands around them. */
function fillNever(row: usize): void {
  const one = f32x4.splat(1), never = i32x4.splat(NEVER);
  for (let i: usize = 0; i < 4; i++) fill(row + i * size - PAD, size, i & 1 ? never : one);
}

/** 2^exponent·2^127, as far as a float has it: for exponents up to 127 beyond the base. */
// @ts-ignore: decorator
@inline
function power(exponent: v128, base: v128): v128 {
  return i32x4.shl(i32x4.max_s(i32x4.sub(exponent, base), i32x4.splat(0)), 23);
}

/** Writes (m·2^e)·(pm·2^pe), with a mantissa in [1, 2). */
// @ts-ignore: decorator
@inline
function keep(mantissas: usize, exponents: usize, m: v128, e: v128, pm: v128, pe: v128): void {
  const product = f32x4.mul(m, pm);
  const more = i32x4.sub(i32x4.shr_u(product, 23), i32x4.splat(127));
  v128.store(mantissas, v128.bitselect(product, f32x4.splat(1), i32x4.splat(0x7fffff)));
  v128.store(exponents, i32x4.max_s(i32x4.add(i32x4.add(e, pe), more), i32x4.splat(NEVER)));
}

/** Writes the probabilities of classes, given their logits less the largest: e^x·share. */
// @ts-ignore: decorator
@inline
function probabilities(mantissas: usize, exponents: usize, x: v128, share: v128): void {
  const magic = constant(8);
  const clamped = f32x4.max(x, f32x4.splat(LEAST));
  const n = f32x4.sub(f32x4.add(f32x4.mul(clamped, f32x4.splat(LOG2E)), magic), magic);
  v128.store(mantissas, f32x4.mul(mantissa(clamped, n), share));
  const isNever = f32x4.le(x, f32x4.splat(LEAST));
  v128.store(exponents, v128.bitselect(i32x4.splat(NEVER), i32x4.trunc_sat_f32x4_s(n), isNever));
}

/** The largest logit of a frame; NaN if there is one. */
// @ts-ignore: decorator
@inline
function largestOf(x: usize, whole: usize, rest: i32): f32 {
  let most = f32x4.splat(-f32.MAX_VALUE);
  for (let at = x, end = x + whole; at < end; at += 16) most = f32x4.max(most, v128.load(at));
  if (rest) most = f32x4.max(most, loadSome(x + whole, rest, -f32.MAX_VALUE));
  return max<f32>(
    max<f32>(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max<f32>(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

/** The sum of the exponentials of a frame, which go to `y` if it is not 0. */
// @ts-ignore: decorator
@inline
function sumOfExponentials(x: usize, y: usize, most: f32, whole: usize, rest: i32): f32 {
  const largest = f32x4.splat(most);
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const e = exponential(f32x4.sub(v128.load(x + at), largest));
    sums = f32x4.add(sums, e);
    if (y) v128.store(y + at, e);
  }
  if (rest) {
    const e = exponential(f32x4.sub(loadSome(x + whole, rest, -Infinity), largest));
    sums = f32x4.add(sums, e);
    if (y) storeSome(y + whole, rest, e);
  }
  return sumOfLanes(sums);
}

/**
 * One frame of the forward variables: `to` from `from`, which may be the same. From the end, since each
 * state needs those before it as they were.
 */
function forwardStep(to: usize, from: usize, p: usize, blank: usize): void {
  const bm = v128.load(blank), be = v128.load(blank, 16);
  const most = i32x4.splat(127);
  for (let at = (<usize>lanes << 2) - 16; ; at -= 16) {
    const a = from + at;
    const blankM = v128.load(a), blankE = v128.load(a + size);
    const labelM = v128.load(a + 2 * size), labelE = v128.load(a + 3 * size);
    const beforeM = v128.load(a + 2 * size - 4), beforeE = v128.load(a + 3 * size - 4);
    // To a blank: from itself and from the label before it.
    let base = i32x4.sub(i32x4.max_s(blankE, beforeE), most);
    const toBlank = f32x4.add(
      f32x4.mul(blankM, power(blankE, base)),
      f32x4.mul(beforeM, power(beforeE, base)),
    );
    keep(to + at, to + at + size, toBlank, i32x4.add(base, most), bm, be);
    // To a label: from itself, the blank before it, and the label before that if it is another.
    const otherE = i32x4.add(beforeE, v128.load(repeats + at));
    base = i32x4.sub(i32x4.max_s(i32x4.max_s(blankE, labelE), otherE), most);
    const toLabel = f32x4.add(
      f32x4.add(f32x4.mul(labelM, power(labelE, base)), f32x4.mul(blankM, power(blankE, base))),
      f32x4.mul(beforeM, power(otherE, base)),
    );
    const pm = v128.load(p + at), pe = v128.load(p + at + size);
    keep(to + at + 2 * size, to + at + 3 * size, toLabel, i32x4.add(base, most), pm, pe);
    if (!at) return;
  }
}

// Of the row: NaN where a frame has NaN or Infinity, Infinity where its labels cannot be.
let loss: f32 = 0;
let lossM: f32 = 0; // the probability as a mantissa
let lossE: i32 = 0; // and an exponent

/** Goes through the frames of a row; with `job.gradient`, it keeps what the way back needs. */
function forwardRow(job: CtcJob, i: i32): void {
  const keeps = job.gradient != 0;
  const labels = load<i32>(job.labelLengths + (<usize>i << 2));
  const time = load<i32>(job.logitLengths + (<usize>i << 2));
  const ids = job.labels + (<usize>i * <usize>job.width << 2);
  const classes = job.classes, rest = classes & 3, whole = <usize>(classes - rest) << 2;
  const row = <usize>classes << 2;
  lanes = roundUp4(labels + 1);
  size = (<usize>lanes << 2) + 2 * PAD;
  const frames = keeps ? <usize>time : 1;
  deltas = job.room + PAD;
  repeats = deltas + 4 * size;
  ofLabels = repeats + size;
  ofBlank = ofLabels - PAD + 2 * size * frames;
  alphas = ofBlank + 32 * frames + PAD;
  shares = alphas - PAD + 4 * size * (keeps ? frames + 1 : 1);
  fill(repeats - PAD, size, i32x4.splat(0));
  for (let n = 1; n < labels; n++) {
    const at = ids + (<usize>n << 2);
    if (load<i32>(at) == load<i32>(at - 4)) store<i32>(repeats + (<usize>n << 2), NEVER);
  }
  fillNever(alphas);
  store<i32>(alphas + size, 0);

  let x = job.logits + <usize>i * <usize>job.time * row;
  let y: usize = keeps ? job.gradient + <usize>i * <usize>job.time * row : 0;
  let a = alphas, p = ofLabels, blank = ofBlank;
  const nextP: usize = keeps ? 2 * size : 0, nextA: usize = keeps ? 4 * size : 0, nextB: usize = keeps ? 32 : 0;
  const last = (<usize>labels << 2);
  for (let t = 0; t < time; t++, x += row) {
    const most = largestOf(x, whole, rest);
    const sum = sumOfExponentials(x, y, most, whole, rest);
    if (!(most - most == 0 && sum > 0)) {
      loss = NaN;
      return;
    }
    const share: f32 = 1 / sum, shareOfAll = f32x4.splat(share);
    if (keeps) {
      store<f32>(shares + (<usize>t << 2), share);
      y += row;
    }
    const blankX = load<f32>(x + (<usize>job.blank << 2)) - most;
    probabilities(blank, blank + 16, f32x4.splat(blankX), shareOfAll);
    for (let at: usize = 0; at < last; at += 4) {
      store<f32>(p + at, load<f32>(x + (<usize>load<i32>(ids + at) << 2)) - most);
    }
    for (let at = last, end = <usize>lanes << 2; at < end; at += 4) store<f32>(p + at, -Infinity);
    for (let at: usize = 0, end = <usize>lanes << 2; at < end; at += 16) {
      probabilities(p + at, p + at + size, v128.load(p + at), shareOfAll);
    }
    if (keeps) fillNever(a + nextA);
    forwardStep(a + nextA, a, p, blank);
    a += nextA;
    p += nextP;
    blank += nextB;
  }

  const blankE = load<i32>(a + size + last);
  const labelE = load<i32>(a + 3 * size + last - 4); // of a row without labels, in front of it
  lossE = max<i32>(blankE, labelE);
  lossM =
    load<f32>(a + last) * factor(blankE - lossE) + load<f32>(a + 2 * size + last - 4) * factor(labelE - lossE);
  loss = lossE <= NEVER >> 1 ? Infinity : <f32>(0 - (<f64>Mathf.log(lossM) + <f64>lossE * LN2));
}

/** 2^exponent, for those up to 0. */
// @ts-ignore: decorator
@inline
function factor(exponent: i32): f32 {
  return reinterpret<f32>(max<i32>(exponent + 127, 0) << 23);
}

export function ctcForward(pointer: usize): void {
  const job = changetype<CtcJob>(pointer);
  for (let i = job.first, end = job.first + job.count; i < end; i++) {
    forwardRow(job, i);
    store<f32>(job.losses + (<usize>i << 2), loss);
  }
}

/** The shares of the labels in a frame, α·β / p, times `scale`; returns that of the blanks. */
function backwardStep(alpha: usize, p: usize, blank: usize, labelShares: usize, scale: f32): f32 {
  const bm = v128.load(blank), be = v128.load(blank, 16);
  const most = i32x4.splat(127), zero = i32x4.splat(0), top = i32x4.splat(254);
  const factors = f32x4.splat(scale), whole = i32x4.splat(lossE - 127);
  let ofBlanks = f32x4.splat(0);
  for (let at: usize = 0, end = <usize>lanes << 2; at < end; at += 16) {
    const d = deltas + at, a = alpha + at;
    const blankM = v128.load(d), blankE = v128.load(d + size);
    const labelM = v128.load(d + 2 * size), labelE = v128.load(d + 3 * size);
    const nextBlankM = v128.load(d + 4), nextBlankE = v128.load(d + size + 4);
    const nextM = v128.load(d + 2 * size + 4);
    const nextE = i32x4.add(v128.load(d + 3 * size + 4), v128.load(repeats + at + 4));
    let base = i32x4.sub(i32x4.max_s(blankE, labelE), most);
    let m = f32x4.add(f32x4.mul(blankM, power(blankE, base)), f32x4.mul(labelM, power(labelE, base)));
    let e = i32x4.add(base, most);
    let both = i32x4.sub(i32x4.add(v128.load(a + size), e), whole);
    both = i32x4.shl(i32x4.max_s(i32x4.min_s(both, top), zero), 23);
    ofBlanks = f32x4.add(ofBlanks, f32x4.mul(f32x4.mul(f32x4.mul(v128.load(a), m), both), factors));
    keep(d, d + size, m, e, bm, be);

    base = i32x4.sub(i32x4.max_s(i32x4.max_s(labelE, nextBlankE), nextE), most);
    m = f32x4.add(
      f32x4.add(f32x4.mul(labelM, power(labelE, base)), f32x4.mul(nextBlankM, power(nextBlankE, base))),
      f32x4.mul(nextM, power(nextE, base)),
    );
    e = i32x4.add(base, most);
    both = i32x4.sub(i32x4.add(v128.load(a + 3 * size), e), whole);
    both = i32x4.shl(i32x4.max_s(i32x4.min_s(both, top), zero), 23);
    const share = f32x4.mul(f32x4.mul(f32x4.mul(v128.load(a + 2 * size), m), both), factors);
    v128.store(labelShares + at, share);
    keep(d + 2 * size, d + 3 * size, m, e, v128.load(p + at), v128.load(p + at + size));
  }
  return sumOfLanes(ofBlanks);
}

/** What comes back to the logits: the probability of each class less its share in the frame. */
function backwardRow(job: CtcJob, i: i32, dy: f32): void {
  const labels = load<i32>(job.labelLengths + (<usize>i << 2));
  const time = load<i32>(job.logitLengths + (<usize>i << 2));
  const ids = job.labels + (<usize>i * <usize>job.width << 2);
  const classes = job.classes, rest = classes & 3, whole = <usize>(classes - rest) << 2;
  const row = <usize>classes << 2;
  const labelShares = (shares + (<usize>time << 2) + 15) & ~15;
  fillNever(deltas);
  store<i32>(deltas + size + (<usize>labels << 2), 0);
  const last = <usize>labels << 2, scale = dy / lossM;
  for (let t = time - 1; t >= 0; t--) {
    const y = job.gradient + (<usize>i * <usize>job.time + <usize>t) * row;
    const p = ofLabels + <usize>t * 2 * size, blank = ofBlank + (<usize>t << 5);
    const ofBlanks = backwardStep(alphas + (<usize>t + 1) * 4 * size, p, blank, labelShares, scale);
    const share = f32x4.splat(load<f32>(shares + (<usize>t << 2)) * dy);
    for (let at = y, end = y + whole; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), share));
    if (rest) storeSome(y + whole, rest, f32x4.mul(loadSome(y + whole, rest, 0), share));
    subtract(y + (<usize>job.blank << 2), ofBlanks);
    for (let at: usize = 0; at < last; at += 4) {
      subtract(y + (<usize>load<i32>(ids + at) << 2), load<f32>(labelShares + at));
    }
  }
}

// @ts-ignore: decorator
@inline
function subtract(from: usize, value: f32): void {
  store<f32>(from, load<f32>(from) - value);
}

export function ctcBackward(pointer: usize): void {
  const job = changetype<CtcJob>(pointer);
  const row = <usize>job.time * <usize>job.classes << 2;
  for (let i = job.first, end = job.first + job.count; i < end; i++) {
    const dy = job.losses ? load<f32>(job.losses + (<usize>i << 2)) : job.each;
    const from = job.gradient + <usize>i * row;
    const frames = <usize>load<i32>(job.logitLengths + (<usize>i << 2)) * <usize>job.classes << 2;
    forwardRow(job, i);
    if (loss - loss == 0) backwardRow(job, i, dy);
    else for (let at = from, stop = from + frames; at < stop; at += 4) store<f32>(at, NaN);
    memory.fill(from + frames, 0, row - frames);
  }
}
