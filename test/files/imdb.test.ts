import { execFileSync } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { loadImdb } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';
import { type Member, memberBytes, tarBytes } from '../datasets/tar-bytes.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'imdb-test-')));
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Two halves of two classes; ratings and texts as in the dataset, out of order as in an archive. */
const REVIEWS: Record<string, string> = {
  'test/neg/1_2.txt': 'Dull.',
  'test/neg/0_3.txt': 'Duller.',
  'test/pos/0_10.txt': 'Grand.',
  'test/pos/1_9.txt': 'Grander.',
  'train/neg/0_1.txt': 'Bad.',
  'train/neg/10_4.txt': 'Worse.',
  'train/neg/2_4.txt': '',
  'train/pos/2_8.txt': 'Good, très bon, 良い, 👍.',
  'train/pos/10_7.txt': 'Better.',
  'train/pos/1_9.txt': 'Best.<br /><br />',
};

const REST: Record<string, string> = {
  README: 'Large Movie Review Dataset',
  'imdb.vocab': 'the\nand\n',
  'train/urls_pos.txt': 'http://example.org/1',
  'train/pos/._1_9.txt': 'resource fork',
  'train/pos/notes.md': 'not a review',
  'train/unsup/0_0.txt': 'No label.',
};

const EXPECTED = {
  train: {
    texts: ['Best.<br /><br />', 'Better.', 'Good, très bon, 良い, 👍.', 'Bad.', 'Worse.', ''],
    labels: [1, 1, 1, 0, 0, 0],
    paths: [
      'train/pos/1_9.txt',
      'train/pos/10_7.txt',
      'train/pos/2_8.txt',
      'train/neg/0_1.txt',
      'train/neg/10_4.txt',
      'train/neg/2_4.txt',
    ].sort(byClassThenName),
  },
  test: {
    texts: ['Grand.', 'Grander.', 'Duller.', 'Dull.'],
    labels: [1, 1, 0, 0],
    paths: ['test/pos/0_10.txt', 'test/pos/1_9.txt', 'test/neg/0_3.txt', 'test/neg/1_2.txt'],
  },
};
EXPECTED.train.texts = EXPECTED.train.paths.map((path) => REVIEWS[path]!);

function byClassThenName(a: string, b: string): number {
  const isNegative = (path: string) => Number(path.includes('/neg/'));
  return isNegative(a) - isNegative(b) || (a < b ? -1 : 1);
}

async function writeTree(root: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

const MEMBERS: Member[] = [
  { name: 'aclImdb/', type: '5' },
  ...Object.entries({ ...REVIEWS, ...REST }).map(([path, content]) => ({
    name: `aclImdb/${path}`,
    content,
  })),
];

async function writeArchive(bytes: Uint8Array, name = 'aclImdb_v1.tar.gz'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** The message of the FileError that loading ends with. */
async function failure(path: string, limit?: number): Promise<string> {
  const before = await readdir(folder);
  const error = await loadImdb(path, limit === undefined ? {} : { limit }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FileError);
  expect(await readdir(folder)).toEqual(before);
  return reasonOf(error);
}

describe('loadImdb', () => {
  it('reads the folder aclImdb, a folder that holds it, and archives, with one result', async () => {
    await writeTree(join(folder, 'aclImdb'), { ...REVIEWS, ...REST });
    expect(await loadImdb(join(folder, 'aclImdb'))).toEqual(EXPECTED);
    expect(await loadImdb(folder)).toEqual(EXPECTED);
    expect(await loadImdb(await writeArchive(gzipSync(tarBytes(MEMBERS))))).toEqual(EXPECTED);
    expect(await loadImdb(await writeArchive(tarBytes(MEMBERS), 'a.tar'))).toEqual(EXPECTED);
    execFileSync('tar', ['czf', 'packed.tgz', '-C', 'aclImdb', '.'], { cwd: folder });
    expect(await loadImdb(join(folder, 'packed.tgz'))).toEqual(EXPECTED);
  });

  it('takes the first texts of each class up to a limit, alike from folder and archive', async () => {
    await writeTree(join(folder, 'aclImdb'), REVIEWS);
    const archive = await writeArchive(gzipSync(tarBytes(MEMBERS)));
    for (const limit of [1, 2, 3, 5, 1000]) {
      const { train, test } = await loadImdb(folder, { limit });
      expect(await loadImdb(archive, { limit })).toEqual({ train, test });
      expect(train.labels.length).toBe(Math.min(limit, 6));
      expect(test.labels.length).toBe(Math.min(limit, 4));
    }
    const { train } = await loadImdb(archive, { limit: 3 });
    expect(train.paths).toEqual(['train/pos/10_7.txt', 'train/pos/1_9.txt', 'train/neg/0_1.txt']);
  });

  it('reads long texts, in ASCII and beyond, as it reads short ones', async () => {
    const texts = ['Long. '.repeat(200), 'Naïve, but très long. '.repeat(50), 'x'.repeat(100_000)];
    const members = texts.map((content, index) => {
      return { name: `aclImdb/train/pos/${7 + index}_9.txt`, content };
    });
    const archive = await writeArchive(gzipSync(tarBytes([...MEMBERS, ...members])));
    const { train } = await loadImdb(archive);
    const found = members.map(({ name }) => train.paths.indexOf(name.slice('aclImdb/'.length)));
    expect(found.map((index) => train.texts[index])).toEqual(texts);
  });

  it('takes a byte order mark for what it is', async () => {
    const marked = { ...REVIEWS, 'train/pos/1_9.txt': `\ufeff${REVIEWS['train/pos/1_9.txt']}` };
    await writeTree(folder, marked);
    expect(await loadImdb(folder)).toEqual(EXPECTED);
  });

  it('reports progress up to the end', async () => {
    await writeTree(join(folder, 'aclImdb'), REVIEWS);
    for (const path of [folder, await writeArchive(gzipSync(tarBytes(MEMBERS)))]) {
      const reports: { texts: number; fraction: number }[] = [];
      await loadImdb(path, { onProgress: (progress) => reports.push(progress) });
      expect(reports.at(-1)).toEqual({ texts: 10, fraction: 1 });
      expect(reports).toEqual([...reports].sort((a, b) => a.fraction - b.fraction));
    }
  });

  it('stops, and closes its files, when onProgress throws', async () => {
    await writeTree(join(folder, 'aclImdb'), REVIEWS);
    for (const path of [folder, await writeArchive(gzipSync(tarBytes(MEMBERS)))]) {
      const stop = () => {
        throw new Error('enough');
      };
      await expect(loadImdb(path, { onProgress: stop })).rejects.toThrow('enough');
    }
  });

  it('refuses a limit that is not a positive integer', async () => {
    for (const limit of [0, -3, 1.5, Number.NaN, '5' as unknown as number]) {
      await expect(loadImdb(folder, { limit })).rejects.toThrow(
        /^loadImdb: limit must be a positive integer, received .+\. Leave it out to read every text\.\n/,
      );
    }
  });
});

const REMEDY =
  'Pass the folder aclImdb, a folder that holds it, or aclImdb_v1.tar.gz; ' +
  'downloadImdb(directory) fetches the archive.';

describe('loadImdb of a folder names the file', () => {
  it('when nothing is there', async () => {
    const path = join(folder, 'nowhere');
    expect(await failure(path)).toBe(`loadImdb: ${path} does not exist. ${REMEDY}`);
  });

  it('when it is another folder', async () => {
    expect(await failure(folder)).toBe(
      `loadImdb: ${folder} holds neither the folders train and test nor the folder aclImdb. ${REMEDY}`,
    );
  });

  it('when the folder of a class is missing', async () => {
    await writeTree(folder, REVIEWS);
    await rm(join(folder, 'test', 'neg'), { recursive: true });
    expect(await failure(folder)).toBe(
      `loadImdb: ${join(folder, 'test/neg')} must be a folder of .txt files, but there is no ` +
        'such folder. Check the path and the names of the classes.',
    );
  });

  it('when the folder of a class is empty', async () => {
    await writeTree(folder, REVIEWS);
    await rm(join(folder, 'test', 'neg'), { recursive: true });
    await mkdir(join(folder, 'test', 'neg'));
    expect(await failure(folder)).toBe(
      `loadImdb: ${join(folder, 'test/neg')} must hold at least one .txt file. ` +
        'Every class needs texts to learn from.',
    );
  });

  it('when a file cannot be read', async () => {
    await writeTree(folder, REVIEWS);
    const path = join(folder, 'train/pos/3_9.txt');
    await symlink('gone.txt', path);
    expect(await failure(folder)).toBe(
      `loadImdb: ${path} cannot be read (ENOENT: no such file or directory). ` +
        'Check that it exists and that this process may read it.',
    );
  });

  it('when a folder has the name of a file', async () => {
    await writeTree(folder, REVIEWS);
    const path = join(folder, 'train/pos/3_9.txt');
    await mkdir(path);
    expect(await failure(folder)).toBe(
      `loadImdb: ${path} must be a file. Move it out of the folder.`,
    );
  });

  it('when bytes are not UTF-8', async () => {
    const path = join(folder, 'train/neg/2_4.txt');
    await writeTree(folder, { ...REVIEWS, 'train/neg/2_4.txt': Buffer.from('caf\xe9', 'latin1') });
    expect(await failure(folder)).toBe(
      `loadImdb: ${path} is not valid UTF-8. ` +
        'Save the file again with the encoding UTF-8, or leave it out.',
    );
    expect((await loadImdb(folder, { limit: 2 })).train.texts).toHaveLength(2);
  });

  it('when a file is absurdly large', async () => {
    await writeTree(folder, REVIEWS);
    const path = join(folder, 'train/neg/2_4.txt');
    await truncate(path, 2 ** 33); // takes no room on the disk
    expect(await failure(folder)).toBe(
      `loadImdb: ${path} must be a text of at most 16777216 bytes, received 8589934592. ` +
        'Split the file, or leave it out.',
    );
  });
});

describe('loadImdb of an archive names the member', () => {
  const withMember = (member: Member) => writeArchive(gzipSync(tarBytes([...MEMBERS, member])));

  for (const name of ['../evil.txt', 'aclImdb/train/pos/../../../../evil.txt', '/etc/evil.txt']) {
    it(`when it climbs out: ${name}`, async () => {
      const archive = await withMember({ name, content: 'x' });
      expect(await failure(archive)).toBe(
        `loadImdb: ${name} in ${archive} climbs out of the archive. ` +
          'Nothing was read: use an archive from a source that you trust.',
      );
    });
  }

  for (const [type, kind] of [
    ['1', 'a Link to /etc/passwd'],
    ['2', 'a SymbolicLink to /etc/passwd'],
    ['3', 'a CharacterDevice'],
  ] as const) {
    it(`when it is ${kind}`, async () => {
      const name = 'aclImdb/train/pos/7_7.txt';
      const archive = await withMember({ name, type, link: type === '3' ? '' : '/etc/passwd' });
      expect(await failure(archive)).toBe(
        `loadImdb: ${name} in ${archive} must be a file or folder, but it is ${kind}. ` +
          'Pack the archive again without it.',
      );
    });
  }

  it('when it is there twice, also by another spelling', async () => {
    for (const name of ['aclImdb/train/pos/1_9.txt', './aclImdb//train/pos/1_9.txt']) {
      const archive = await withMember({ name, content: 'Again.' });
      expect(await failure(archive)).toBe(
        `loadImdb: aclImdb/train/pos/1_9.txt in ${archive} is there more than once. Download it again.`,
      );
    }
    const archive = await withMember({ name: 'train/pos/1_9.txt', content: 'Again.' });
    expect(await failure(archive)).toContain('train/pos/1_9.txt in');
    const content = 'So good that I came again. '.repeat(10);
    const twice = ['aclImdb/train/pos/4_9.txt', 'train/pos/4_9.txt'].map((name) => ({
      name,
      content,
    }));
    const long = await writeArchive(gzipSync(tarBytes([...MEMBERS, ...twice])));
    expect(await failure(long)).toContain('train/pos/4_9.txt in');
  });

  it('when it is not UTF-8', async () => {
    const archive = await withMember({
      name: 'aclImdb/train/pos/3_9.txt',
      content: Buffer.from('caf\xe9', 'latin1'),
    });
    expect(await failure(archive)).toBe(
      `loadImdb: aclImdb/train/pos/3_9.txt in ${archive} is not valid UTF-8. ` +
        'Save the file again with the encoding UTF-8, or leave it out.',
    );
    expect((await loadImdb(archive, { limit: 2 })).train.texts).toHaveLength(2);
  });

  it('when it says to be absurdly large', async () => {
    const name = 'aclImdb/train/pos/3_9.txt';
    const archive = await withMember({ name, content: 'small', size: 7 * 2 ** 30 });
    expect(await failure(archive)).toBe(
      `loadImdb: ${name} in ${archive} must be a text of at most 16777216 bytes, ` +
        'received 7516192768. Split the file, or leave it out.',
    );
  });

  it('when its class is missing', async () => {
    const members = MEMBERS.filter(({ name }) => !name.includes('/test/neg/'));
    const archive = await writeArchive(gzipSync(tarBytes(members)));
    expect(await failure(archive)).toBe(
      `loadImdb: ${archive} must hold .txt files in test/neg. ${REMEDY}`,
    );
  });

  it('when the gzip data end too early', async () => {
    const whole = gzipSync(tarBytes(MEMBERS));
    for (const length of [10, 100, whole.length - 1]) {
      const archive = await writeArchive(whole.subarray(0, length));
      expect(await failure(archive)).toBe(
        `loadImdb: ${archive} is truncated: its gzip data ends too early. Download it again.`,
      );
    }
  });

  it('when the gzip data are corrupt', async () => {
    const bytes = gzipSync(tarBytes(MEMBERS));
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    const archive = await writeArchive(bytes);
    expect(await failure(archive)).toMatch(
      /is damaged: its gzip data is corrupt \(.+\)\. Download/,
    );
  });

  it('when the archive is cut within a member, and between two', async () => {
    const whole = Buffer.concat(MEMBERS.slice(0, 4).map(memberBytes));
    for (const cut of [whole.length - 300, whole.length - 512]) {
      const archive = await writeArchive(whole.subarray(0, cut), 'cut.tar');
      expect(await failure(archive)).toBe(
        `loadImdb: ${archive} is truncated in or after ${MEMBERS[3]!.name}. Download it again.`,
      );
    }
    const archive = await writeArchive(gzipSync(whole));
    expect(await failure(archive)).toContain(`is truncated in or after ${MEMBERS[3]!.name}`);
  });

  it('when a header is damaged', async () => {
    const bytes = tarBytes(MEMBERS);
    bytes[512 + 3]! ^= 0x01;
    const archive = await writeArchive(bytes, 'a.tar');
    expect(await failure(archive)).toBe(
      `loadImdb: ${archive} is damaged in or after aclImdb/. Download it again.`,
    );
  });

  it('when it is no archive', async () => {
    const text = await writeArchive(Buffer.from('<html>404</html>'.repeat(200)), 'page.tar.gz');
    expect(await failure(text)).toMatch(
      /^loadImdb: .+page\.tar\.gz is (not a tar archive|damaged)/,
    );
    const empty = await writeArchive(Buffer.alloc(0), 'empty.tar.gz');
    expect(await failure(empty)).toBe(
      `loadImdb: ${empty} is not a tar archive. Download it again.`,
    );
  });
});
