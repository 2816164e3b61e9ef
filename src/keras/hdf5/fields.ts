/** Fields of an HDF5 file as they are written: little-endian, one behind the other. */
import { encodeUtf8 } from '../../foundation/utf8.js';
import { lookup3 } from './checksum.js';

/** The address of what has none: all ones. */
export const NOWHERE = -1;

/** Puts a record together. */
export class Fields {
  readonly #bytes: number[] = [];

  u8(...values: number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.u8(value, value >>> 8);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.u16(value, value >>> 16);
    return this;
  }

  /** An address or a length; {@link NOWHERE} becomes all ones. */
  u64(...values: number[]): this {
    for (const value of values) this.u32(value % 2 ** 32, Math.floor(value / 2 ** 32));
    return this;
  }

  text(text: string): this {
    return this.add(encodeUtf8(text));
  }

  add(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** A checksum of all before. */
  checksum(): this {
    return this.u32(lookup3(this.toBytes()));
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
