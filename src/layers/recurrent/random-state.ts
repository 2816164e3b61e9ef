/** The seeds that a layer draws its masks from, one after the other. */
import { mix32 as mix } from '../../foundation/random.js';

const GOLDEN_RATIO = 0x9e3779b9; // 2^32 / φ, as in splitmix32

/** Where a layer's sequence of seeds begins: at `seed`, or anywhere without one. */
export function initialRandomState(seed: number | null | undefined): number {
  if (seed == null) return Math.floor(Math.random() * 2 ** 32) | 0;
  const state = mix(seed | 0);
  // What 32 bits do not hold counts, too: the layers of a stack have seeds that are far apart.
  const beyond = Math.trunc(seed / 2 ** 32);
  return beyond === 0 ? state : mix(state ^ mix((beyond + GOLDEN_RATIO) | 0));
}

/** Takes the next seed of a layer and moves its state on. */
export function nextSeed(layer: { randomState: number }): number {
  layer.randomState = (layer.randomState + GOLDEN_RATIO) | 0;
  return mix(layer.randomState);
}
