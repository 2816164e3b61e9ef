// What the binaries differ in, but for wide.ts: with relaxed SIMD, multiply-add is one
// instruction with one rounding; with plain SIMD, two of each.

/** a·b + c */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a·b */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

const TINY = memory.data<f32>([1e-30]);

/**
 * x, with 0 for what is below 1e-30. A gradient that vanishes over time ends in
 * denormal numbers, whose arithmetic is some thirty times as slow.
 */
// @ts-ignore: decorator
@inline
export function flushTiny(x: v128): v128 {
  // Not `and(x, gt)`, which would lose NaN.
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), v128.load32_splat(TINY)));
}

/** Copies `count` floats. */
// @ts-ignore: decorator
@inline
export function copyFloats(to: usize, from: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  const vectors = from + ((<usize>count >> 2) << 4);
  while (from < vectors) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  while (from < end) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** sum += addend, `count` floats. */
export function addFloats(sum: usize, addend: usize, count: i32): void {
  const end = sum + (<usize>count << 2);
  const vectors = sum + ((<usize>count >> 2) << 4);
  while (sum < vectors) {
    v128.store(sum, f32x4.add(v128.load(sum), v128.load(addend)));
    sum += 16;
    addend += 16;
  }
  while (sum < end) {
    store<f32>(sum, load<f32>(sum) + load<f32>(addend));
    sum += 4;
    addend += 4;
  }
}

/** to = a · b, `count` floats. */
export function multiplyFloats(to: usize, a: usize, b: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  const vectors = to + ((<usize>count >> 2) << 4);
  while (to < vectors) {
    v128.store(to, f32x4.mul(v128.load(a), v128.load(b)));
    to += 16;
    a += 16;
    b += 16;
  }
  while (to < end) {
    store<f32>(to, load<f32>(a) * load<f32>(b));
    to += 4;
    a += 4;
    b += 4;
  }
}

// @ts-ignore: decorator
@inline
export function roundUp4(n: i32): i32 {
  return (n + 3) & ~3;
}
