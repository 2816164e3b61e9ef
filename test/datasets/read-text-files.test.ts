import { describe, expect, test } from 'vitest';
import { readTextFiles, type TextProgress } from '../../src/index.js';

const TEXTS: Record<string, string> = {
  'good/2.txt': 'A delight.',
  'good/10.txt': 'Très bon.',
  'bad/1.txt': 'A bore.',
  'bad/notes.md': 'no text',
  'bad/deeper/3.txt': 'too deep',
  'unsup/1.txt': 'no label',
  '.hidden/1.txt': 'hidden',
  'list.txt': 'not in a class',
};
const EXPECTED = {
  texts: ['A bore.', 'Très bon.', 'A delight.'],
  labels: [0, 1, 1],
  paths: ['bad/1.txt', 'good/10.txt', 'good/2.txt'],
  classNames: ['bad', 'good'],
};

/** As an input with webkitdirectory gives them. */
function filesOf(texts: Record<string, string | Uint8Array<ArrayBuffer>>): File[] {
  return Object.entries(texts).map(([path, text]) => {
    const file = new File([text], path.split('/').at(-1)!);
    Object.defineProperty(file, 'webkitRelativePath', { value: `reviews/${path}` });
    return file;
  });
}

/** A folder as an object of names, to make handles and entries of. */
interface Tree {
  [name: string]: Tree | string;
}

const TREE = Object.entries(TEXTS).reduce<Tree>((root, [path, text]) => {
  const names = path.split('/');
  const last = names.pop()!;
  const folder = names.reduce((at, name) => {
    at[name] ??= {};
    return at[name] as Tree;
  }, root);
  folder[last] = text;
  return root;
}, {});

/** What showDirectoryPicker gives. */
function handleOf(name: string, tree: Tree | string): object {
  if (typeof tree === 'string') {
    return { kind: 'file', name, getFile: async () => new File([tree], name) };
  }
  async function* values() {
    for (const [inner, each] of Object.entries(tree)) yield handleOf(inner, each);
  }
  return { kind: 'directory', name, values };
}

/** What a dropped folder gives, two entries at a time. */
function entryOf(name: string, tree: Tree | string): object {
  if (typeof tree === 'string') {
    const file = (resolve: (file: File) => void) => resolve(new File([tree], name));
    return { isFile: true, isDirectory: false, name, file };
  }
  const createReader = () => {
    const entries = Object.entries(tree).map(([inner, each]) => entryOf(inner, each));
    return { readEntries: (resolve: (some: object[]) => void) => resolve(entries.splice(0, 2)) };
  };
  return { isFile: false, isDirectory: true, name, createReader };
}

describe('readTextFiles', () => {
  test.each([
    ['the files of an input', filesOf(TEXTS)],
    ['a handle', handleOf('reviews', TREE)],
    ['the entry of a dropped folder', entryOf('reviews', TREE)],
  ])('reads texts by class from %s', async (_, folder) => {
    expect(await readTextFiles(folder as File[])).toEqual(EXPECTED);
  });

  test('takes the classes that it is told, up to a limit, and tells how far it is', async () => {
    const reports: TextProgress[] = [];
    const options = { classNames: ['good', 'bad'], limit: 2 };
    const onProgress = (report: TextProgress) => void reports.push(report);
    expect(await readTextFiles(filesOf(TEXTS), { ...options, onProgress })).toEqual({
      texts: ['Très bon.', 'A bore.'],
      labels: [0, 1],
      paths: ['good/10.txt', 'bad/1.txt'],
      classNames: ['good', 'bad'],
    });
    expect(reports).toEqual([{ texts: 2, fraction: 1 }]);
  });

  test('reads more texts than it reads at once', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`a/${String(i).padStart(3, '0')}.txt`, `text ${i}`]),
    );
    expect((await readTextFiles(filesOf(many))).texts).toEqual(Object.values(many));
  });

  test.each([
    [[], /the folder must hold a folder for each class, with \.txt files in it\. Choose/],
    ['reviews', /folder must be files of a folder, its handle or its entry, received "reviews"/],
    [filesOf({ 'a/1.txt': Uint8Array.of(0xe9) }), /a\/1\.txt is not valid UTF-8\. Save/],
  ])('refuses %s', async (folder, message) => {
    await expect(readTextFiles(folder as File[])).rejects.toThrow(message);
  });

  test('names a class without texts', async () => {
    const asked = readTextFiles(filesOf(TEXTS), { classNames: ['good', 'ugly'] });
    await expect(asked).rejects.toThrow(
      'readTextFiles: ugly must hold at least one .txt file. Every class needs texts to learn from.',
    );
  });
});
