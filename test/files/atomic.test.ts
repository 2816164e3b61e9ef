import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { writeFileAtomic } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atomic-test-'));
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

describe('writeFileAtomic', () => {
  it('writes text and bytes, over what was there, and makes folders', async () => {
    const path = join(folder, 'runs', '1', 'history.json');
    await writeFileAtomic(path, '{"löss":[]}');
    expect(await readFile(path, 'utf8')).toBe('{"löss":[]}');
    await writeFileAtomic(path, new Uint8Array([1, 2, 3]));
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(join(folder, 'runs', '1'))).toEqual(['history.json']);
  });

  it('leaves one of the contents when many write at once', async () => {
    const path = join(folder, 'report.html');
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['report.html']);
  });

  it('clears what killed writers of this file left, and nothing else', async () => {
    const dead = 2 ** 22 + 1; // beyond the largest process id of Linux
    const others = [
      `.other.txt.${dead}-0123456789ab.tmp`, // of another file
      `.a.txt.${process.ppid}-0123456789ab.tmp`, // of a process that lives
      '.a.txt.tmp',
    ];
    for (const name of [`.a.txt.${dead}-0123456789ab.tmp`, ...others]) {
      await writeFile(join(folder, name), 'half');
    }
    await writeFileAtomic(join(folder, 'a.txt'), 'whole');
    expect(await readdir(folder)).toEqual([...others, 'a.txt'].sort());
  });

  it('names the file that it cannot write, and leaves nothing behind', async () => {
    const path = join(folder, 'taken');
    await mkdir(path);
    const error = await writeFileAtomic(path, 'x').then(
      () => undefined,
      (reason: unknown) => reason as FileError,
    );
    expect(error).toBeInstanceOf(FileError);
    expect(reasonOf(error)).toBe(
      `writeFileAtomic: ${path} cannot be written (EISDIR: illegal operation on a directory). ` +
        'Check that its folder can be written to and that the disk is not full.',
    );
    expect(error?.path).toBe(path);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
