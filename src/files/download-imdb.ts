import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';
import type { DownloadProgress } from './download.js';
import { rejectFile } from '../foundation/reject-file.js';

/** What {@link downloadImdb} can be told. */
export interface DownloadImdbOptions {
  /** Called about once a megabyte. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Where to download from, for a mirror; the authors' page at Stanford when left out. */
  url?: string;
  /** The MD5 checksum of the archive, for a mirror that packed it anew; that of the original when left out. */
  md5?: string;
  /** Stops the download; what has arrived stays, to be gone on with. */
  signal?: AbortSignal;
}

// As torchtext and PaddlePaddle publish them; the authors' page names the address alone.
const URL_OF_AUTHORS = 'http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz';
const MD5_OF_ORIGINAL = '7c2ac02c03563afcf9b574c7e56c153a';
const NAME = 'aclImdb_v1.tar.gz';
const WHERE = 'downloadImdb';

/**
 * Downloads the Large Movie Review Dataset (84 MB), for {@link loadImdb} to read.
 *
 * What arrives is kept in `aclImdb_v1.tar.gz.part`. After an interruption, the next call asks the
 * server for the rest, and starts again if the file has changed there. The archive gets its name
 * only when its checksum is right; if it is there already, nothing is downloaded.
 *
 * Nothing else in this library opens a connection.
 *
 * @param directory The folder for the archive, made when it is missing.
 * @param options Whom to tell, when to stop, and mirrors.
 * @returns The path of the archive.
 * @throws FileError when the server fails, the connection is cut, the checksum is wrong (then
 *   nothing is left behind), or another file has the archive's name. The signal's reason when it
 *   is aborted.
 *
 * @example
 * ```ts
 * import { createHash } from 'node:crypto';
 * import { once } from 'node:events';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { createServer } from 'node:http';
 * import type { AddressInfo } from 'node:net';
 * import { tmpdir } from 'node:os';
 * import { basename, join } from 'node:path';
 * import { downloadImdb } from 'tfjs-recurrent/node';
 *
 * // A mirror on this machine. Leave out url and md5 for the real thing.
 * const archive = 'what a mirror packed';
 * const md5 = createHash('md5').update(archive).digest('hex');
 * const mirror = createServer((_request, response) => response.end(archive)).listen(0, '127.0.0.1');
 * await once(mirror, 'listening');
 * const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`;
 *
 * const folder = await mkdtemp(join(tmpdir(), 'data-'));
 * let bytes = 0;
 * const onProgress = ({ received }: { received: number }) => {
 *   bytes = received;
 * };
 * const path = await downloadImdb(folder, { url, md5, onProgress });
 * console.log(basename(path), bytes);
 * // aclImdb_v1.tar.gz 20
 * mirror.close();
 * await rm(folder, { recursive: true });
 * ```
 */
export async function downloadImdb(
  directory: string,
  options: DownloadImdbOptions = {},
): Promise<string> {
  requireKnownOptions(WHERE, options, ['url', 'md5', 'onProgress', 'signal']);
  const { url = URL_OF_AUTHORS, md5 = MD5_OF_ORIGINAL, onProgress, signal } = options;
  if (!/^[0-9a-f]{32}$/.test(md5)) {
    reject({ where: WHERE, expected: 'md5 must be 32 hexadecimal digits', received: md5 });
  }
  if (!/^https?:$/.test(protocolOf(url))) {
    reject({ where: WHERE, expected: 'url must begin with http:// or https://', received: url });
  }
  const path = join(directory, NAME);
  if (await isThere(path)) {
    if ((await md5Of(path)) === md5) return path;
    rejectFile(path, {
      where: WHERE,
      expected: `${path} is there, but does not have the checksum of the dataset`,
      remedy: 'Move it away, or pass its md5 if it is the dataset packed anew.',
      see: 'damaged-file',
    });
  }
  // Only here, since HTTPS takes a while to load.
  const { download } = await import('./download.js');
  await download({
    where: WHERE,
    url,
    path,
    verify: async (part) => {
      const received = await md5Of(part);
      return received === md5 ? undefined : `the MD5 checksum ${md5}, received ${received}`;
    },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return path;
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return '';
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function md5Of(path: string): Promise<string> {
  const hash: Hash = createHash('md5');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
