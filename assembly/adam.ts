// One step of Adam (Kingma & Ba 2015) as TensorFlow.js computes it, operation by
// operation, so that the results are the same to the bit; hence no fused
// multiply-add.

/** `count` new weights and moments from the old ones; `unbias1` and `unbias2` are 1 - beta^t. */
export function adam(
  count: i32, weights: usize, gradient: usize, moment1: usize, moment2: usize,
  newWeights: usize, newMoment1: usize, newMoment2: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  unbias1: f32, unbias2: f32, minusRate: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1);
  const b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const u1 = f32x4.splat(unbias1), u2 = f32x4.splat(unbias2);
  const rate = f32x4.splat(minusRate), e = f32x4.splat(epsilon);
  const end = gradient + (<usize>count << 2);
  // The last vector may run past the end: buffers are padded to 16 bytes.
  while (gradient < end) {
    const g = v128.load(gradient);
    const m = f32x4.add(f32x4.mul(v128.load(moment1), b1), f32x4.mul(g, r1));
    const v = f32x4.add(f32x4.mul(v128.load(moment2), b2), f32x4.mul(f32x4.mul(g, g), r2));
    v128.store(newMoment1, m);
    v128.store(newMoment2, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.div(v, u2)), e);
    const step = f32x4.mul(f32x4.div(f32x4.div(m, u1), root), rate);
    v128.store(newWeights, f32x4.add(step, v128.load(weights)));
    weights += 16; gradient += 16; moment1 += 16; moment2 += 16;
    newWeights += 16; newMoment1 += 16; newMoment2 += 16;
  }
}
