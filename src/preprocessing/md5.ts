/**
 * MD5 (RFC 1321), for `hashingTrick` as in Keras. Browsers have no MD5 of their own, and
 * Node's is not for a file that must run in both. Not for anything that must be secure.
 */
import { encodeUtf8 } from '../foundation/utf8.js';

// RFC 1321, 3.4: rotations by round, and the integer parts of 2^32 · |sin(i + 1)|.
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const SINES = Int32Array.from({ length: 64 }, (_, i) => (2 ** 32 * Math.abs(Math.sin(i + 1))) | 0);

/**
 * The MD5 digest of a text in UTF-8, as Python reads its hexadecimal form: a 128-bit integer.
 *
 * @param text Well-formed UTF-16: half a surrogate pair has no bytes of its own.
 */
export function md5(text: string): bigint {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const message = pad(encodeUtf8(text));
  const words = new DataView(message.buffer);
  for (let block = 0; block < message.length; block += 64) digestBlock(state, words, block);

  const digest = new DataView(state.buffer.slice(0));
  state.forEach((word, i) => {
    digest.setInt32(4 * i, word, true);
  });
  return (digest.getBigUint64(0) << 64n) | digest.getBigUint64(8);
}

/** Appends a 1 bit, zeros, and the length in bits as 64 bits, up to a multiple of 64 bytes. */
function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n, true);
  return padded;
}

function digestBlock(state: Int32Array, words: DataView, block: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = i;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = 5 * i + 1;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = 3 * i + 5;
    } else {
      mixed = c ^ (b | ~d);
      word = 7 * i;
    }
    const sum =
      (a + mixed + (SINES[i] as number) + words.getInt32(block + 4 * (word & 15), true)) | 0;
    const bits = ROTATIONS[round as 0 | 1 | 2 | 3][(i & 3) as 0 | 1 | 2 | 3];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << bits) | (sum >>> (32 - bits)))) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
}
