/** readTextFiles: texts by class, from a folder that a page was given. */
import { FileError, reasonOf, reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';
import { fileError, rejectFile } from '../foundation/reject-file.js';
import { type ClassFile, listClassFiles, type PageFolder } from './folder-entries.js';
import type { TextDirectory } from './labelled-texts.js';
import {
  checkClassNames,
  checkLimit,
  decodeText,
  LONGEST_TEXT,
  notUtf8,
  shareOfLimit,
  type TextProgress,
  tooLong,
} from './text-file.js';

/** What {@link readTextFiles} can be told. */
export interface ReadTextFilesOptions {
  /** The folders to read; a class's label is its position here. Default: all of them, sorted. */
  classNames?: readonly string[] | undefined;
  /** At most this many texts, as many of each class as possible: the first by file name. */
  limit?: number | undefined;
  /** Called as texts are read, about a hundred times in all. */
  onProgress?: ((progress: TextProgress) => void) | undefined;
}

const WHERE = 'readTextFiles';

/** Files that are read beside each other. */
const AT_ONCE = 32;

/**
 * Reads the texts of a folder that a visitor has chosen or dropped: `folder/<class>/*.txt`, class by
 * class, and within a class by file name, as `readTextDirectory` does in Node. Nothing is sent anywhere.
 *
 * Without `classNames`, every folder in it is a class, save hidden ones and `unsup`.
 *
 * @param folder The `files` of an `<input type="file" webkitdirectory>`, the handle of
 *   `showDirectoryPicker()`, or the entry of a folder that was dropped (`item.webkitGetAsEntry()`).
 * @param options Which classes, how many texts, and whom to tell.
 * @throws FileError naming the class without texts, and the file that is unreadable, not UTF-8, or longer
 *   than 16 MiB.
 *
 * @example
 * ```ts fragment
 * const input = document.querySelector<HTMLInputElement>('input[webkitdirectory]')!;
 * const { texts, labels, classNames } = await readTextFiles(input.files!);
 * const classifier = await SentimentClassifier.train({ texts, labels }, { classNames });
 * ```
 */
export async function readTextFiles(
  folder: PageFolder,
  options: ReadTextFilesOptions = {},
): Promise<TextDirectory> {
  requireKnownOptions(WHERE, options, ['classNames', 'limit', 'onProgress']);
  const { limit, onProgress } = options;
  checkLimit(WHERE, limit);
  if (options.classNames !== undefined) checkClassNames(WHERE, options.classNames);
  const found = await listClassFiles(folder);
  if (found === undefined) {
    reject({
      where: WHERE,
      expected: 'folder must be files of a folder, its handle or its entry',
      received: folder,
      remedy: 'An <input type="file" webkitdirectory> has its files.',
    });
  }
  const classNames = [...(options.classNames ?? foundClasses(found))];
  const wanted = classNames.flatMap((name, index) =>
    ofClass(found, name).slice(0, shareOfLimit(limit, classNames.length, index)),
  );
  const paths = wanted.map(({ className, name }) => `${className}/${name}`);
  const texts: string[] = [];
  let reported = 0;
  while (texts.length < wanted.length) {
    const some = wanted.slice(texts.length, texts.length + AT_ONCE);
    texts.push(...(await Promise.all(some.map(readText))));
    const fraction = texts.length / wanted.length;
    if (fraction < 1 && fraction - reported < 0.01) continue;
    reported = fraction;
    onProgress?.({ texts: texts.length, fraction });
  }
  const labels = wanted.map(({ className }) => classNames.indexOf(className));
  return { texts, labels, paths, classNames };
}

function foundClasses(found: readonly ClassFile[]): string[] {
  const names = [...new Set(found.map(({ className }) => className))].sort();
  if (names.length > 0) return names;
  return rejectFile('the folder', {
    where: WHERE,
    expected: 'the folder must hold a folder for each class, with .txt files in it',
    remedy: 'Choose the folder that holds those of the classes.',
    see: 'wrong-folder',
  });
}

function ofClass(found: readonly ClassFile[], className: string): ClassFile[] {
  const files = found.filter((file) => file.className === className);
  if (files.length > 0) return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return rejectFile(className, {
    where: WHERE,
    expected: `${className} must hold at least one .txt file`,
    remedy: 'Every class needs texts to learn from.',
    see: 'wrong-folder',
  });
}

async function readText({ className, name, file }: ClassFile): Promise<string> {
  const path = `${className}/${name}`;
  try {
    const blob = await file();
    if (blob.size > LONGEST_TEXT) rejectFile(path, tooLong(WHERE, path, blob.size));
    const text = decodeText(new Uint8Array(await blob.arrayBuffer()));
    return text ?? rejectFile(path, notUtf8(WHERE, path));
  } catch (error) {
    if (error instanceof FileError) throw error;
    const reason = reasonOf(error);
    const remedy = 'Choose the folder again.';
    const expected = `${path} cannot be read (${reason})`;
    throw fileError(path, { where: WHERE, expected, remedy, see: 'unreadable-file' }, error);
  }
}
