/** One text from a file, at once or in Node's pool of threads. */
import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  open,
  openSync,
  read,
  readSync,
  type Stats,
} from 'node:fs';
import { promisify } from 'node:util';
import { FileError } from '../foundation/errors.js';
import { rejectFile, systemReason } from '../foundation/reject-file.js';
import { decodeText, LONGEST_TEXT, notUtf8, tooLong } from '../datasets/text-file.js';

// Opening a named pipe would wait for a writer for ever; so it does not. Windows has no such flag.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

// The callback functions read 50,000 small files in less than half the time of node:fs/promises.
const openFile = promisify(open);
const statFile = promisify(fstat);
const readBytes = promisify(read);
const closeFile = promisify(close);

/** Reads a file while everything else waits. */
export function readTextNow(where: string, path: string): string {
  try {
    const file = openSync(path, FLAGS);
    try {
      const size = textSize(where, path, fstatSync(file));
      const bytes = Buffer.allocUnsafe(size);
      let filled = 0;
      while (filled < size) {
        const bytesRead = readSync(file, bytes, filled, size - filled, filled);
        if (bytesRead === 0) break; // the file was cut short since its size was asked for
        filled += bytesRead;
      }
      return decode(where, path, bytes.subarray(0, filled));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    return rejectUnreadable(where, path, error);
  }
}

/** The same while a thread of the pool waits for the disk. */
export async function readTextInPool(where: string, path: string): Promise<string> {
  try {
    const file = await openFile(path, FLAGS);
    try {
      const size = textSize(where, path, await statFile(file));
      const bytes = Buffer.allocUnsafe(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await readBytes(file, bytes, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return decode(where, path, bytes.subarray(0, filled));
    } finally {
      await closeFile(file);
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    return rejectUnreadable(where, path, error);
  }
}

function textSize(where: string, path: string, found: Stats): number {
  if (!found.isFile()) {
    rejectFile(path, {
      where,
      expected: `${path} must be a file`,
      remedy: 'Move it out of the folder.',
      see: 'unreadable-file',
    });
  }
  if (found.size > LONGEST_TEXT) rejectFile(path, tooLong(where, path, found.size));
  return found.size;
}

function decode(where: string, path: string, bytes: Buffer): string {
  const text = decodeText(bytes);
  return text ?? rejectFile(path, notUtf8(where, path));
}

/** Throws for a file or folder that the system does not let us read. */
export function rejectUnreadable(where: string, path: string, error: unknown): never {
  rejectFile(
    path,
    {
      where,
      expected: `${path} cannot be read (${systemReason(error)})`,
      remedy: 'Check that it exists and that this process may read it.',
      see: 'unreadable-file',
    },
    error,
  );
}
