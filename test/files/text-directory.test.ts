import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { readTextDirectory } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'texts-test-')));
  await write('sport/b.txt', 'A goal.');
  await write('sport/a.txt', 'A race.');
  await write('sport/B.txt', 'A match.');
  await write('film/1.txt', 'A scene.');
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
}

describe('readTextDirectory', () => {
  it('labels the texts of each folder by the place of its name, in an order that never changes', async () => {
    expect(await readTextDirectory(folder)).toEqual({
      texts: ['A scene.', 'A match.', 'A race.', 'A goal.'],
      labels: [0, 1, 1, 1],
      classNames: ['film', 'sport'],
      paths: ['film/1.txt', 'sport/B.txt', 'sport/a.txt', 'sport/b.txt'],
    });
  });

  it('passes over the unlabelled texts of the IMDb dataset, hidden folders and other files', async () => {
    await write('unsup/0_0.txt', 'No label.');
    await write('.cache/1.txt', 'Hidden.');
    await write('sport/.1.txt', 'Hidden.');
    await write('sport/list.csv', 'No text.');
    await write('README', 'No class.');
    const { classNames, texts } = await readTextDirectory(folder);
    expect(classNames).toEqual(['film', 'sport']);
    expect(texts).toHaveLength(4);
  });

  it('reads the classes that are asked for, in that order', async () => {
    await write('music/1.txt', 'A chord.');
    const { texts, labels, classNames } = await readTextDirectory(folder, {
      classNames: ['music', 'film'],
    });
    expect(texts).toEqual(['A chord.', 'A scene.']);
    expect(labels).toEqual([0, 1]);
    expect(classNames).toEqual(['music', 'film']);
  });

  it('shares a limit out among the classes', async () => {
    const { labels } = await readTextDirectory(folder, { limit: 3 });
    expect(labels).toEqual([0, 1]); // two of film, which has one, and one of sport
  });

  it('follows links to files and folders', async () => {
    await symlink(join(folder, 'film'), join(folder, 'cinema'));
    await symlink(join(folder, 'sport', 'a.txt'), join(folder, 'film', '2.txt'));
    const { texts } = await readTextDirectory(folder, { classNames: ['cinema'] });
    expect(texts).toEqual(['A scene.', 'A race.']);
  });

  it('reads thousands of files with few of them open at a time', async () => {
    for (let index = 0; index < 2000; index++) await write(`film/${index}.txt`, `Scene ${index}.`);
    let most = 0;
    const reports: number[] = [];
    const watch = setInterval(async () => {
      most = Math.max(most, (await openFilesBelow(folder)).length);
    }, 1);
    const { texts } = await readTextDirectory(folder, {
      onProgress: ({ texts, fraction }) => {
        reports.push(texts);
        expect(fraction).toBeCloseTo(texts / 2003);
      },
    });
    clearInterval(watch);
    expect(texts).toHaveLength(2003);
    expect(texts[1]).toBe('Scene 1.');
    expect(most).toBeLessThanOrEqual(32);
    expect(reports.at(-1)).toBe(2003);
    expect(reports.length).toBeLessThanOrEqual(110);
  });
});

describe('readTextDirectory names what is wrong', () => {
  async function failure(path: string, options = {}): Promise<string> {
    const error = await readTextDirectory(path, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileError);
    return reasonOf(error);
  }

  it('no such folder', async () => {
    const path = join(folder, 'none');
    expect(await failure(path)).toBe(
      `readTextDirectory: ${path} does not exist. Pass the folder that holds a folder for each class.`,
    );
  });

  it('a file in place of a folder', async () => {
    const path = join(folder, 'film', '1.txt');
    expect(await failure(path)).toBe(
      `readTextDirectory: ${path} must be a folder, but it is a file. ` +
        'Pass the folder that holds a folder for each class.',
    );
  });

  it('a folder without classes', async () => {
    const path = join(folder, 'film');
    expect(await failure(path)).toBe(
      `readTextDirectory: ${path} holds no class folders. ` +
        'Pass the folder that holds a folder for each class.',
    );
  });

  it('a class that is not there', async () => {
    expect(await failure(folder, { classNames: ['film', 'theatre'] })).toBe(
      `readTextDirectory: ${join(folder, 'theatre')} must be a folder of .txt files, but there is ` +
        'no such folder. Check the path and the names of the classes.',
    );
  });

  it('a class without texts', async () => {
    await write('empty/notes.md', '');
    expect(await failure(folder)).toBe(
      `readTextDirectory: ${join(folder, 'empty')} must hold at least one .txt file. ` +
        'Every class needs texts to learn from.',
    );
  });

  it('bytes that are not UTF-8', async () => {
    await write('film/2.txt', new Uint8Array([0x41, 0xff]));
    expect(await failure(folder)).toBe(
      `readTextDirectory: ${join(folder, 'film/2.txt')} is not valid UTF-8. ` +
        'Save the file again with the encoding UTF-8, or leave it out.',
    );
  });

  it.runIf(process.platform !== 'win32')('a named pipe, for which it does not wait', async () => {
    const path = join(folder, 'film', '2.txt');
    execFileSync('mkfifo', [path]);
    expect(await failure(folder)).toBe(
      `readTextDirectory: ${path} must be a file. Move it out of the folder.`,
    );
  });

  it('class names that are no names of folders', async () => {
    await expect(readTextDirectory(folder, { classNames: ['../film'] })).rejects.toThrow(
      'readTextDirectory: classNames must be names of folders directly below the path, ' +
        'received "../film".',
    );
    await expect(readTextDirectory(folder, { classNames: ['film', 'film'] })).rejects.toThrow(
      'readTextDirectory: classNames must be at least one folder, and name each once, ' +
        'received ["film", "film"]. Leave it out to read every folder.',
    );
    await expect(readTextDirectory(folder, { classNames: [] })).rejects.toThrow('received [].');
  });

  it('a limit that is not a positive integer', async () => {
    await expect(readTextDirectory(folder, { limit: 0 })).rejects.toThrow(
      'readTextDirectory: limit must be a positive integer, received 0. ' +
        'Leave it out to read every text.',
    );
  });
});
