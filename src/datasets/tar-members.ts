import { decodeUtf8 } from '../foundation/utf8.js';
import { BLOCK, isEmptyBlock, readHeader, readRecords, type TarHeader } from './tar-header.js';

/** The longest extension of a header; a path of this length is damage or an attack. */
const LONGEST_EXTENSION = 2 ** 20; // bytes

/** Of each member: what it returns is given the content, which it must not keep. */
type Take = (header: TarHeader) => ((content: Uint8Array) => void) | undefined;

/** What extensions say of the member behind them. */
type Extension = Partial<Pick<TarHeader, 'path' | 'size' | 'link'>>;

/** How an archive came to an end. */
export type TarEnd = 'whole' | 'cut' | 'not a tar archive' | 'damaged';

/** Walks over the members of a tar archive that comes in chunks of any length. */
export class TarMembers {
  readonly #take: Take;
  readonly #block = new Uint8Array(BLOCK); // a header that came in two chunks
  #filled = 0;
  #state: 'begin' | 'header' | 'one empty block' | 'end' | 'damaged' = 'begin';
  #begun = false;
  #parts: Uint8Array[] = [];
  #missing = 0; // bytes of the content that is being read
  #finish: ((content: Uint8Array) => void) | undefined;
  #skipped = 0; // bytes to pass over
  #global: Extension = {};
  #next: Extension = {};

  /** @param take Hears of each member. Where it returns nothing the content is passed over. */
  constructor(take: Take) {
    this.#take = take;
  }

  /** Takes the next chunk; returns false where nothing more can be read of it. */
  write(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === 'damaged') return false;
      if (this.#state === 'end') return true; // tools fill the last record with anything
      const left = chunk.length - at;
      let count: number;
      if (this.#missing > 0) {
        count = Math.min(this.#missing, left);
        this.#read(chunk.subarray(at, at + count));
      } else if (this.#skipped > 0) {
        count = Math.min(this.#skipped, left);
        this.#skipped -= count;
      } else if (this.#filled === 0 && left >= BLOCK) {
        count = BLOCK;
        this.#header(chunk.subarray(at, at + BLOCK));
      } else {
        count = Math.min(BLOCK - this.#filled, left);
        this.#block.set(chunk.subarray(at, at + count), this.#filled);
        this.#filled = (this.#filled + count) % BLOCK;
        if (this.#filled === 0) this.#header(this.#block);
      }
      at += count;
    }
    return this.#state !== 'damaged';
  }

  /** Whether the archive was whole: two empty blocks tell it from one that was cut between members. */
  end(): TarEnd {
    if (this.#state === 'end') return 'whole';
    if (this.#state === 'damaged') return this.#begun ? 'damaged' : 'not a tar archive';
    return this.#begun ? 'cut' : 'not a tar archive';
  }

  #header(block: Uint8Array): void {
    if (isEmptyBlock(block)) {
      this.#state = this.#state === 'one empty block' ? 'end' : 'one empty block';
      this.#begun = true;
      return;
    }
    const header = readHeader(block);
    if (header === undefined) {
      this.#state = 'damaged';
      return;
    }
    this.#begun = true;
    this.#state = 'header';
    const read = this.#readerOf(header);
    this.#missing = read === undefined ? 0 : header.size;
    this.#skipped = Math.ceil(header.size / BLOCK) * BLOCK - this.#missing;
    this.#finish = read;
    if (header.size === 0) read?.(new Uint8Array(0));
  }

  /** Reads the content of a member, or of what extends the header of the next one. */
  #readerOf(header: TarHeader): ((content: Uint8Array) => void) | undefined {
    const isExtension = ['GlobalExtension', 'Extension', 'LongLink', 'LongPath'].includes(
      header.type,
    );
    if (!isExtension) {
      Object.assign(header, this.#global, this.#next);
      this.#next = {};
      return this.#take(header);
    }
    if (header.size > LONGEST_EXTENSION) {
      this.#state = 'damaged';
      return undefined;
    }
    return (content) => this.#extend(header.type, content);
  }

  #extend(type: string, content: Uint8Array): void {
    if (type === 'LongPath' || type === 'LongLink') {
      const text = decodeUtf8(content, { ignoreBOM: true }).replace(/\0.*$/s, '');
      this.#next[type === 'LongPath' ? 'path' : 'link'] = text;
      return;
    }
    const records = readRecords(content);
    const size = records?.get('size');
    if (records === undefined || (size !== undefined && !/^\d{1,15}$/.test(size))) {
      this.#state = 'damaged';
      return;
    }
    const extension = type === 'Extension' ? this.#next : this.#global;
    if (records.has('path')) extension.path = records.get('path')!;
    if (records.has('linkpath')) extension.link = records.get('linkpath')!;
    if (size !== undefined) extension.size = Number(size);
  }

  #read(part: Uint8Array): void {
    this.#missing -= part.length;
    if (this.#missing > 0 || this.#parts.length > 0) {
      // A reader of a stream may use the memory of a chunk again.
      this.#parts.push(part.slice());
      if (this.#missing > 0) return;
    }
    const content = this.#parts.length > 0 ? joined(this.#parts) : part;
    this.#parts = [];
    this.#finish?.(content);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
