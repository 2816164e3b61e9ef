/**
 * Where texts are scanned, one at a time: in the memory of a WebAssembly binary (source:
 * assembly/preprocessing/scan.ts), or by JavaScript where that cannot run. Both find the same words.
 */
import { BINARY } from './binaries/scan.js';
import { TableRoom } from './table-room.js';

/** No longer text is scanned; a whole library in one string is left to the WordScanner. */
export const LONGEST = 1 << 18; // UTF-16 code units

// As in assembly/preprocessing/scan.ts.
const FACTORS = 16;
const TEXT = 64;
const MOST_BYTES = 3 * LONGEST;
const BEHIND = 64; // bytes behind a text and behind the edges that a scan may touch
const EDGES = TEXT + MOST_BYTES + BEHIND;
const KEYS = EDGES + 4 * MOST_BYTES + BEHIND;
const MOST_WORDS = MOST_BYTES / 2 + 1;
const END = KEYS + 16 * MOST_WORDS; // where the binary has its table

/** Room for one text, the places of its words, and what to look for in a table of words. */
export interface ScanRoom {
  /** UTF-8. */
  readonly bytes: Uint8Array;
  /** Word `k` lies from `edges[2 * k]` to before `edges[2 * k + 1]`. */
  readonly edges: Int32Array;
  /**
   * Word `k` has at `keys[4 * k]` its first four bytes and then the next four, little-endian and
   * zero where it has fewer, its length, and a hash.
   */
  readonly keys: Int32Array;
  /**
   * Finds the words in the first `length` bytes.
   *
   * @param separators Which bytes are part of no word, all below 128.
   * @param lower Whether to put lower case in place of upper case first; for ASCII only.
   * @returns How many words there are.
   */
  scan(length: number, separators: Separators, lower: boolean): number;
  /** Where to look the words up, if that is faster than doing so in JavaScript. */
  readonly table?: TableRoom;
}

/** The bytes that separate words. */
export class Separators {
  /** One of them. */
  readonly first: number;
  /** [256], 1 for each. */
  readonly kinds = new Uint8Array(0x100);
  /** [16]: for each low half of a byte the high halves that separate, as bits. */
  readonly sets = new Uint8Array(16);

  /** @param characters ASCII, one or more. */
  constructor(characters: string) {
    this.first = characters.charCodeAt(0);
    for (const character of characters) {
      const byte = character.charCodeAt(0);
      this.kinds[byte] = 1;
      this.sets[byte & 15]! |= 1 << (byte >> 4);
    }
  }
}

// Drawn once, so that no text can be prepared to collide. A hash never shows.
const FACTOR_1 = drawFactor();
const FACTOR_2 = drawFactor();

function drawFactor(): number {
  return Math.floor(Math.random() * 2 ** 31) * 2 + 1;
}

let shared: ScanRoom | undefined;

/** The room of all scanners. */
export function scanRoom(): ScanRoom {
  shared ??= roomOfWebAssembly() ?? roomOfJavaScript();
  return shared;
}

interface ScanExports {
  memory: WebAssembly.Memory;
  scan(length: number, separator: number, lower: number): number;
  lookUp(words: number, bits: number, unknown: number): number;
}

/** A room whose scan is some ten times as fast; undefined where there is no SIMD, or it is forbidden. */
export function roomOfWebAssembly(): ScanRoom | undefined {
  try {
    const code = Uint8Array.from(atob(BINARY), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
    const { memory, scan, lookUp } = exports as unknown as ScanExports;
    const sets = new Uint8Array(memory.buffer, 0, 16);
    const halves = [FACTOR_1, drawFactor(), FACTOR_2, drawFactor()]; // of two odd u64
    new Uint32Array(memory.buffer, FACTORS, 4).set(halves);
    return {
      ...viewsOf(memory.buffer),
      scan(length, separators, lower) {
        sets.set(separators.sets);
        return scan(length, separators.first, Number(lower));
      },
      table: new TableRoom(memory.buffer as ArrayBuffer, END, lookUp),
    };
  } catch {
    return undefined;
  }
}

/** A room whose scan is written in JavaScript. */
export function roomOfJavaScript(): ScanRoom {
  const buffer = new ArrayBuffer(END);
  const views = viewsOf(buffer);
  const text = new DataView(buffer, TEXT, MOST_BYTES + BEHIND);
  return {
    ...views,
    scan(length, separators, lower) {
      if (lower) toLowerCase(views.bytes, length);
      const words = findEdges(views, length, separators);
      writeKeys(views, text, words);
      return words;
    },
  };
}

function toLowerCase(bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x41 && byte <= 0x5a) bytes[at] = byte | 0x20;
  }
}

// Without a branch, which would be mispredicted at both ends of every word: each place is written
// down, and kept where the kind of character changes.
function findEdges({ bytes, edges }: Views, length: number, { first, kinds }: Separators): number {
  bytes[length] = first;
  let edge = 0;
  let before = 1;
  for (let at = 0; at <= length; at++) {
    const separates = kinds[bytes[at] as number] as number;
    edges[edge] = at;
    edge += before ^ separates;
    before = separates;
  }
  return edge >> 1;
}

// Which of eight bytes belong to a word of this length, as masks of little-endian integers.
const FIRST = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
const SECOND = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

// Multiplicative hashing, as in assembly/preprocessing/scan.ts, but of 32 bits.
function writeKeys({ bytes, edges, keys }: Views, text: DataView, words: number): void {
  for (let k = 0; k < words; k++) {
    const start = edges[2 * k] as number;
    const length = (edges[2 * k + 1] as number) - start;
    const shown = Math.min(length, 8);
    const first = text.getInt32(start, true) & (FIRST[shown] as number);
    const second = text.getInt32(start + 4, true) & (SECOND[shown] as number);
    let hash = (Math.imul(first, FACTOR_1) + Math.imul(second ^ length, FACTOR_2)) | 0;
    for (let at = start + 8; at < start + length; at++) {
      hash = Math.imul(hash ^ (bytes[at] as number), FACTOR_1);
    }
    keys[4 * k] = first;
    keys[4 * k + 1] = second;
    keys[4 * k + 2] = length;
    keys[4 * k + 3] = Math.imul(hash ^ (hash >>> 15), FACTOR_2);
  }
}

type Views = Pick<ScanRoom, 'bytes' | 'edges' | 'keys'>;

function viewsOf(buffer: ArrayBuffer): Views {
  return {
    bytes: new Uint8Array(buffer, TEXT, MOST_BYTES + BEHIND),
    edges: new Int32Array(buffer, EDGES, (KEYS - EDGES) / 4),
    keys: new Int32Array(buffer, KEYS, 4 * MOST_WORDS),
  };
}
