import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTexts } from '../../src/files/read-texts.js';
import { openFilesBelow } from './open-files.js';

const FILES = 700;
const NEVER_SLOW = Number.POSITIVE_INFINITY;
const ALWAYS_SLOW = 0;

let folder: string;
const paths = Array.from({ length: FILES }, (_, index) => `${index}.txt`);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'texts-test-')));
  for (const path of paths) await writeFile(join(folder, path), `Text ${path}`);
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

describe.each([
  ['at once', NEVER_SLOW],
  ['in the pool', ALWAYS_SLOW],
])('readTexts, %s', (_, slow) => {
  it('reads each file once, in the order of the paths', async () => {
    let reports = 0;
    const texts = await readTexts('test', folder, paths, () => reports++, slow);
    expect(texts).toEqual(paths.map((path) => `Text ${path}`));
    expect(reports).toBe(FILES);
  });

  it('lets the event loop turn, with few files open', async () => {
    let turns = 0;
    let most = 0;
    const watch = setInterval(async () => {
      turns++;
      most = Math.max(most, (await openFilesBelow(folder)).length);
    }, 1);
    await readTexts('test', folder, paths, () => {}, slow);
    clearInterval(watch);
    expect(turns).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(32);
  });

  it('names the file that it cannot read, and leaves none open', async () => {
    const path = join(folder, '600.txt');
    await rm(path);
    const reading = readTexts('test', folder, paths, () => {}, slow);
    await expect(reading).rejects.toThrow(
      `test: ${path} cannot be read (ENOENT: no such file or directory). ` +
        'Check that it exists and that this process may read it.',
    );
    expect(await openFilesBelow(folder)).toEqual([]);
  });

  it('refuses what is longer than any text, without reading it', async () => {
    const path = join(folder, '600.txt');
    await writeFile(path, Buffer.alloc(16 * 2 ** 20 + 1));
    const reading = readTexts('test', folder, paths, () => {}, slow);
    await expect(reading).rejects.toThrow(
      `test: ${path} must be a text of at most 16777216 bytes, received 16777217.`,
    );
  });
});
