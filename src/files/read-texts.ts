import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readTextInPool, readTextNow, rejectUnreadable } from './read-text.js';
import { rejectFile, systemCode } from '../foundation/reject-file.js';
import { isTextName } from '../datasets/text-file.js';

// Files of one turn of the event loop.
const AT_ONCE = 32;
// A file that the system has in its cache takes a fourth of this, one on a disk several times as
// long.
const SLOW = 0.1; // ms
// So many files are read in the pool before the next look at whether the cache has them.
const IN_POOL = 256;
// More than the four threads that Node.js reads files with, so that none of them waits for
// JavaScript; far below the 1,024 open files that a process may have by default.
const CONCURRENT_READS = 32;

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
          see: 'unreadable-file',
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
    see: 'wrong-folder',
  });
}

/**
 * The texts of the files `root`/`paths[i]`, in that order.
 *
 * To wake a thread of the pool and hear of it takes longer than to read a file that the system has
 * in its cache, so these are read at once; where a disk or a network is slow, several threads wait
 * for it together. After a failure no handle stays open.
 *
 * @param slow From how many milliseconds on a file counts as slow; most of a turn must be.
 */
export async function readTexts(
  where: string,
  root: string,
  paths: readonly string[],
  onText: () => void,
  slow = SLOW,
): Promise<string[]> {
  const texts: string[] = [];
  const next = (count: number) =>
    paths.slice(texts.length, texts.length + count).map((path) => join(root, path));
  while (texts.length < paths.length) {
    let waits = 0;
    for (const file of next(AT_ONCE)) {
      const start = performance.now();
      texts.push(readTextNow(where, file));
      if (performance.now() - start >= slow) waits++;
      onText();
    }
    if (waits <= AT_ONCE / 2) await turn();
    else texts.push(...(await readInPool(where, next(IN_POOL), onText)));
  }
  return texts;
}

/** After a failure it waits for the reads under way, and then throws. */
async function readInPool(
  where: string,
  files: readonly string[],
  onText: () => void,
): Promise<string[]> {
  const texts = new Array<string>(files.length);
  let next = 0;
  let failed = false;
  async function work(): Promise<void> {
    while (!failed && next < files.length) {
      const index = next++;
      try {
        texts[index] = await readTextInPool(where, files[index]!);
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
