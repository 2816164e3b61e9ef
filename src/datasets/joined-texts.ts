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
  #used = 0;
  #waiting: { start: number; end: number; done: (text: string) => void }[] = [];

  /**
   * Takes a text over, unless it is better decoded by itself.
   *
   * @param done Is given the text at the next {@link flush}, or before.
   * @returns Whether it was taken.
   */
  add(content: Uint8Array, done: (text: string) => void): boolean {
    if (content.length < SHORTEST || content.length > LONGEST || !isAscii(content)) return false;
    if (this.#used + content.length > CAPACITY) this.flush();
    const start = this.#used;
    this.#bytes.set(content, start);
    this.#used += content.length;
    this.#waiting.push({ start, end: this.#used, done });
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
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}
