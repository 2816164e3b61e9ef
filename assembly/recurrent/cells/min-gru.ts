// minGRU: Feng et al. 2024 (arXiv:2410.01201), as its plain form has it:
//   z = sigmoid(x·Wz + bz),  n = x·Wn + bn,  h' = (1 - z)·h + z·n
// Its form in logarithms is for scans over time in parallel, whose products of many (1 - z) leave the
// range of floats, and makes n positive for that. Step by step nothing leaves it.
import { At0, constant, SIGMOID_SCALE, sigmoid2, sigmoidSlope } from '../../arithmetic/activations';
import { flushTiny, madd } from '../../arithmetic/simd';

/** Gates: z, n. It has one setting. */
@unmanaged
export class MinGru {
  @inline get multiple(): i32 { return 8; }
  @inline get states(): i32 { return 1; }
  @inline get inputGates(): i32 { return 2; }
  @inline get jointGates(): i32 { return 0; }
  @inline get stateGates(): i32 { return 0; }
  @inline get vectors(): i32 { return 0; }
  @inline get blocks(): i32 { return 2; }
  @inline get biases(): i32 { return 1; }
  @inline get keepsGates(): bool { return true; }
  @inline get direct(): bool { return true; }
  @inline get late(): bool { return false; }
  @inline kernelBlock(gate: i32): i32 { return gate; }
  @inline recurrentBlock(_gate: i32): i32 { return -1; }
  @inline scale(gate: i32, _setting: i32): f32 { return gate == 0 ? SIGMOID_SCALE : 1; }
  @inline shift(_gate: i32, _setting: i32): f32 { return 0; }

  @inline forward(
    padded: i32, _setting: i32, _bounded: bool, z: usize, h: usize, hTo: usize, _c: usize, _cTo: usize, _late: usize,
  ): void {
    step(padded, z, h, hTo);
  }

  @inline backward(
    padded: i32, _setting: i32, z: usize, dz: usize, h: usize, _hTo: usize, _c: usize, _cTo: usize, dh: usize, _dc: usize,
  ): void {
    stepBackward(padded, z, dz, h, dh);
  }
}

// h' is h + z·(n - h).
function step(padded: i32, z: usize, h: usize, hTo: usize): void {
  for (const end = h + (<usize>padded << 2); h < end; h += 32) {
    sigmoid2<At0>(z, false);
    const h0 = v128.load(h), h1 = v128.load(h, 16), n0 = v128.load(z, 32), n1 = v128.load(z, 48);
    const a = madd(v128.load(z), f32x4.sub(n0, h0), h0), b = madd(v128.load(z, 16), f32x4.sub(n1, h1), h1);
    v128.store(hTo, a); v128.store(hTo, b, 16);
    z += 64; hTo += 32;
  }
}

function stepBackward(padded: i32, z: usize, dz: usize, h: usize, dh: usize): void {
  const one = constant(32);
  for (const end = h + (<usize>padded << 2); h < end; h += 32) {
    const z0 = v128.load(z), z1 = v128.load(z, 16), n0 = v128.load(z, 32), n1 = v128.load(z, 48);
    const h0 = v128.load(h), h1 = v128.load(h, 16);
    const d0 = flushTiny(v128.load(dh)), d1 = flushTiny(v128.load(dh, 16));
    v128.store(dz, sigmoidSlope(f32x4.mul(d0, f32x4.sub(n0, h0)), z0));
    v128.store(dz, sigmoidSlope(f32x4.mul(d1, f32x4.sub(n1, h1)), z1), 16);
    v128.store(dz, f32x4.mul(d0, z0), 32); v128.store(dz, f32x4.mul(d1, z1), 48);
    v128.store(dh, f32x4.mul(d0, f32x4.sub(one, z0))); v128.store(dh, f32x4.mul(d1, f32x4.sub(one, z1)), 16);
    z += 64; dz += 64; dh += 32;
  }
}
