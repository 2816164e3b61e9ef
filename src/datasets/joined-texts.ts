import { decodeUtf8 } from '../foundation/utf8.js';

const CAPACITY = 2 ** 20; // bytes
// Shorter than this, a text takes more memory as a slice than by itself.
const SHORTEST = 64;
const LONGEST = CAPACITY / 16;

/**
 * Decodes many short texts as slices of few long strings. Strings of their own would be copied
 * twice each before the garbage collector lets them rest, which costs more than decoding them; a
 * long one is made where it stays.
 */
export class JoinedTexts {
  readonly #bytes = new Uint8Array(CAPACITY);
  readonly #words = new Int32Array(this.#bytes.buffer);
  #used = 0;
  #waiting: { start: number; end: number; done: (text: string) => void }[] = [];

  /**
   * Takes a text over, unless it is better decoded by itself.
   *
   * @param done Is given the text at the next {@link flush}, or before.
   * @returns Whether it was taken.
   */
  add(content: Uint8Array, done: (text: string) => void): boolean {
    const { length } = content;
    if (length < SHORTEST || length > LONGEST) return false;
    if (this.#used + length > CAPACITY) this.flush();
    const start = this.#used;
    const end = start + length;
    this.#bytes.set(content, start);
    const next = Math.ceil(end / 4) * 4;
    this.#bytes.fill(0, end, next);
    if (!this.#isAscii(start / 4, next / 4)) return false;
    this.#used = next;
    this.#waiting.push({ start, end, done });
    return true;
  }

  /** Hands out all texts that were taken. */
  flush(): void {
    const all = decodeUtf8(this.#bytes.subarray(0, this.#used));
    const waiting = this.#waiting;
    this.#used = 0;
    this.#waiting = [];
    for (const { start, end, done } of waiting) done(all.slice(start, end));
  }

  /** Four bytes at a time, since the texts are nearly all of an archive. */
  #isAscii(from: number, end: number): boolean {
    let bits = 0;
    for (let at = from; at < end; at++) bits |= this.#words[at]!;
    return (bits & 0x80808080) === 0;
  }
}
