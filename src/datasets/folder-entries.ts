/** What is in a folder that a page was given, in each of the three ways in which browsers give one. */
import { isClassName, isTextName } from './text-file.js';

/**
 * The `files` of an `<input type="file" webkitdirectory>`, the handle of `showDirectoryPicker`, or the
 * entry of a folder that was dropped, by `item.webkitGetAsEntry()`.
 */
export type PageFolder =
  | FileList
  | readonly File[]
  | FileSystemDirectoryHandle
  | FileSystemDirectoryEntry;

/** A text in a folder of its class. */
export interface ClassFile {
  className: string;
  name: string;
  file(): Promise<File>;
}

/** The types of TypeScript have no lists of what is in a handle, unless a project asks for them. */
interface Listing {
  values(): AsyncIterable<FileSystemHandle>;
}

/** Lists `folder/<class>/*.txt`; nothing where it is none of these. */
export async function listClassFiles(folder: PageFolder): Promise<ClassFile[] | undefined> {
  const listed = await (isHandle(folder)
    ? ofHandle(folder)
    : isEntry(folder)
      ? ofEntry(folder)
      : ofFiles(folder));
  return listed?.filter(({ className, name }) => isClassName(className) && isTextName(name));
}

function isHandle(folder: PageFolder): folder is FileSystemDirectoryHandle {
  return (folder as Partial<FileSystemDirectoryHandle>)?.kind === 'directory';
}

function isEntry(folder: PageFolder): folder is FileSystemDirectoryEntry {
  return typeof (folder as Partial<FileSystemDirectoryEntry>)?.createReader === 'function';
}

function ofFiles(folder: FileList | readonly File[]): ClassFile[] | undefined {
  if (typeof folder !== 'object' || folder === null || !('length' in folder)) return undefined;
  return Array.from(folder).flatMap((file) => {
    // The folder that was chosen, a class in it, and a text in that.
    const [, className, name, ...deeper] = file.webkitRelativePath.split('/');
    if (className === undefined || name === undefined || deeper.length > 0) return [];
    return [{ className, name, file: async () => file }];
  });
}

async function ofHandle(folder: FileSystemDirectoryHandle): Promise<ClassFile[]> {
  const found: ClassFile[] = [];
  for await (const inner of (folder as unknown as Listing).values()) {
    if (inner.kind !== 'directory') continue;
    for await (const handle of (inner as unknown as Listing).values()) {
      if (handle.kind !== 'file') continue;
      const file = () => (handle as FileSystemFileHandle).getFile();
      found.push({ className: inner.name, name: handle.name, file });
    }
  }
  return found;
}

async function ofEntry(folder: FileSystemDirectoryEntry): Promise<ClassFile[]> {
  const found: ClassFile[] = [];
  for (const inner of await entriesOf(folder)) {
    if (!inner.isDirectory) continue;
    for (const entry of await entriesOf(inner as FileSystemDirectoryEntry)) {
      if (!entry.isFile) continue;
      const file = () =>
        new Promise<File>((resolve, reject) =>
          (entry as FileSystemFileEntry).file(resolve, reject),
        );
      found.push({ className: inner.name, name: entry.name, file });
    }
  }
  return found;
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A hundred at a time in Chromium, until none is left.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
