import { type Complaint, reject } from '../foundation/errors.js';

/** How far a reader of many texts has come. */
export interface TextProgress {
  /** Texts read so far. */
  texts: number;
  /** The share of the work that is done, from 0 to 1. */
  fraction: number;
}

/** The longest text that is read, 16 MiB: more in one review is damage or an attack. */
export const LONGEST_TEXT = 16 * 2 ** 20;

/** Whether a file of this name holds a text: `*.txt`, and not hidden as macOS's `._0_9.txt` is. */
export function isTextName(name: string): boolean {
  return name.endsWith('.txt') && !name.startsWith('.');
}

/** Text of `bytes`, without a byte order mark; undefined where they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  strict ??= new TextDecoder('utf-8', { fatal: true });
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

let strict: TextDecoder | undefined;

/** The complaint about a text whose bytes are not UTF-8. */
export function notUtf8(where: string, name: string): Complaint {
  return {
    where,
    expected: `${name} is not valid UTF-8`,
    remedy: 'Save the file again with the encoding UTF-8, or leave it out.',
    see: 'not-utf-8',
  };
}

/** The complaint about a text beyond {@link LONGEST_TEXT}. */
export function tooLong(where: string, name: string, bytes: number): Complaint {
  return {
    where,
    expected: `${name} must be a text of at most ${LONGEST_TEXT} bytes`,
    received: bytes,
    remedy: 'Split the file, or leave it out.',
    see: 'unreadable-file',
  };
}

/** Throws unless `limit` is undefined or a positive integer. */
export function checkLimit(where: string, limit: number | undefined): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit > 0)) return;
  reject({
    where,
    expected: 'limit must be a positive integer',
    received: limit,
    remedy: 'Leave it out to read every text.',
  });
}

/** Of `limit` texts over `classes` classes, those that the class at `index` gives. */
export function shareOfLimit(limit: number | undefined, classes: number, index: number): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(limit / classes) + (index < limit % classes ? 1 : 0);
}

/** Throws unless these are names of folders, each once. */
export function checkClassNames(where: string, classNames: readonly string[]): void {
  for (const name of classNames) {
    if (typeof name === 'string' && /^[^/\\]+$/.test(name) && name !== '.' && name !== '..')
      continue;
    reject({
      where,
      expected: 'classNames must be names of folders directly below the path',
      received: name,
    });
  }
  if (classNames.length === 0 || new Set(classNames).size < classNames.length) {
    reject({
      where,
      expected: 'classNames must be at least one folder, and name each once',
      received: classNames,
      remedy: 'Leave it out to read every folder.',
    });
  }
}

/** Whether a folder is a class: not a hidden one, nor the unlabelled reviews of the IMDb dataset. */
export function isClassName(name: string): boolean {
  return !name.startsWith('.') && name !== 'unsup';
}
