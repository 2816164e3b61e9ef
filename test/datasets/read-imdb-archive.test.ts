import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { reasonOf } from '../../src/foundation/errors.js';
import { FileError, loadImdb, readImdbArchive, type TextProgress } from '../../src/node.js';
import { type Member, tarBytes } from './tar-bytes.js';

const REVIEWS: Member[] = ['train', 'test'].flatMap((half) =>
  ['neg', 'pos', 'unsup'].flatMap((name, k) =>
    Array.from({ length: 40 }, (_, i) => ({
      name: `aclImdb/${half}/${name}/${i}_${3 * k}.txt`,
      content: `${name} ${'très bon, '.repeat(i)}${half} ${i}<br />`,
    })),
  ),
);
const TAR = tarBytes(REVIEWS);
const GZIPPED = gzipSync(TAR);

const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = 'aclImdb_v1.tar.gz') =>
  new File([bytes], name);

/** A stream that gives its bytes in parts. */
function streamOf(bytes: Uint8Array, part: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + part));
      at += part;
    },
  });
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('It did not reject.'),
    (error: FileError) => error,
  );

describe('readImdbArchive', () => {
  test('reads what loadImdb reads, from files and from streams, gzipped or not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    await writeFile(join(folder, 'a.tar.gz'), GZIPPED);
    const expected = await loadImdb(join(folder, 'a.tar.gz'));
    await rm(folder, { recursive: true });
    expect(expected.train.texts).toHaveLength(80);
    for (const archive of [fileOf(GZIPPED as never), fileOf(TAR as never, 'a.tar')]) {
      expect(await readImdbArchive(archive)).toEqual(expected);
    }
    for (const part of [1, 100, 5000]) {
      expect(await readImdbArchive(streamOf(GZIPPED, part))).toEqual(expected);
    }
    expect(await readImdbArchive(streamOf(TAR, 1000))).toEqual(expected);
  });

  test('takes the first texts of each class up to a limit', async () => {
    const { train, test } = await readImdbArchive(fileOf(GZIPPED as never), { limit: 3 });
    const first = ['0_3', '10_3', '0_0'].map((name, i) => `${i < 2 ? 'pos' : 'neg'}/${name}.txt`);
    expect(train.paths).toEqual(first.map((path) => `train/${path}`));
    expect(test.paths).toEqual(first.map((path) => `test/${path}`));
  });

  test('tells how far it is', async () => {
    const reports: TextProgress[] = [];
    const onProgress = (report: TextProgress) => void reports.push(report);
    await readImdbArchive(streamOf(GZIPPED, 64), { onProgress });
    expect(reports).toEqual([{ texts: 160, fraction: 1 }]);
    reports.length = 0;
    await readImdbArchive(fileOf(TAR as never), { onProgress });
    expect(reports.at(-1)).toEqual({ texts: 160, fraction: 1 });
    expect(reports).toEqual([...reports].sort((a, b) => a.fraction - b.fraction));
  });

  test('names the file that is damaged, and what is wrong with it', async () => {
    const messageOf = async (archive: Blob | ReadableStream<Uint8Array>) => {
      const failure = await failureOf(readImdbArchive(archive));
      expect(failure).toBeInstanceOf(FileError);
      return reasonOf(failure);
    };
    expect(await messageOf(fileOf(GZIPPED.subarray(0, 2000) as never))).toMatch(
      /^readImdbArchive: aclImdb_v1\.tar\.gz is damaged, or ends too early: its gzip data cannot/,
    );
    expect(await messageOf(fileOf(TAR.subarray(0, 5000) as never, 'a.tar'))).toMatch(
      /^readImdbArchive: a\.tar is truncated in or after aclImdb\/train\/neg\/.+ Download it again\.$/,
    );
    expect(await messageOf(new Blob(['<html>404</html>']))).toBe(
      'readImdbArchive: the archive is not a tar archive. Download it again.',
    );
    expect(await messageOf(fileOf(tarBytes([{ name: 'a.txt' }]) as never, 'b.tar'))).toMatch(
      /^readImdbArchive: b\.tar must hold \.txt files in train\/pos\. It is the file aclImdb_v1/,
    );
  });

  test('passes on why a stream has failed', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new TypeError('network error')),
    });
    expect(reasonOf(await failureOf(readImdbArchive(broken)))).toBe(
      'readImdbArchive: the archive cannot be read (network error). Choose the file again.',
    );
  });

  test('stops reading when it fails, or onProgress throws', async () => {
    let cancelled: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(600).fill(65)),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const failure = await failureOf(readImdbArchive(endless));
    expect(cancelled).toBe(failure);
    const onProgress = () => {
      throw new Error('enough');
    };
    await expect(readImdbArchive(fileOf(TAR as never), { onProgress })).rejects.toThrow('enough');
  });

  test('refuses what is no archive at all', async () => {
    await expect(readImdbArchive('aclImdb_v1.tar.gz' as never)).rejects.toThrow(
      /^readImdbArchive: archive must be a File, a Blob or a ReadableStream, received "aclImdb/,
    );
    await expect(readImdbArchive(fileOf(GZIPPED as never), { limit: 0 })).rejects.toThrow(
      /limit must be a positive integer/,
    );
  });
});
