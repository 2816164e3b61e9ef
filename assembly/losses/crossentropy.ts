// The crossentropy of classes and its gradient, as TensorFlow.js has them: probabilities of a row are
// divided by their sum, then clipped. With numbers of classes for labels they are clipped before,
// too. Labels are [rows, classes] or, if `sparse`, [rows].

/** Filled in by src/kernels/losses/crossentropy.ts, field by field in this order. */
@unmanaged
class CrossentropyJob {
  first: i32; // of the rows of the shard
  count: i32; // of the shard
  classes: i32;
  sparse: i32;
  labels: usize;
  probabilities: usize; // [rows, classes]
  epsilon: f32;
  losses: usize; // [rows]: out; of the backward pass dy, or 0
  each: f32; // dy of every row where `losses` is 0
  gradient: usize; // [rows, classes]: out of the backward pass
}

// @ts-ignore: decorator
@inline
function clip(x: f32, least: f32, most: f32): f32 {
  return max<f32>(least, min<f32>(most, x)); // NaN stays NaN
}

// @ts-ignore: decorator
@inline
function inside(x: f32, least: f32, most: f32): bool {
  return x >= least && x <= most;
}

/** The probability that the sum and the quotient are computed from. */
// @ts-ignore: decorator
@inline
function given(job: CrossentropyJob, at: usize, most: f32): f32 {
  const p = load<f32>(at);
  return job.sparse ? clip(p, job.epsilon, most) : p;
}

function sumOf(job: CrossentropyJob, from: usize, most: f32): f32 {
  let sum: f32 = 0;
  const end = from + (<usize>job.classes << 2);
  for (let at = from; at < end; at += 4) sum += given(job, at, most);
  return sum;
}

export function crossentropyForward(pointer: usize): void {
  const job = changetype<CrossentropyJob>(pointer);
  const least = job.epsilon, most: f32 = 1 - least;
  const row = <usize>job.classes << 2;
  for (let i = job.first, end = job.first + job.count; i < end; i++) {
    const p = job.probabilities + <usize>i * row;
    const sum = sumOf(job, p, most);
    let loss: f32 = 0;
    if (job.sparse) {
      const label = <usize>load<f32>(job.labels + (<usize>i << 2));
      loss = -Mathf.log(clip(given(job, p + (label << 2), most) / sum, least, most));
    } else {
      const labels = job.labels + <usize>i * row;
      for (let at: usize = 0; at < row; at += 4) {
        const label = load<f32>(labels + at);
        const q = clip(load<f32>(p + at) / sum, least, most);
        // 0·log q adds nothing, unless q is NaN.
        if (label != 0 || q != q) loss -= label * Mathf.log(q);
      }
    }
    store<f32>(job.losses + (<usize>i << 2), loss);
  }
}

export function crossentropyBackward(pointer: usize): void {
  const job = changetype<CrossentropyJob>(pointer);
  const least = job.epsilon, most: f32 = 1 - least;
  const row = <usize>job.classes << 2, sparse = job.sparse;
  for (let i = job.first, end = job.first + job.count; i < end; i++) {
    const p = job.probabilities + <usize>i * row, d = job.gradient + <usize>i * row;
    const dy = job.losses ? load<f32>(job.losses + (<usize>i << 2)) : job.each;
    const sum = sumOf(job, p, most);
    // Of the quotients first, with what all of them pass on to the sum.
    let ofSum: f32 = 0;
    if (sparse) {
      const label = <usize>load<f32>(job.labels + (<usize>i << 2)) << 2;
      const ofQuotient = slope(dy, 1, given(job, p + label, most) / sum, least, most);
      ofSum = ofQuotient * given(job, p + label, most) / sum / sum;
      const others = -ofSum;
      for (let at: usize = 0; at < row; at += 4) {
        const mine = at == label ? ofQuotient / sum + others : others;
        store<f32>(d + at, inside(load<f32>(p + at), least, most) ? mine : 0);
      }
    } else {
      const labels = job.labels + <usize>i * row;
      for (let at: usize = 0; at < row; at += 4) {
        const x = load<f32>(p + at);
        const ofQuotient = slope(dy, load<f32>(labels + at), x / sum, least, most);
        ofSum += ofQuotient * x / sum / sum;
        store<f32>(d + at, ofQuotient / sum);
      }
      for (let at: usize = 0; at < row; at += 4) store<f32>(d + at, load<f32>(d + at) - ofSum);
    }
  }
}

/** What -label·log(clip(q)) passes back to q. */
// @ts-ignore: decorator
@inline
function slope(dy: f32, label: f32, q: f32, least: f32, most: f32): f32 {
  return inside(q, least, most) ? -dy * label / q : 0;
}
