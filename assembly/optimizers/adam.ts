// One step of Adam (Kingma & Ba 2015) as TensorFlow.js computes it, operation by
// operation, so that the results are the same to the bit; hence no fused
// multiply-add.

/** Filled in by src/kernels/optimizers/adam.ts, field by field in this order. */
@unmanaged
class AdamJob {
  first: i32; // of the values of the shard
  count: i32; // of the shard
  weights: usize;
  gradient: usize;
  moment1: usize;
  moment2: usize;
  newWeights: usize;
  newMoment1: usize;
  newMoment2: usize;
  beta1: f32;
  rest1: f32; // 1 - beta1
  beta2: f32;
  rest2: f32; // 1 - beta2
  unbias1: f32; // 1 - beta1^t
  unbias2: f32; // 1 - beta2^t
  minusRate: f32;
  epsilon: f32;
}

/** New weights and moments from the old ones. */
export function adam(pointer: usize): void {
  const job = changetype<AdamJob>(pointer);
  const b1 = f32x4.splat(job.beta1), r1 = f32x4.splat(job.rest1);
  const b2 = f32x4.splat(job.beta2), r2 = f32x4.splat(job.rest2);
  const u1 = f32x4.splat(job.unbias1), u2 = f32x4.splat(job.unbias2);
  const rate = f32x4.splat(job.minusRate), e = f32x4.splat(job.epsilon);
  const weights = job.weights, gradient = job.gradient, moment1 = job.moment1, moment2 = job.moment2;
  const newWeights = job.newWeights, newMoment1 = job.newMoment1, newMoment2 = job.newMoment2;
  const end = <usize>(job.first + job.count) << 2;
  // The last vector may run past the end: buffers are padded to 16 bytes.
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(v128.load(moment1 + at), b1), f32x4.mul(g, r1));
    const v = f32x4.add(f32x4.mul(v128.load(moment2 + at), b2), f32x4.mul(f32x4.mul(g, g), r2));
    v128.store(newMoment1 + at, m);
    v128.store(newMoment2 + at, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.div(v, u2)), e);
    const step = f32x4.mul(f32x4.div(f32x4.div(m, u1), root), rate);
    v128.store(newWeights + at, f32x4.add(step, v128.load(weights + at)));
  }
}
