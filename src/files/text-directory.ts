import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireKnownOptions } from '../foundation/option-checks.js';
import type { ClassFolder, LabelledTexts, TextDirectory } from '../datasets/labelled-texts.js';
import { listTexts, readTexts } from './read-texts.js';
import { rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';
import {
  checkClassNames,
  checkLimit,
  isClassName,
  shareOfLimit,
  type TextProgress,
} from '../datasets/text-file.js';

/** What {@link readTextDirectory} can be told. */
export interface ReadTextDirectoryOptions {
  /** The folders to read; a class's label is its position here. Default: all of them, sorted. */
  classNames?: readonly string[];
  /** At most this many texts, as many of each class as possible: the first by file name. */
  limit?: number;
  /** Called as texts are read, about a hundred times in all. */
  onProgress?: (progress: TextProgress) => void;
}

/**
 * Reads `path/<class>/*.txt`: class by class, and within a class by file name.
 *
 * Without `classNames`, every sub-folder is a class, save hidden ones and `unsup`, which holds the
 * unlabelled reviews of the IMDb dataset. File names sort by code unit, so `10_1.txt` comes before
 * `2_1.txt` on every machine. From a fast disk 32 files are read in each turn of the event loop, from
 * a slow one up to 32 at a time beside it.
 *
 * @param path The folder that holds a folder for each class.
 * @param options Which classes, how many texts, and whom to tell.
 * @throws FileError naming the file or folder that is missing, unreadable, not UTF-8, or longer
 *   than 16 MiB, or the class folder without texts.
 *
 * @example
 * ```ts
 * import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { readTextDirectory } from 'tfjs-recurrent/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'reviews-'));
 * await mkdir(join(folder, 'bad'));
 * await mkdir(join(folder, 'good'));
 * await writeFile(join(folder, 'bad', '1.txt'), 'Two hours of rain.');
 * await writeFile(join(folder, 'good', '1.txt'), 'I laughed until the lights came on.');
 *
 * const { texts, labels, classNames } = await readTextDirectory(folder);
 * console.log(classNames.join(', '));
 * // bad, good
 * console.log(`${labels[1]}: ${texts[1]}`);
 * // 1: I laughed until the lights came on.
 * await rm(folder, { recursive: true });
 * ```
 */
export async function readTextDirectory(
  path: string,
  options: ReadTextDirectoryOptions = {},
): Promise<TextDirectory> {
  const where = 'readTextDirectory';
  requireKnownOptions(where, options, ['classNames', 'limit', 'onProgress']);
  checkLimit(where, options.limit);
  if (options.classNames !== undefined) checkClassNames(where, options.classNames);
  const classNames = [...(options.classNames ?? (await findClasses(path)))];
  const read = await readClasses(
    where,
    path,
    classNames.map((folder, label) => ({ folder, label })),
    options,
  );
  return { ...read, classNames };
}

/** Reads the texts of `classes` below `root`, in the order given. */
export async function readClasses(
  where: string,
  root: string,
  classes: readonly ClassFolder[],
  options: Pick<ReadTextDirectoryOptions, 'limit' | 'onProgress'>,
): Promise<LabelledTexts> {
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [index, { folder, label }] of classes.entries()) {
    const names = await listTexts(where, join(root, folder));
    for (const name of names.slice(0, shareOfLimit(options.limit, classes.length, index))) {
      paths.push(`${folder}/${name}`);
      labels.push(label);
    }
  }
  const step = Math.max(1, Math.floor(paths.length / 100));
  let read = 0;
  const texts = await readTexts(where, root, paths, () => {
    read++;
    if (read % step === 0 || read === paths.length) {
      options.onProgress?.({ texts: read, fraction: read / paths.length });
    }
  });
  return { texts, labels, paths };
}

async function findClasses(path: string): Promise<string[]> {
  const where = 'readTextDirectory';
  const remedy = 'Pass the folder that holds a folder for each class.';
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .filter(isClassName)
      .sort();
    if (folders.length > 0) return folders;
  } catch (error) {
    const code = systemCode(error);
    const expected =
      code === 'ENOENT'
        ? `${path} does not exist`
        : code === 'ENOTDIR'
          ? `${path} must be a folder, but it is a file`
          : `${path} cannot be read (${systemReason(error)})`;
    rejectFile(path, { where, expected, remedy, see: 'unreadable-file' }, error);
  }
  return rejectFile(path, {
    where,
    expected: `${path} holds no class folders`,
    remedy,
    see: 'wrong-folder',
  });
}
