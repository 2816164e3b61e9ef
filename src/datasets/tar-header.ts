/**
 * The headers of tar archives, of which every tool writes its own kind.
 *
 * Source: IEEE Std 1003.1, "pax": ustar Interchange Format and pax Extended Header; the manual of GNU
 * tar, "Basic Tar Format", for long names and numbers in base 256.
 */
import { decodeUtf8 } from '../foundation/utf8.js';

/** A tar archive is made of blocks of so many bytes. */
export const BLOCK = 512;

/** What a header says of its member. */
export interface TarHeader {
  path: string;
  /** Of the content, in bytes. */
  size: number;
  /** What the member is, in a word such as `File`, `Directory` or `SymbolicLink`. */
  type: string;
  /** Where a link leads; '' for all else. */
  link: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '\0': 'File',
  '0': 'File',
  '7': 'File', // contiguous, which no file system is any more
  '1': 'Link',
  '2': 'SymbolicLink',
  '3': 'CharacterDevice',
  '4': 'BlockDevice',
  '5': 'Directory',
  '6': 'FIFO',
  g: 'GlobalExtension',
  x: 'Extension',
  K: 'LongLink',
  L: 'LongPath',
};

/** Whether a block holds nothing, as the two that close an archive. */
export function isEmptyBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** What a header says, or undefined where its checksum does not fit or its size is no number. */
export function readHeader(block: Uint8Array): TarHeader | undefined {
  if (numberAt(block, 148, 8) !== checksum(block)) return undefined;
  const size = numberAt(block, 124, 12);
  if (size === undefined) return undefined;
  const name = textAt(block, 0, 100);
  // In the header of GNU other fields begin at the prefix.
  const isPosix = block[262] === 0 && textAt(block, 257, 6) === 'ustar';
  const prefix = isPosix ? textAt(block, 345, 155) : '';
  const path = prefix === '' ? name : `${prefix}/${name}`;
  const code = String.fromCharCode(block[156]!);
  const type = TYPES[code] ?? `member of the type ${JSON.stringify(code)}`;
  // Before POSIX a folder was a file whose name ends so.
  const isFolder = code === '\0' && path.endsWith('/');
  return { path, size, type: isFolder ? 'Directory' : type, link: textAt(block, 157, 100) };
}

/** The sum of all bytes, those of the checksum itself counted as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at]!;
  for (let at = 156; at < BLOCK; at++) sum += block[at]!;
  return sum;
}

/** The text before the first zero. */
function textAt(block: Uint8Array, from: number, length: number): string {
  if (block[from] === 0) return '';
  let end = from;
  let ascii = true;
  for (; end < from + length && block[end] !== 0; end++) ascii &&= block[end]! < 0x80;
  const bytes = block.subarray(from, end);
  return ascii ? String.fromCharCode(...bytes) : decodeUtf8(bytes, { ignoreBOM: true });
}

/**
 * A number in octal digits, with spaces before and a space or a zero behind it, or in base 256 where
 * the first bit is set; undefined for anything else.
 */
function numberAt(block: Uint8Array, from: number, length: number): number | undefined {
  if (block[from]! >= 0x80) return bytesAt(block, from, length);
  const end = from + length;
  let at = from;
  while (at < end && block[at] === 0x20) at++;
  let value = 0;
  for (; at < end && block[at]! >= 0x30 && block[at]! <= 0x37; at++) {
    value = 8 * value + block[at]! - 0x30;
  }
  return at === end || block[at] === 0 || block[at] === 0x20 ? value : undefined;
}

function bytesAt(block: Uint8Array, from: number, length: number): number | undefined {
  let value = block[from]! & 0x7f;
  if (value >= 0x40) return undefined; // below zero
  for (let at = from + 1; at < from + length; at++) value = 256 * value + block[at]!;
  return value;
}

/**
 * The records of a pax extension, `length key=value\n`, or undefined where they are damaged.
 */
export function readRecords(content: Uint8Array): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const digits = space < 0 ? '' : decodeUtf8(content.subarray(at, space));
    const end = at + Number(digits);
    if (!/^[1-9]\d{0,8}$/.test(digits) || end > content.length || end <= space) return undefined;
    const record = decodeUtf8(content.subarray(space + 1, end), { ignoreBOM: true });
    const equals = record.indexOf('=');
    if (equals < 1 || !record.endsWith('\n')) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1, -1));
    at = end;
  }
  return records;
}
