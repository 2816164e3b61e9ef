import { encodeUtf8Into } from '../../foundation/utf8.js';
import { LONGEST, type ScanRoom, Separators, scanRoom } from './scan-room.js';

// With the flag, whole pairs are one character each. (Hermes knows no \p{Surrogate}.)
const HALF_PAIR = /[\ud800-\udfff]/u;

/**
 * Finds words in the UTF-8 bytes of a text, without making a string for each of them.
 *
 * Reading bytes is several times as fast as reading code units from a string, and a byte below 128
 * is never part of another character. So this serves where all separators are ASCII. What was
 * found is there until any scanner scans the next text.
 */
export class ByteScanner {
  /** The text scanned last, and where its words are. */
  readonly room: ScanRoom;
  /** How many words there are. */
  count = 0;
  /** A character that is part of no word. */
  readonly separator: string;

  private readonly separators: Separators;
  private readonly lower: boolean;

  private constructor(separators: string, lower: boolean, room: ScanRoom) {
    this.separator = separators.charAt(0);
    this.separators = new Separators(separators);
    this.lower = lower;
    this.room = room;
  }

  /**
   * A scanner that does as a WordScanner of the same options, or `undefined` when it cannot.
   *
   * @param lower Whether texts are lower-cased before anything else.
   */
  static for(
    filters: string,
    lower: boolean,
    split: string,
    room = scanRoom(),
  ): ByteScanner | undefined {
    const serves = split.length === 1 && /^[\0-\x7f]*$/.test(filters + split);
    return serves ? new ByteScanner(filters + split, lower, room) : undefined;
  }

  /** Whether a text can be scanned: half a surrogate pair, for one, has no bytes. */
  static takes(text: string): boolean {
    return text.length <= LONGEST && isWellFormed(text);
  }

  /**
   * Finds the words of a text.
   *
   * @param text One that {@link ByteScanner.takes}.
   */
  scan(text: string): void {
    let length = this.encode(text);
    // As many bytes as code units: ASCII, whose case can be changed in place. For the rest there is
    // room, too, since no code unit becomes more than three bytes in lower case.
    const ascii = length === text.length;
    if (this.lower && !ascii) length = this.encode(text.toLowerCase());
    this.count = this.room.scan(length, this.separators, this.lower && ascii);
  }

  /** Scans a text that should be one word, in its own case; false if it is none, or several. */
  scanWord(word: string): boolean {
    const length = this.encode(word);
    this.count = this.room.scan(length, this.separators, false);
    const { edges } = this.room;
    return this.count === 1 && (edges[1] as number) - (edges[0] as number) === length;
  }

  private encode(text: string): number {
    return encodeUtf8Into(text, this.room.bytes);
  }
}

/** Whether a text holds whole surrogate pairs only, so that it survives UTF-8. */
function isWellFormed(text: string): boolean {
  // In Node 20 and current browsers, but not yet in the types of ES2023.
  const { isWellFormed: native } = text as { isWellFormed?: () => boolean };
  return native ? native.call(text) : !HALF_PAIR.test(text);
}
