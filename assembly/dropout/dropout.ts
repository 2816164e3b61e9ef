// Inverted dropout with a mask that depends on the seed and the position only,
// never on the number of threads: every block of 4,096 values has its own
// xoshiro128+ generator, four lanes wide (Blackman & Vigna 2018), seeded by the
// 32-bit finalizer of MurmurHash3. The mask is drawn again for the gradient
// instead of being kept. src/kernels/dropout/dropout-mask.ts is its twin.
const BLOCK: i32 = 4096;

/** Filled in by src/kernels/dropout/dropout.ts, field by field in this order. */
@unmanaged
class DropoutJob {
  first: i32; // of the values of the shard, a multiple of BLOCK
  count: i32; // of the shard
  seed: u32;
  threshold: i32;
  scale: f32;
  x: usize; // the values, or the table that they are rows of; not read for bits
  indices: usize; // i32: which rows, or 0
  width: i32; // of a row, a power of two from 4 to BLOCK
  out: usize; // the values, or the bits
}

function mix(value: u32): u32 {
  value ^= value >> 16;
  value *= 0x85ebca6b;
  value ^= value >> 13;
  value *= 0xc2b2ae35;
  return value ^ (value >> 16);
}

/** Four lanes of word `word` of the state of block `block`. */
// @ts-ignore: decorator
@inline
function stateWord(seed: u32, block: u32, word: u32): v128 {
  const base = mix(seed ^ mix(block)) + word * 4;
  let state = i32x4.splat(<i32>mix(base));
  state = i32x4.replace_lane(state, 1, <i32>mix(base + 1));
  state = i32x4.replace_lane(state, 2, <i32>mix(base + 2));
  return i32x4.replace_lane(state, 3, <i32>mix(base + 3));
}

/** out = x · scale where the draw, as a signed number, is at least `threshold`; else 0. */
export function dropout(pointer: usize): void {
  draw(false, pointer);
}

/** out = a bit for each value, in words of 32 of them: 1 where it is dropped. */
export function dropoutBits(pointer: usize): void {
  draw(true, pointer);
}

// @ts-ignore: decorator
@inline
function draw(asBits: bool, pointer: usize): void {
  const job = changetype<DropoutJob>(pointer);
  const seed = job.seed, scales = f32x4.splat(job.scale), thresholds = i32x4.splat(job.threshold);
  const table = job.x, rowBytes = <usize>job.width << 2;
  let x = job.x + (<usize>job.first << 2), out = job.out + (<usize>job.first << 2);
  let indices = job.indices && job.indices + (<usize>(job.first / job.width) << 2);
  let bits: u32 = 0, bitsOut = job.out + (<usize>job.first >> 3);
  const end = out + (<usize>job.count << 2);
  for (let block: u32 = job.first / BLOCK; out < end; block++) {
    let s0 = stateWord(seed, block, 0), s1 = stateWord(seed, block, 1);
    let s2 = stateWord(seed, block, 2), s3 = stateWord(seed, block, 3);
    const blockEnd = min(end, out + (<usize>BLOCK << 2));
    while (out < blockEnd) {
      let runEnd = blockEnd;
      if (asBits) {
        bits = 0;
        runEnd = out + 128;
      } else if (indices) {
        x = table + <usize>load<i32>(indices) * rowBytes;
        indices += 4;
        runEnd = out + rowBytes;
      }
      do {
        const kept = i32x4.ge_s(i32x4.add(s0, s3), thresholds);
        const t = i32x4.shl(s1, 9);
        s2 = v128.xor(s2, s0);
        s3 = v128.xor(s3, s1);
        s1 = v128.xor(s1, s2);
        s0 = v128.xor(s0, s3);
        s2 = v128.xor(s2, t);
        s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
        if (asBits) {
          bits = (bits >> 4) | ((<u32>i32x4.bitmask(kept) ^ 15) << 28);
        } else {
          // The last vector may run past the end: buffers are padded to 16 bytes.
          v128.store(out, v128.and(kept, f32x4.mul(v128.load(x), scales)));
          x += 16;
        }
        out += 16;
      } while (out < runEnd);
      if (asBits) {
        store<u32>(bitsOut, bits);
        bitsOut += 4;
      }
    }
  }
}
