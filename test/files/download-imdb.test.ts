import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { type DownloadProgress, downloadImdb } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';

const ARCHIVE = randomBytes(3_500_000);
const md5 = createHash('md5').update(ARCHIVE).digest('hex');
const NAME = 'aclImdb_v1.tar.gz';

interface Behaviour {
  body?: Buffer;
  ranges?: boolean;
  /** Cut the connection after so many bytes of a response. */
  cutAfter?: number;
  status?: number;
  headers?: Record<string, string>;
  redirect?: boolean;
}

let folder: string;
let server: Server;
let url: string;
let behaviour: Behaviour;
let requests: IncomingHttpHeaders[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-test-'));
  requests = [];
  behaviour = {};
  server = createServer((request, response) => {
    requests.push(request.headers);
    if (behaviour.redirect && request.url === `/${NAME}`) {
      response.writeHead(302, { location: '/elsewhere' }).end();
    } else {
      answer(request.headers, response);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${NAME}`;
});

afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Answers as a server of static files does: RFC 9110, sections 13 and 14. */
function answer(request: IncomingHttpHeaders, response: ServerResponse): void {
  const { body = ARCHIVE, ranges = true, cutAfter, status = 200 } = behaviour;
  const headers = { etag: `"${body.length}-${body[0]}"`, ...behaviour.headers };
  if (status !== 200) return void response.writeHead(status).end('no');
  const from = Number(/^bytes=(\d+)-$/.exec(request.range ?? '')?.[1] ?? Number.NaN);
  const partial = ranges && from >= 0 && request['if-range'] === headers.etag;
  if (partial && from >= body.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
  }
  const sent = partial ? body.subarray(from) : body;
  response.writeHead(partial ? 206 : 200, {
    ...headers,
    'content-length': sent.length,
    ...(partial ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
  });
  if (cutAfter === undefined) return void response.end(sent);
  const arrived = (partial ? from : 0) + cutAfter;
  // A connection that is cut takes along what has not been read.
  const cut = () => {
    const part = statSync(join(folder, `${NAME}.part`), { throwIfNoEntry: false });
    if ((part?.size ?? 0) >= arrived) response.destroy();
    else setTimeout(cut, 10);
  };
  response.write(sent.subarray(0, cutAfter), cut);
}

async function failure(options = {}): Promise<string> {
  const error = await downloadImdb(folder, { url, md5, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FileError);
  return reasonOf(error);
}

async function expectArchive(): Promise<void> {
  expect((await readFile(join(folder, NAME))).equals(ARCHIVE)).toBe(true);
  expect(await readdir(folder)).toEqual([NAME]);
}

/** Downloads until the connection is cut after a million bytes. */
async function interrupted(): Promise<void> {
  behaviour.cutAfter = 1_000_000;
  expect(await failure()).toBe(
    `downloadImdb: the download from ${url} was cut off (aborted). ` +
      'Call it again to go on from there.',
  );
  expect(await readdir(folder)).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
  delete behaviour.cutAfter;
}

describe('downloadImdb', () => {
  it('downloads the archive into a new folder, and says how far it is', async () => {
    const directory = join(folder, 'data', 'imdb');
    const reports: DownloadProgress[] = [];
    const path = await downloadImdb(directory, {
      url,
      md5,
      onProgress: (progress) => reports.push(progress),
    });
    expect(path).toBe(join(directory, NAME));
    expect((await readFile(path)).equals(ARCHIVE)).toBe(true);
    expect(await readdir(directory)).toEqual([NAME]);
    expect(reports.at(-1)).toEqual({ received: 3_500_000, total: 3_500_000 });
    expect(reports.map(({ received }) => received)).toEqual(
      reports.map(({ received }) => received).sort((a, b) => a - b),
    );
  });

  it('goes on where the connection was cut', async () => {
    await interrupted();
    const reports: DownloadProgress[] = [];
    await downloadImdb(folder, { url, md5, onProgress: (progress) => reports.push(progress) });
    await expectArchive();
    expect(requests[1]?.range).toBe('bytes=1000000-');
    expect(requests[1]?.['if-range']).toBe(etagOf(ARCHIVE));
    expect(reports[0]?.received).toBeGreaterThan(1_000_000);
    expect(reports.at(-1)).toEqual({ received: 3_500_000, total: 3_500_000 });
  });

  it('goes on after several cuts', async () => {
    await interrupted();
    await interrupted();
    await interrupted();
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
    expect(requests.map(({ range }) => range)).toEqual([
      undefined,
      'bytes=1000000-',
      'bytes=2000000-',
      'bytes=3000000-',
    ]);
  });

  it('starts again where the server does not send parts', async () => {
    await interrupted();
    behaviour.ranges = false;
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
  });

  it('starts again when the file on the server has changed', async () => {
    behaviour.body = randomBytes(3_500_001);
    await interrupted();
    behaviour.body = ARCHIVE;
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
  });

  it('starts again when the rest was asked for at another address', async () => {
    await interrupted();
    await downloadImdb(folder, { url: `${url}?mirror`, md5 });
    await expectArchive();
    expect(requests[1]?.range).toBeUndefined();
  });

  it('does not ask for the rest when the server gave nothing to recognise the file by', async () => {
    behaviour.headers = { etag: 'W/"weak"' };
    behaviour.cutAfter = 1_000_000;
    expect(await failure()).toBe(
      `downloadImdb: the download from ${url} was cut off (aborted). Call it again to start again.`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes what had arrived as a whole before it could be named', async () => {
    await writeFile(join(folder, `${NAME}.part`), ARCHIVE);
    const origin = { url, validator: etagOf(ARCHIVE) };
    await writeFile(join(folder, `${NAME}.part.json`), JSON.stringify(origin));
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
    expect(requests).toHaveLength(1);
  });

  it('follows redirects', async () => {
    behaviour.redirect = true;
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
  });

  it('keeps the bytes as they are when the server calls them gzip', async () => {
    behaviour.headers = { 'content-encoding': 'x-gzip' };
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
  });

  it('downloads nothing when the archive is there', async () => {
    await writeFile(join(folder, NAME), ARCHIVE);
    expect(await downloadImdb(folder, { url, md5 })).toBe(join(folder, NAME));
    expect(requests).toHaveLength(0);
  });

  it('stops when told to, keeps what it has, and goes on later', async () => {
    const controller = new AbortController();
    const stopped = downloadImdb(folder, {
      url,
      md5,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
    await downloadImdb(folder, { url, md5 });
    await expectArchive();
    await expect(
      downloadImdb(join(folder, 'other'), { url, signal: AbortSignal.abort(new Error('never')) }),
    ).rejects.toThrow('never');
  });

  it('passes on what onProgress throws', async () => {
    const stop = () => {
      throw new Error('no more');
    };
    await expect(downloadImdb(folder, { url, md5, onProgress: stop })).rejects.toThrow(/^no more$/);
  });
});

describe('downloadImdb names what is wrong', () => {
  it('a wrong checksum, and keeps nothing', async () => {
    const wanted = '0'.repeat(32);
    expect(await failure({ md5: wanted })).toBe(
      `downloadImdb: what ${url} sent must have the MD5 checksum ${wanted}, received ${md5}. ` +
        'It was removed: try again, or another mirror.',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('a page that is not there, and makes no folder', async () => {
    behaviour.status = 404;
    const directory = join(folder, 'new');
    await expect(downloadImdb(directory, { url, md5 })).rejects.toThrow(
      `downloadImdb: ${url} cannot be downloaded: the server answered 404 Not Found. ` +
        'Check the address, or pass the url of a mirror.',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('a server that fails, and keeps what had arrived', async () => {
    await interrupted();
    behaviour.status = 503;
    expect(await failure()).toContain('the server answered 503 Service Unavailable');
    expect(await readdir(folder)).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
  });

  it('a server that is not there', async () => {
    const gone = url.replace(/:\d+/, ':1');
    expect(await failure({ url: gone })).toBe(
      `downloadImdb: the download from ${gone} was cut off ` +
        '(connect ECONNREFUSED 127.0.0.1:1). Call it again to start again.',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('another file with the name of the archive, which stays', async () => {
    const path = join(folder, NAME);
    await writeFile(path, 'mine');
    expect(await failure()).toBe(
      `downloadImdb: ${path} is there, but does not have the checksum of the dataset. ` +
        'Move it away, or pass its md5 if it is the dataset packed anew.',
    );
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('options that make no sense', async () => {
    await expect(downloadImdb(folder, { url: 'ftp://example.org/a' })).rejects.toThrow(
      'downloadImdb: url must begin with http:// or https://, received "ftp://example.org/a".',
    );
    await expect(downloadImdb(folder, { url, md5: 'abc' })).rejects.toThrow(
      'downloadImdb: md5 must be 32 hexadecimal digits, received "abc".',
    );
  });
});

function etagOf(body: Buffer): string {
  return `"${body.length}-${body[0]}"`;
}
