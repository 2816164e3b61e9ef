// Gradients scaled down to a norm, of whose square the sums of blocks are known (merging/sums.ts).
import { sumOfBlocks } from '../merging/sums';

/** Filled in by src/kernels/optimizers/clip-by-norm.ts, field by field in this order. */
@unmanaged
class NormJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  values: usize;
  scaled: usize; // out
  sums: usize; // f64 of each block that counts for the norm
  blocks: i32;
  most: f32;
}

/** As `tf.clip_by_global_norm`: most / max(norm, most) of each value; not a number where the norm is none. */
export function scaleToNorm(pointer: usize): void {
  const job = changetype<NormJob>(pointer), most = job.most;
  const norm = sqrt<f32>(<f32>sumOfBlocks(job.sums, job.blocks));
  const scale = f32x4.splat(most / max<f32>(norm, most));
  const shift = job.scaled - job.values;
  let at = job.values + (<usize>job.first << 2);
  // The last vector may run past the end of the values: buffers are padded to 16 bytes.
  for (const end = at + (<usize>job.count << 2); at < end; at += 16) {
    v128.store(at + shift, f32x4.mul(v128.load(at), scale));
  }
}
