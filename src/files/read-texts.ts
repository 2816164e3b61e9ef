import { close, open, read, stat } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileError } from '../foundation/errors.js';
import { rejectFile, systemCode, systemReason } from './reject-file.js';
import { decodeText, isTextName, LONGEST_TEXT, notUtf8, tooLong } from './text-file.js';

// More than the four threads that Node.js reads files with, so that none of them waits for
// JavaScript; far below the 1,024 open files that a process may have by default.
const CONCURRENT_READS = 32;

// The callback functions read 50,000 small files in less than half the time of node:fs/promises.
const statFile = promisify(stat);
const openFile = promisify(open);
const readBytes = promisify(read);
const closeFile = promisify(close);

/** Names of the texts in `folder`, sorted by UTF-16 code unit as Python's `sorted` does for ASCII. */
export async function listTexts(where: string, folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
      rejectFile(
        folder,
        {
          where,
          expected: `${folder} must be a folder of .txt files, but there is no such folder`,
          remedy: 'Check the path and the names of the classes.',
        },
        error,
      );
    }
    rejectUnreadable(where, folder, error);
  }
  const texts = names.filter(isTextName).sort();
  if (texts.length > 0) return texts;
  return rejectFile(folder, {
    where,
    expected: `${folder} must hold at least one .txt file`,
    remedy: 'Every class needs texts to learn from.',
  });
}

/**
 * The texts of the files `root`/`paths[i]`, in that order, a bounded number at a time. After a
 * failure it waits for the reads under way, so that no handle stays open, and then throws.
 */
export async function readTexts(
  where: string,
  root: string,
  paths: readonly string[],
  onText: () => void,
): Promise<string[]> {
  const texts = new Array<string>(paths.length);
  let next = 0;
  let failed = false;
  async function work(): Promise<void> {
    while (!failed && next < paths.length) {
      const index = next++;
      try {
        texts[index] = await readText(where, join(root, paths[index]!));
        onText();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const workers = Array.from({ length: CONCURRENT_READS }, work);
  const failures = (await Promise.allSettled(workers)).filter((end) => end.status === 'rejected');
  if (failures[0] !== undefined) throw failures[0].reason;
  return texts;
}

async function readText(where: string, path: string): Promise<string> {
  try {
    // Opening a named pipe would wait for a writer for ever; looking at it does not.
    const found = await statFile(path);
    if (!found.isFile()) {
      rejectFile(path, { where, expected: `${path} must be a file`, remedy: 'Take it out.' });
    }
    if (found.size > LONGEST_TEXT) rejectFile(path, tooLong(where, path, found.size));
    const text = decodeText(await readWhole(path, found.size));
    if (text === undefined) rejectFile(path, notUtf8(where, path));
    return text;
  } catch (error) {
    if (error instanceof FileError) throw error;
    return rejectUnreadable(where, path, error);
  }
}

async function readWhole(path: string, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  const file = await openFile(path, 'r');
  try {
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await readBytes(file, bytes, filled, size - filled, filled);
      if (bytesRead === 0) break; // the file was cut short since its size was asked for
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await closeFile(file);
  }
}

function rejectUnreadable(where: string, path: string, error: unknown): never {
  rejectFile(
    path,
    {
      where,
      expected: `${path} cannot be read (${systemReason(error)})`,
      remedy: 'Check that it exists and that this process may read it.',
    },
    error,
  );
}
