// Softmax over rows, and what it passes back.
import { exponential, loadSome, storeSome, sumOfLanes } from '../arithmetic/exponential';

/** Filled in by src/kernels/activations/softmax.ts, field by field in this order. */
@unmanaged
class SoftmaxJob {
  first: i32; // of the rows of the shard
  count: i32; // of the shard
  width: i32;
  x: usize; // [rows, width]; of the backward pass dy
  y: usize; // [rows, width]: out; of the backward pass in
  dx: usize; // [rows, width]: out of the backward pass
}

/** y = e^(x - max) / sum of those, a row at a time */
export function softmaxForward(pointer: usize): void {
  const job = changetype<SoftmaxJob>(pointer);
  const row = <usize>job.width << 2, start = <usize>job.first * row;
  const end = job.x + start + <usize>job.count * row;
  for (let x = job.x + start, y = job.y + start; x < end; x += row, y += row) softmaxRow(job.width, x, y);
}

/** One row; y may be x. */
export function softmaxRow(width: i32, x: usize, y: usize): void {
  const rest = width & 3, whole = <usize>(width - rest) << 2, last = x + whole;
  let most = f32x4.splat(-f32.MAX_VALUE);
  for (let at = x; at < last; at += 16) most = f32x4.max(most, v128.load(at));
  if (rest) most = f32x4.max(most, loadSome(last, rest, -f32.MAX_VALUE));
  const most2 = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  const most1 = f32x4.max(most2, v128.shuffle<f32>(most2, most2, 1, 0, 3, 2));
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const e = exponential(f32x4.sub(v128.load(x + at), most1));
    sums = f32x4.add(sums, e);
    v128.store(y + at, e);
  }
  if (rest) {
    const e = exponential(f32x4.sub(loadSome(last, rest, -Infinity), most1));
    sums = f32x4.add(sums, e);
    storeSome(y + whole, rest, e);
  }
  const sum = f32x4.splat(sumOfLanes(sums));
  for (let at: usize = 0; at < whole; at += 16) v128.store(y + at, f32x4.div(v128.load(y + at), sum));
  if (rest) storeSome(y + whole, rest, f32x4.div(loadSome(y + whole, rest, 0), sum));
}

/** dx = y·(dy - sum of dy·y), a row at a time */
export function softmaxBackward(pointer: usize): void {
  const job = changetype<SoftmaxJob>(pointer);
  const row = <usize>job.width << 2, start = <usize>job.first * row;
  const end = job.x + start + <usize>job.count * row;
  let dx = job.dx + start;
  for (let dy = job.x + start, y = job.y + start; dy < end; dy += row, y += row, dx += row) {
    softmaxSlopes(job.width, dy, y, dx);
  }
}

/** One row. */
export function softmaxSlopes(width: i32, dy: usize, y: usize, dx: usize): void {
  const rest = width & 3, whole = <usize>(width - rest) << 2;
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    sums = f32x4.add(sums, f32x4.mul(v128.load(dy + at), v128.load(y + at)));
  }
  if (rest) sums = f32x4.add(sums, f32x4.mul(loadSome(dy + whole, rest, 0), loadSome(y + whole, rest, 0)));
  const sum = f32x4.splat(sumOfLanes(sums));
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(dx + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), sum)));
  }
  if (rest) {
    const slopes = f32x4.sub(loadSome(dy + whole, rest, 0), sum);
    storeSome(dx + whole, rest, f32x4.mul(loadSome(y + whole, rest, 0), slopes));
  }
}
