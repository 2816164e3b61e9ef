/**
 * JSON as Python's `json.dumps` writes it, and maps read back in their written order.
 *
 * `JSON.parse` would move keys such as "10" to the front, and the order of words carries meaning.
 */
import { decodeUtf8 } from '../../foundation/utf8.js';
import { enlarge } from './word-table.js';

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A string in quotes, all outside printable ASCII escaped, as `json.dumps` does by default. */
export function quote(text: string): string {
  // Of ASCII, JSON.stringify leaves only the last as it is.
  if (/^[\0-~]*$/.test(text)) return JSON.stringify(text);
  const escaped = text.replace(/[^ !#-[\]-~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** A map as the object that `json.dumps` writes, in the order of the map. */
export function writeMap(map: ReadonlyMap<string | number, string | number>): string {
  const text = new AsciiText();
  text.add('{');
  let separator = '';
  // An iterator would make an array for every entry.
  map.forEach((value, key) => {
    text.add(separator);
    separator = ', ';
    text.addQuoted(String(key));
    text.add(': ');
    if (typeof value === 'string') text.addQuoted(value);
    else text.add(String(value));
  });
  text.add('}');
  return text.toString();
}

// Strings for every key and value, to be joined at the end, would take thirty times the memory of
// the text, half a million of them for a vocabulary of 90,000 words.
class AsciiText {
  private bytes = new Uint8Array(1 << 16);
  private length = 0;

  add(text: string): void {
    const { length } = text;
    this.reserve(length);
    for (let k = 0; k < length; k++) this.bytes[this.length + k] = text.charCodeAt(k);
    this.length += length;
  }

  addQuoted(text: string): void {
    if (!isPlain(text)) {
      this.add(quote(text));
      return;
    }
    this.reserve(text.length + 2);
    this.bytes[this.length++] = QUOTE;
    this.add(text);
    this.bytes[this.length++] = QUOTE;
  }

  toString(): string {
    return decodeUtf8(this.bytes.subarray(0, this.length));
  }

  private reserve(count: number): void {
    // Two quotes more than `add` asks for itself.
    if (this.bytes.length < this.length + count + 2) {
      this.bytes = enlarge(this.bytes, 2 * (this.length + count + 2));
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether a string in JSON is itself in quotes. */
function isPlain(text: string): boolean {
  for (let k = 0; k < text.length; k++) {
    const unit = text.charCodeAt(k);
    if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return false;
  }
  return true;
}

/**
 * Reads a flat JSON object of strings and numbers in its written order.
 *
 * @returns The map, or `undefined` when the text is not such an object. Of a repeated key the last
 *   value counts, as in Python.
 */
export function readMap(text: string): Map<string, string | number> | undefined {
  const map = new Map<string, string | number>();
  const reader = new JsonReader(text);
  if (!reader.take('{')) return undefined;
  if (!reader.take('}')) {
    do {
      const key = reader.takeString();
      if (key === undefined || !reader.take(':')) return undefined;
      const value = reader.takeString() ?? reader.takeNumber();
      if (value === undefined) return undefined;
      map.set(key, value);
    } while (reader.take(','));
    if (!reader.take('}')) return undefined;
  }
  return reader.done ? map : undefined;
}

// Makes no string but those that it returns: a vocabulary has half a million keys and values.
class JsonReader {
  private readonly number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  private readonly string = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
  private at = 0;
  private escape: number; // where the next backslash is

  constructor(private readonly text: string) {
    this.escape = this.find('\\', 0);
  }

  get done(): boolean {
    return this.at === this.text.length;
  }

  /** Takes one character and the white space around it, if it is next. */
  take(character: string): boolean {
    this.takeSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    this.takeSpace();
    return true;
  }

  takeString(): string | undefined {
    const { text, at } = this;
    if (text.charCodeAt(at) !== QUOTE) return undefined;
    if (this.escape < at) this.escape = this.find('\\', at);
    const end = text.indexOf('"', at + 1);
    if (end !== -1 && end < this.escape) {
      this.at = end + 1;
      return text.slice(at + 1, end);
    }
    this.string.lastIndex = at;
    if (!this.string.test(text)) return undefined;
    this.at = this.string.lastIndex;
    try {
      return JSON.parse(text.slice(at, this.at)) as string;
    } catch {
      return undefined;
    }
  }

  takeNumber(): number | undefined {
    this.number.lastIndex = this.at;
    if (!this.number.test(this.text)) return undefined;
    const start = this.at;
    this.at = this.number.lastIndex;
    return Number(this.text.slice(start, this.at));
  }

  private takeSpace(): void {
    while (SPACE.has(this.text.charCodeAt(this.at))) this.at++;
  }

  private find(character: string, from: number): number {
    const found = this.text.indexOf(character, from);
    return found === -1 ? this.text.length : found;
  }
}

const SPACE = new Set([...' \t\n\r'].map((unit) => unit.charCodeAt(0)));
