/** The binary of the kernels that predict, compiled once: none of those that train, on one thread. */
import { decodeBinary } from './machine.js';

// (module (func (drop (f32x4.relaxed_madd …)))): valid where relaxed SIMD is known.
// biome-ignore format: an instruction a line
const RELAXED_PROBE = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 20, 1, 18, 0,
  0x41, 0, 0xfd, 0x11, 0x41, 0, 0xfd, 0x11, 0x41, 0, 0xfd, 0x11,
  0xfd, 0x85, 2, 0x1a, 0x0b,
);

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * The module that rounds as the binary that the main entry would take.
 *
 * @throws CompileError where WebAssembly with SIMD is missing or forbidden.
 */
export function predictingModule(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  // One of the two is loaded: bundlers make a file of each.
  const { BINARY } = WebAssembly.validate(RELAXED_PROBE)
    ? await import('./binaries/predict-relaxed-simd.js')
    : await import('./binaries/predict-simd.js');
  return WebAssembly.compile(decodeBinary(BINARY));
}
