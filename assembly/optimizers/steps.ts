// A step of each optimizer of TensorFlow.js as it computes it, operation by operation, so that the
// results are the same to the bit; hence no fused multiply-add. Names as there; its slots are what it
// remembers of a variable.

/** Filled in by src/kernels/optimizers/step.ts, field by field in this order. */
@unmanaged
class StepJob {
  first: i32; // of the values of the shard
  count: i32; // of the shard
  weights: usize;
  gradient: usize;
  slot1: usize;
  slot2: usize;
  slot3: usize;
  newWeights: usize;
  newSlot1: usize;
  newSlot2: usize;
  newSlot3: usize;
  // What these are is said at each step below.
  a: f32;
  b: f32;
  c: f32;
  d: f32;
  e: f32;
  f: f32;
  g: f32;
  h: f32;
}

// @ts-ignore: decorator
@inline
function add(x: v128, y: v128): v128 {
  return f32x4.add(x, y);
}

// @ts-ignore: decorator
@inline
function mul(x: v128, y: v128): v128 {
  return f32x4.mul(x, y);
}

// The last vector may run past the end of the values: buffers are padded to 16 bytes.

/** Where the values of the shard end. */
// @ts-ignore: decorator
@inline
function endOf(job: StepJob): usize {
  return <usize>(job.first + job.count) << 2;
}

/** Kingma & Ba 2015. Slots: the moments. */
export function adam(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const beta1 = f32x4.splat(job.a), rest1 = f32x4.splat(job.b); // 1 - beta1
  const beta2 = f32x4.splat(job.c), rest2 = f32x4.splat(job.d);
  const unbias1 = f32x4.splat(job.e), unbias2 = f32x4.splat(job.f); // 1 - beta^t
  const minusRate = f32x4.splat(job.g), epsilon = f32x4.splat(job.h);
  const weights = job.weights, gradient = job.gradient, slot1 = job.slot1, slot2 = job.slot2;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1, newSlot2 = job.newSlot2;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const m = add(mul(v128.load(slot1 + at), beta1), mul(g, rest1));
    const v = add(mul(v128.load(slot2 + at), beta2), mul(mul(g, g), rest2));
    v128.store(newSlot1 + at, m);
    v128.store(newSlot2 + at, v);
    const root = add(f32x4.sqrt(f32x4.div(v, unbias2)), epsilon);
    const step = mul(f32x4.div(f32x4.div(m, unbias1), root), minusRate);
    v128.store(newWeights + at, add(step, v128.load(weights + at)));
  }
}

/** Kingma & Ba 2015, with the largest gradient. Slots: the moment, the norm. */
export function adamax(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const beta1 = f32x4.splat(job.a), rest1 = f32x4.splat(job.b), beta2 = f32x4.splat(job.c);
  const minusRate = f32x4.splat(job.d), epsilon = f32x4.splat(job.e); // the rate over 1 - beta1^t
  const weights = job.weights, gradient = job.gradient, slot1 = job.slot1, slot2 = job.slot2;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1, newSlot2 = job.newSlot2;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const m = add(mul(v128.load(slot1 + at), beta1), mul(g, rest1));
    const norm = f32x4.max(mul(v128.load(slot2 + at), beta2), f32x4.abs(g));
    v128.store(newSlot1 + at, m);
    v128.store(newSlot2 + at, norm);
    const step = mul(minusRate, f32x4.div(m, add(norm, epsilon)));
    v128.store(newWeights + at, add(step, v128.load(weights + at)));
  }
}

export function sgd(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const minusRate = f32x4.splat(job.a);
  const weights = job.weights, gradient = job.gradient, newWeights = job.newWeights;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    v128.store(newWeights + at, add(mul(minusRate, v128.load(gradient + at)), v128.load(weights + at)));
  }
}

/** Slot: the accumulated gradient. With `c` not 0, that of Nesterov. */
export function momentum(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const minusRate = f32x4.splat(job.a), m = f32x4.splat(job.b), nesterov = job.c != 0;
  const weights = job.weights, gradient = job.gradient, slot1 = job.slot1;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const sum = add(mul(m, v128.load(slot1 + at)), g);
    v128.store(newSlot1 + at, sum);
    const step = mul(minusRate, nesterov ? add(g, mul(sum, m)) : sum);
    v128.store(newWeights + at, add(step, v128.load(weights + at)));
  }
}

/** Tieleman & Hinton 2012. Slots: the mean square, the moment, and with `slot3` the mean. */
export function rmsprop(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const decay = f32x4.splat(job.a), rest = f32x4.splat(job.b), rate = f32x4.splat(job.c);
  const m = f32x4.splat(job.d), epsilon = f32x4.splat(job.e);
  const weights = job.weights, gradient = job.gradient;
  const slot1 = job.slot1, slot2 = job.slot2, slot3 = job.slot3;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1, newSlot2 = job.newSlot2, newSlot3 = job.newSlot3;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const square = add(mul(v128.load(slot1 + at), decay), mul(mul(g, g), rest));
    v128.store(newSlot1 + at, square);
    let under = square;
    if (slot3) {
      const mean = add(mul(v128.load(slot3 + at), decay), mul(g, rest));
      v128.store(newSlot3 + at, mean);
      under = f32x4.sub(square, add(mul(mean, mean), epsilon));
    } else under = add(square, epsilon);
    const moment = add(mul(v128.load(slot2 + at), m), f32x4.div(mul(g, rate), f32x4.sqrt(under)));
    v128.store(newSlot2 + at, moment);
    v128.store(newWeights + at, f32x4.sub(v128.load(weights + at), moment));
  }
}

/** Duchi et al. 2011. Slot: the sum of squares. */
export function adagrad(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const minusRate = f32x4.splat(job.a), epsilon = f32x4.splat(job.b);
  const weights = job.weights, gradient = job.gradient, slot1 = job.slot1;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const sum = add(v128.load(slot1 + at), mul(g, g));
    v128.store(newSlot1 + at, sum);
    const step = mul(f32x4.div(g, f32x4.sqrt(add(sum, epsilon))), minusRate);
    v128.store(newWeights + at, add(step, v128.load(weights + at)));
  }
}

/** Zeiler 2012. Slots: the mean squares of gradients and of updates. */
export function adadelta(pointer: usize): void {
  const job = changetype<StepJob>(pointer);
  const rho = f32x4.splat(job.a), rest = f32x4.splat(job.b);
  const minusRate = f32x4.splat(job.c), epsilon = f32x4.splat(job.d);
  const weights = job.weights, gradient = job.gradient, slot1 = job.slot1, slot2 = job.slot2;
  const newWeights = job.newWeights, newSlot1 = job.newSlot1, newSlot2 = job.newSlot2;
  const end = endOf(job);
  for (let at = <usize>job.first << 2; at < end; at += 16) {
    const g = v128.load(gradient + at), squares = v128.load(slot1 + at), updates = v128.load(slot2 + at);
    // By the old mean square of gradients, as TensorFlow.js has it.
    const ratio = f32x4.div(f32x4.sqrt(add(updates, epsilon)), f32x4.sqrt(add(squares, epsilon)));
    const update = mul(ratio, g);
    v128.store(newSlot1 + at, add(mul(squares, rho), mul(mul(g, g), rest)));
    v128.store(newSlot2 + at, add(mul(updates, rho), mul(mul(update, update), rest)));
    v128.store(newWeights + at, add(mul(update, minusRate), v128.load(weights + at)));
  }
}
