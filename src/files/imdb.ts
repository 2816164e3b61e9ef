import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requireKnownOptions } from '../foundation/option-checks.js';
import { classesOf, type Half, type Imdb, imdbFrom, reviewKey } from '../datasets/imdb-reviews.js';
import type { LabelledTexts } from '../datasets/labelled-texts.js';
import { rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';
import { readClasses } from './text-directory.js';
import { checkLimit, type TextProgress } from '../datasets/text-file.js';

/** What {@link loadImdb} can be told. */
export interface LoadImdbOptions {
  /**
   * At most this many texts of each half, equally many of both classes: the first by file name.
   * Default: all 25,000.
   */
  limit?: number;
  /** Called as texts are read, at most two hundred times in all. */
  onProgress?: (progress: TextProgress) => void;
}

const WHERE = 'loadImdb';
const REMEDY =
  'Pass the folder aclImdb, a folder that holds it, or aclImdb_v1.tar.gz; ' +
  'downloadImdb(directory) fetches the archive.';

/**
 * Loads the IMDb reviews (Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011)
 * from the unpacked folder or straight from the archive, of which nothing is unpacked to disk.
 *
 * Folder and archive give the same result: the positive reviews (label 1), then the negative ones
 * (label 0), each by file name as Python's `sorted` has it, with paths such as
 * `train/pos/0_9.txt`. The unlabelled reviews in `train/unsup` are left out. The order is not
 * shuffled: split off a validation set only after shuffling.
 *
 * @param path The folder `aclImdb`, a folder that holds it, or the archive, gzipped or not.
 * @param options How many texts, and whom to tell.
 * @throws FileError naming the file at fault: missing class folders, unreadable or overlong files,
 *   bytes that are not UTF-8, a truncated or damaged archive, members that climb out of the
 *   archive, are links, or come twice.
 *
 * @example
 * ```ts
 * import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { loadImdb } from 'tfjs-recurrent/node';
 *
 * // A dataset of four reviews, in the layout of the real one.
 * const folder = await mkdtemp(join(tmpdir(), 'imdb-'));
 * for (const half of ['train', 'test']) {
 *   for (const [name, review] of [['pos', 'A delight.'], ['neg', 'A bore.']] as const) {
 *     await mkdir(join(folder, 'aclImdb', half, name), { recursive: true });
 *     await writeFile(join(folder, 'aclImdb', half, name, '0_9.txt'), review);
 *   }
 * }
 *
 * const { train } = await loadImdb(folder);
 * console.log(train.texts.join(' '), train.labels.join(' '), train.paths.join(' '));
 * // A delight. A bore. 1 0 train/pos/0_9.txt train/neg/0_9.txt
 * await rm(folder, { recursive: true });
 * ```
 */
export async function loadImdb(path: string, options: LoadImdbOptions = {}): Promise<Imdb> {
  requireKnownOptions(WHERE, options, ['limit', 'onProgress']);
  checkLimit(WHERE, options.limit);
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    const expected =
      systemCode(error) === 'ENOENT'
        ? `${path} does not exist`
        : `${path} cannot be read (${systemReason(error)})`;
    return rejectFile(path, { where: WHERE, expected, remedy: REMEDY, see: 'wrong-folder' }, error);
  }
  if (found.isDirectory()) return fromFolder(path, options);
  if (found.isFile()) return fromArchive(path, options);
  return rejectFile(path, {
    where: WHERE,
    expected: `${path} must be a folder or an archive`,
    remedy: REMEDY,
    see: 'wrong-folder',
  });
}

async function fromFolder(path: string, options: LoadImdbOptions): Promise<Imdb> {
  const root = await findRoot(path);
  let read = 0;
  const load = async (half: Half, from: number): Promise<LabelledTexts> => {
    let inHalf = 0;
    const texts = await readClasses(WHERE, root, classesOf(half), {
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      onProgress: ({ texts, fraction }) => {
        inHalf = texts;
        options.onProgress?.({ texts: read + inHalf, fraction: from + fraction / 2 });
      },
    });
    read += inHalf;
    return texts;
  };
  return { train: await load('train', 0), test: await load('test', 0.5) };
}

async function findRoot(path: string): Promise<string> {
  for (const root of [path, join(path, 'aclImdb')]) {
    for (const half of ['train', 'test']) {
      if (await isDirectory(join(root, half))) return root;
    }
  }
  return rejectFile(path, {
    where: WHERE,
    expected: `${path} holds neither the folders train and test nor the folder aclImdb`,
    remedy: REMEDY,
    see: 'wrong-folder',
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function fromArchive(path: string, options: LoadImdbOptions): Promise<Imdb> {
  // Only here, since what unpacks archives takes a while to load.
  const { readArchiveTexts } = await import('./archive.js');
  const found = await readArchiveTexts(WHERE, path, { ...options, select: reviewKey });
  return imdbFrom(found, { where: WHERE, path, limit: options.limit, remedy: REMEDY });
}
