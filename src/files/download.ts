import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { FileError } from '../foundation/errors.js';
import { syncDirectory, writeFileAtomic } from './atomic.js';
import { httpGet } from './http-get.js';
import { fileError, rejectFile, systemReason } from '../foundation/reject-file.js';

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes that are on the disk, those of earlier attempts included. */
  received: number;
  /** Bytes of the whole file; undefined when the server does not say. */
  total: number | undefined;
}

/** What {@link download} needs to know. */
export interface Download {
  where: string;
  url: string;
  /** Where the file goes; `.part` is appended while it is incomplete. */
  path: string;
  /** What the complete file should have but has not, for a message; undefined when it is right. */
  verify: (part: string) => Promise<string | undefined>;
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
}

/** What identifies the file on the server, so that two versions are never joined. */
interface Origin {
  url: string;
  validator: string;
}

const REPORT_EVERY = 2 ** 20;

/** Downloads a file, going on where an earlier attempt stopped; it gets its name when verified. */
export async function download(request: Download): Promise<void> {
  const { where, url, path, verify, signal } = request;
  signal?.throwIfAborted();
  const part = `${path}.part`;
  let thrown: { error: unknown } | undefined;
  const watched: Download = {
    ...request,
    onProgress: (progress) => {
      try {
        request.onProgress?.(progress);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    },
  };
  try {
    if (!(await receive(watched, part, true)) && !(await receive(watched, part, false))) {
      throw new Error('the server sent a part that was not asked for');
    }
    const wrong = await verify(part);
    if (wrong !== undefined) {
      await discard(part);
      rejectFile(path, {
        where,
        expected: `what ${url} sent must have ${wrong}`,
        remedy: 'It was removed: try again, or another mirror.',
        see: 'failed-download',
      });
    }
    await rename(part, path);
    await discard(part);
    await syncDirectory(dirname(path));
  } catch (error) {
    const left = await resumable(part, url);
    if (left === undefined) await discard(part);
    if (signal?.aborted) throw signal.reason;
    if (thrown !== undefined) throw thrown.error;
    if (error instanceof FileError) throw error;
    const expected = `the download from ${url} was cut off (${systemReason(error)})`;
    const remedy = `Call it again to ${left === undefined ? 'start again' : 'go on from there'}.`;
    throw fileError(path, { where, expected, remedy, see: 'failed-download' }, error);
  }
}

/** Appends to `part` what is missing. False where only a fresh start can help. */
async function receive(request: Download, part: string, mayResume: boolean): Promise<boolean> {
  const { where, url, path, signal } = request;
  const from = mayResume ? await resumable(part, url) : undefined;
  if (from === undefined) await discard(part);
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (from !== undefined) {
    headers.range = `bytes=${from.bytes}-`;
    headers['if-range'] = from.origin.validator;
  }
  const response = await httpGet(url, { headers, ...(signal === undefined ? {} : { signal }) });
  try {
    // All of it had arrived before the interruption, unless the file on the server is another now.
    if (response.statusCode === 416 && from !== undefined) return totalOf(response) === from.bytes;
    if (response.statusCode !== 200 && response.statusCode !== 206) {
      const { statusCode, statusMessage } = response;
      rejectFile(path, {
        where,
        expected: `${url} cannot be downloaded: the server answered ${statusCode} ${statusMessage}`,
        remedy: 'Check the address, or pass the url of a mirror.',
        see: 'failed-download',
      });
    }
    const start = response.statusCode === 206 ? startOf(response) : 0;
    if (start !== 0 && start !== from?.bytes) return false;
    await append(request, response, part, start);
    return true;
  } finally {
    response.destroy(); // a body that was not read to its end keeps the connection open
  }
}

async function append(
  { url, path, onProgress }: Download,
  response: IncomingMessage,
  part: string,
  start: number,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (start === 0) {
    await discard(part); // never the tag of one version beside the bytes of another
    await noteOrigin(part, url, response);
  }
  const total = totalOf(response);
  let received = start;
  let reported = Number.NaN;
  const report = () => {
    if (reported === received) return;
    reported = received;
    onProgress?.({ received, total });
  };
  const file = await open(part, start === 0 ? 'w' : 'r+');
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (let done = 0; done < chunk.length; ) {
        done += (await file.write(chunk, done, chunk.length - done, received + done)).bytesWritten;
      }
      received += chunk.length;
      if (!(received - reported < REPORT_EVERY)) report();
    }
    await file.sync();
  } finally {
    await file.close();
  }
  report();
  if (total !== undefined && received !== total) {
    throw new Error(`${received} of ${total} bytes arrived`);
  }
}

/** The bytes that an earlier attempt left, if the server can be asked for the rest of the same file. */
async function resumable(
  part: string,
  url: string,
): Promise<{ bytes: number; origin: Origin } | undefined> {
  try {
    const { size } = await stat(part);
    const origin = JSON.parse(await readFile(originOf(part), 'utf8')) as Origin;
    if (size === 0 || origin.url !== url || typeof origin.validator !== 'string') return undefined;
    return { bytes: size, origin };
  } catch {
    return undefined;
  }
}

async function noteOrigin(part: string, url: string, response: IncomingMessage): Promise<void> {
  const { etag, 'last-modified': lastModified } = response.headers;
  // RFC 9110, 13.1.5: a weak tag does not vouch for single bytes.
  const validator = etag?.startsWith('W/') === false ? etag : lastModified;
  if (validator === undefined) return;
  await writeFileAtomic(originOf(part), JSON.stringify({ url, validator } satisfies Origin));
}

function originOf(part: string): string {
  return `${part}.json`;
}

async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(originOf(part), { force: true });
}

/** `bytes 100-199/200` begins at 100; NaN where that cannot be read. */
function startOf(response: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]);
}

/** The length of the whole file: of `bytes 100-199/200` or of a body of 200 bytes, 200. */
function totalOf({ statusCode, headers }: IncomingMessage): number | undefined {
  const total =
    statusCode === 200
      ? headers['content-length']
      : /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}
