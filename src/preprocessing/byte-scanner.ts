const HALF_PAIR = /\p{Surrogate}/u;

// The buffers stay as large as the longest text needed, so a whole library in one string is left
// to the WordScanner.
const LONGEST = 1 << 20;

/**
 * Finds words in the UTF-8 bytes of a text, without making a string for each of them.
 *
 * Reading bytes is several times as fast as reading code units from a string, and a byte below 128
 * is never part of another character. So this serves where all separators are ASCII.
 */
export class ByteScanner {
  /** The bytes of the text scanned last; 8 more can be read behind the last word. */
  bytes = new Uint8Array(1 << 12);
  view = new DataView(this.bytes.buffer);
  /** How many words there are. */
  count = 0;
  /** Word `k` lies from `edges[2 * k]` to before `edges[2 * k + 1]`. */
  edges = new Int32Array(1 << 9);

  private readonly separators = new Uint8Array(0x100);
  private readonly encoder = new TextEncoder();

  /** A character that is part of no word. */
  readonly separator: string;

  private constructor(separators: string) {
    this.separator = separators.charAt(0);
    for (const character of separators) this.separators[character.charCodeAt(0)] = 1;
  }

  /** A scanner for these filters and this separator, or `undefined` when it cannot serve. */
  static for(filters: string, split: string): ByteScanner | undefined {
    const serves = split.length === 1 && /^[\0-\x7f]*$/.test(filters + split);
    return serves ? new ByteScanner(filters + split) : undefined;
  }

  /** Whether a text can be scanned: half a surrogate pair, for one, has no bytes. */
  static takes(text: string): boolean {
    return text.length <= LONGEST && isWellFormed(text);
  }

  /**
   * Finds the words of a text.
   *
   * @param text Already lower-cased, and one that {@link ByteScanner.takes}.
   */
  scan(text: string): void {
    const length = this.encode(text);
    if (this.edges.length <= length + 1) this.edges = new Int32Array(2 * length);
    const { bytes, separators, edges } = this;
    // Without a branch, which would be mispredicted at both ends of every word: each place is
    // written down, and kept where the kind of character changes.
    bytes[length] = this.separator.charCodeAt(0);
    let edge = 0;
    let before = 1;
    for (let at = 0; at <= length; at++) {
      const separates = separators[bytes[at] as number] as number;
      edges[edge] = at;
      edge += before ^ separates;
      before = separates;
    }
    this.count = edge >> 1;
  }

  /** Takes a whole text as one word. */
  scanWord(word: string): void {
    this.edges[0] = 0;
    this.edges[1] = this.encode(word);
    this.count = 1;
  }

  private encode(text: string): number {
    const most = text.length * 3 + 8;
    if (this.bytes.length < most) {
      this.bytes = new Uint8Array(2 * most);
      this.view = new DataView(this.bytes.buffer);
    }
    return this.encoder.encodeInto(text, this.bytes).written;
  }
}

/** Whether a text holds whole surrogate pairs only, so that it survives UTF-8. */
function isWellFormed(text: string): boolean {
  // In Node 20 and current browsers, but not yet in the types of ES2023.
  const { isWellFormed: native } = text as { isWellFormed?: () => boolean };
  return native ? native.call(text) : !HALF_PAIR.test(text);
}
