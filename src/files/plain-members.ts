/** What a plain header says of its member: a file, or a folder where the path ends in a slash. */
export interface PlainHeader {
  path: string;
  /** Of the content, in bytes. */
  size: number;
}

const BLOCK = 512; // bytes: tar is made of blocks

/**
 * Walks over the members of a tar archive whose headers say all there is to say in the fields that
 * every tool reads alike: `ustar`, or GNU's `ustar  `, with a short name of printable characters.
 * The first member, and everything from the first other block on, is for a parser that knows the
 * whole format.
 */
export class PlainMembers {
  readonly #take: (header: PlainHeader) => ((content: Buffer) => void) | undefined;
  readonly #others: (part: Buffer) => void;
  readonly #block = Buffer.alloc(BLOCK); // a header that came in two chunks
  #filled = 0;
  #begun = false;
  #foreign = 0; // bytes that go to the parser
  #parts: Buffer[] = [];
  #missing = 0; // bytes of the content that is being read
  #finish: ((content: Buffer) => void) | undefined;
  #skipped = 0; // bytes to pass over

  /**
   * @param take Hears of each plain member; what it returns is given the content, which it must not
   *   keep. Without, the content is passed over.
   * @param others Is given, in order, all that is not for `take`: always whole members from the
   *   beginning of a header on, or the end of the archive.
   */
  constructor(
    take: (header: PlainHeader) => ((content: Buffer) => void) | undefined,
    others: (part: Buffer) => void,
  ) {
    this.#take = take;
    this.#others = others;
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const left = chunk.length - at;
      if (this.#foreign > 0) {
        const count = Math.min(this.#foreign, left);
        this.#foreign -= count;
        this.#others(chunk.subarray(at, at + count));
        at += count;
      } else if (this.#missing > 0) {
        const count = Math.min(this.#missing, left);
        this.#read(chunk.subarray(at, at + count));
        at += count;
      } else if (this.#skipped > 0) {
        const count = Math.min(this.#skipped, left);
        this.#skipped -= count;
        at += count;
      } else if (this.#filled === 0 && left >= BLOCK) {
        this.#header(chunk, at);
        at += BLOCK;
      } else {
        const count = Math.min(BLOCK - this.#filled, left);
        chunk.copy(this.#block, this.#filled, at, at + count);
        this.#filled += count;
        at += count;
        if (this.#filled === BLOCK) {
          this.#filled = 0;
          this.#header(this.#block, 0);
        }
      }
    }
  }

  #header(chunk: Buffer, at: number): void {
    const header = plainHeader(chunk, at);
    if (header === undefined || !this.#begun) {
      this.#begun = true;
      this.#foreign = header === undefined ? Number.POSITIVE_INFINITY : padded(header.size);
      this.#others(Buffer.from(chunk.subarray(at, at + BLOCK)));
      return;
    }
    const { size } = header;
    this.#finish = this.#take(header);
    this.#missing = this.#finish === undefined ? 0 : size;
    this.#skipped = padded(size) - this.#missing;
    if (this.#finish !== undefined && size === 0) this.#finish(Buffer.alloc(0));
  }

  #read(part: Buffer): void {
    this.#missing -= part.length;
    if (this.#missing === 0 && this.#parts.length === 0) {
      this.#finish?.(part);
      return;
    }
    this.#parts.push(part);
    if (this.#missing > 0) return;
    this.#finish?.(Buffer.concat(this.#parts));
    this.#parts = [];
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

// Offsets of fields, IEEE Std 1003.1 (pax, "ustar Interchange Format").
const NAME = 100; // its length
const SIZE = 124;
const NUMBERS = [100, 108, 116, 136, 329, 337]; // mode, owner, group, time, device
const CHECKSUM = 148;
const TYPE = 156;
const LINK = 157;
const MAGIC = 257;
const PREFIX = 345;

const FILE = 0x30; // '0'
const FOLDER = 0x35; // '5'

/** What the header at `at` says, or undefined where anything about it is not plain. */
export function plainHeader(chunk: Buffer, at: number): PlainHeader | undefined {
  const type = chunk[at + TYPE];
  if (type !== FILE && type !== FOLDER) return undefined;
  if (chunk[at + LINK] !== 0 || !hasPlainMagic(chunk, at + MAGIC)) return undefined;
  // In GNU's header other fields begin at the prefix; where all are empty, both mean the same.
  if (sum(chunk, at + PREFIX, at + BLOCK) > 0) return undefined;
  if (NUMBERS.some((number) => chunk[at + number]! >= 0x80)) return undefined; // in base 256
  const size = octal(chunk, at + SIZE, 11);
  if (size === undefined || octal(chunk, at + CHECKSUM, 6) !== checksum(chunk, at))
    return undefined;
  const length = nameLength(chunk, at);
  const folder = chunk[at + length - 1] === 0x2f; // '/'
  if (length === 0 || folder !== (type === FOLDER) || (folder && size > 0)) return undefined;
  return { path: chunk.toString('latin1', at, at + length), size };
}

const MAGICS = ['ustar\x0000', 'ustar  \0'].map((magic) => Buffer.from(magic, 'latin1'));

function hasPlainMagic(chunk: Buffer, at: number): boolean {
  return MAGICS.some((magic) => magic.every((byte, i) => chunk[at + i] === byte));
}

/** The number of printable ASCII characters before nothing but zeros; 0 where it is otherwise. */
function nameLength(chunk: Buffer, at: number): number {
  let length = 0;
  while (length < NAME && chunk[at + length]! >= 0x20 && chunk[at + length]! <= 0x7e) length++;
  return sum(chunk, at + length, at + NAME) === 0 ? length : 0;
}

/** A number of exactly `digits` octal digits that ends with a zero byte or a space. */
function octal(chunk: Buffer, from: number, digits: number): number | undefined {
  const end = from + digits;
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = chunk[at]! - 0x30;
    if (!(digit >= 0 && digit <= 7)) return undefined;
    value = 8 * value + digit;
  }
  return chunk[end] === 0 || chunk[end] === 0x20 ? value : undefined;
}

/** The sum of all bytes up to the prefix, those of the checksum counted as spaces. */
function checksum(chunk: Buffer, at: number): number {
  return sum(chunk, at, at + CHECKSUM) + 8 * 0x20 + sum(chunk, at + TYPE, at + PREFIX);
}

function sum(chunk: Buffer, from: number, end: number): number {
  let total = 0;
  for (let at = from; at < end; at++) total += chunk[at]!;
  return total;
}
