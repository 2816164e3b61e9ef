/** The weights of a model that TensorFlow.js has saved, by layers. */
import { reject } from '../../foundation/errors.js';
import { sizeOf } from '../../kernels/bridge/call.js';
import type { NamedWeight } from '../weights.js';
import type { SavedParts, WeightSpec } from './parts.js';

type Values = (bytes: ArrayBuffer, spec: WeightSpec) => Float32Array | Int32Array;

const WHERE = 'loadPredictor';

/** Widths in bytes, and what is made of them; quantized ones as tf.io.decodeWeights makes them. */
const TYPES: Readonly<Record<string, [width: number, values: Values]>> = {
  float32: [4, (bytes) => new Float32Array(bytes)],
  int32: [4, (bytes) => new Int32Array(bytes)],
  uint8: [1, (bytes, spec) => dequantized(new Uint8Array(bytes), spec)],
  uint16: [2, (bytes, spec) => dequantized(new Uint16Array(bytes), spec)],
  float16: [2, (bytes) => Float32Array.from(new Uint16Array(bytes), fromFloat16)],
};

function dequantized(numbers: Uint8Array | Uint16Array, { quantization }: WeightSpec) {
  const { scale = 1, min = 0 } = quantization!;
  return Float32Array.from(numbers, (number) => number * scale + min);
}

/** A float of 16 bits: a sign, five bits of exponent, ten of fraction. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** All weights by their names in the file. */
export function savedWeights(
  weightSpecs: readonly WeightSpec[],
  bytes: Uint8Array<ArrayBuffer>,
): Map<string, NamedWeight> {
  const found = new Map<string, NamedWeight>();
  let at = 0;
  for (const spec of weightSpecs) {
    const { name, shape, dtype, quantization } = spec;
    const type = quantization?.dtype ?? dtype;
    if (!Object.hasOwn(TYPES, type)) {
      reject({
        where: WHERE,
        expected: `the weight ${name} must hold numbers of a type that is known`,
        received: type,
        see: 'damaged-model',
      });
    }
    const [width, values] = TYPES[type]!;
    const size = sizeOf(shape);
    const begin = at;
    at += width * size;
    const read = () => values(bytes.slice(begin, begin + width * size).buffer, spec);
    found.set(name, { name: name.slice(name.lastIndexOf('/') + 1), shape, values: read });
  }
  if (at !== bytes.length) {
    reject({
      where: WHERE,
      expected: `the weights must have ${at} bytes, as model.json says`,
      received: bytes.length,
      remedy: 'Pass the bytes of all files that model.json names, in its order.',
      see: 'damaged-model',
    });
  }
  return found;
}

/** All bytes of weights, one shard behind the other. */
export function joined(data: SavedParts['weightData']): Uint8Array<ArrayBuffer> {
  const parts = [data].flat().map((part) => new Uint8Array(part as ArrayBuffer));
  if (parts.length === 1) return parts[0]! as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The weights of a layer: those whose names begin with its own, at the front or below a model. */
export function weightsBelow(all: ReadonlyMap<string, NamedWeight>, layer: string): NamedWeight[] {
  const at = (test: (name: string) => boolean) =>
    [...all].filter(([name]) => test(name)).map(([, weight]) => weight);
  const first = at((name) => name.startsWith(`${layer}/`));
  return first.length > 0 ? first : at((name) => name.includes(`/${layer}/`));
}
