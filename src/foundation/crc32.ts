import { nodeBuiltin } from './node-builtins.js';

/**
 * The checksum that zip archives carry: ISO 3309, with the polynomial 0xedb88320 in reversed bits.
 * A bit that has flipped always changes it, other damage but once in four thousand million times.
 *
 * @param before The checksum of the bytes before these, if there are any.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return (nodeBuiltin('node:zlib')?.crc32 ?? crc32InScript)(bytes, before);
}

let table: Uint32Array | undefined;

/** The same where nobody else computes it: in a page. */
export function crc32InScript(bytes: Uint8Array, before: number): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    return crc;
  });
  let crc = ~before;
  // Not by an iterator, several times slower until V8 has compiled it.
  for (let at = 0; at < bytes.length; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
