/**
 * Where texts are scanned, one at a time: in the memory of a WebAssembly binary (source:
 * assembly/scan.ts), or by JavaScript where that cannot run. Both find the same words.
 */
import { BINARY } from './binaries/scan.js';

/** No longer text is scanned; a whole library in one string is left to the WordScanner. */
export const LONGEST = 1 << 18; // UTF-16 code units

// As in assembly/scan.ts.
const TEXT = 64;
const MOST_BYTES = 3 * LONGEST;
const BEHIND = 64; // bytes that a scan reads and writes behind a text
const EDGES = TEXT + MOST_BYTES + BEHIND;
const MOST_EDGES = MOST_BYTES + 9; // one more than bytes, and up to eight that do not count

/** Room for one text and the places of its words. */
export interface ScanRoom {
  /** UTF-8; at least 8 bytes behind a text can be read. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Word `k` lies from `edges[2 * k]` to before `edges[2 * k + 1]`. */
  readonly edges: Int32Array;
  /**
   * Finds the words in the first `length` bytes.
   *
   * @param separators Which bytes are part of no word, all below 128.
   * @returns How many words there are.
   */
  scan(length: number, separators: Separators): number;
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

let shared: ScanRoom | undefined;

/** The room of all scanners. */
export function scanRoom(): ScanRoom {
  shared ??= roomOfWebAssembly() ?? roomOfJavaScript();
  return shared;
}

interface ScanExports {
  memory: WebAssembly.Memory;
  scan(length: number, separator: number): number;
}

/** A room whose scan is some ten times as fast; undefined where there is no SIMD, or it is forbidden. */
export function roomOfWebAssembly(): ScanRoom | undefined {
  try {
    const code = Uint8Array.from(atob(BINARY), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
    const { memory, scan } = exports as unknown as ScanExports;
    const sets = new Uint8Array(memory.buffer, 0, 16);
    return {
      ...viewsOf(memory.buffer),
      scan(length, separators) {
        sets.set(separators.sets);
        return scan(length, separators.first);
      },
    };
  } catch {
    return undefined;
  }
}

/** A room whose scan is written in JavaScript. */
export function roomOfJavaScript(): ScanRoom {
  const views = viewsOf(new ArrayBuffer(EDGES + 4 * MOST_EDGES));
  const { bytes, edges } = views;
  return {
    ...views,
    // Without a branch, which would be mispredicted at both ends of every word: each place is
    // written down, and kept where the kind of character changes.
    scan(length, { first, kinds }) {
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
    },
  };
}

function viewsOf(buffer: ArrayBuffer): Pick<ScanRoom, 'bytes' | 'view' | 'edges'> {
  return {
    bytes: new Uint8Array(buffer, TEXT, MOST_BYTES + BEHIND),
    view: new DataView(buffer, TEXT, MOST_BYTES + BEHIND),
    edges: new Int32Array(buffer, EDGES, MOST_EDGES),
  };
}
