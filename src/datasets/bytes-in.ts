/** The bytes of a file that a page was given, or of any stream, a part at a time. */
import { FileError, reasonOf, reject } from '../foundation/errors.js';
import { fileError } from '../foundation/reject-file.js';
import { nextTurn } from '../foundation/turn.js';

/** A file of a page, or a stream such as the `body` of a response. */
export type BytesSource = Blob | ReadableStream<Uint8Array>;

/** What is done with the parts, and what is told of how far they are. */
export interface BytesReader {
  write(part: Uint8Array): void;
  /** Called with each part; of a stream, whose length nobody knows, the fraction is 0. */
  onPart?(fraction: number): void;
}

/** A page is painted and heard between two turns; in ms. */
const LONGEST_TURN = 12;

/** The name of a file, or what messages say instead of one. */
export function nameOf(source: BytesSource, what: string): string {
  return (source as Partial<File>).name ?? `the ${what}`;
}

/** Throws unless it is a source. */
export function requireSource(where: string, name: string, source: unknown): void {
  if (source instanceof Blob || source instanceof ReadableStream) return;
  reject({
    where,
    expected: `${name} must be a File, a Blob or a ReadableStream`,
    received: source,
    remedy: 'An <input type="file"> has Files, a response of fetch has its body.',
  });
}

/**
 * Reads a source to its end and unpacks it where it is gzipped. Of what was read nothing is kept.
 *
 * @param path What messages call the source.
 * @throws FileError where it cannot be read or unpacked; the source is cancelled.
 */
export async function readBytes(
  where: string,
  path: string,
  source: BytesSource,
  reader: BytesReader,
): Promise<void> {
  const size = source instanceof Blob ? source.size : Number.POSITIVE_INFINITY;
  const raw = new Counted(source instanceof Blob ? source.stream() : source);
  const gzipped = await raw.startsAsGzip().catch(() => false);
  const stream = gzipped ? raw.stream.pipeThrough(gunzip(where, path)) : raw.stream;
  const parts = stream.getReader();
  const next = () =>
    parts.read().catch((error: unknown) => {
      throw unreadable(where, path, gzipped && error !== raw.failure, error);
    });
  try {
    let began = performance.now();
    for (let part = await next(); !part.done; part = await next()) {
      reader.write(part.value);
      reader.onPart?.(raw.count / size);
      if (performance.now() - began < LONGEST_TURN) continue;
      await nextTurn();
      began = performance.now();
    }
  } catch (error) {
    await parts.cancel(error).catch(() => undefined);
    throw error;
  }
}

type Bytes = Uint8Array<ArrayBuffer>;

function gunzip(where: string, path: string): ReadableWritablePair<Bytes, Bytes> {
  if (typeof DecompressionStream === 'undefined') {
    const expected = `${path} is gzipped, and this browser cannot unpack it`;
    throw fileError(path, { where, expected, remedy: 'Unpack it first.', see: 'unreadable-file' });
  }
  return new DecompressionStream('gzip') as unknown as ReadableWritablePair<Bytes, Bytes>;
}

function unreadable(where: string, path: string, inGzip: boolean, error: unknown): unknown {
  if (error instanceof FileError) return error;
  const reason = reasonOf(error);
  const expected = inGzip
    ? `${path} is damaged, or ends too early: its gzip data cannot be unpacked (${reason})`
    : `${path} cannot be read (${reason})`;
  const remedy = inGzip ? 'Download it again.' : 'Choose the file again.';
  const see = inGzip ? 'damaged-file' : 'unreadable-file';
  return fileError(path, { where, expected, remedy, see }, error);
}

/** A stream whose bytes are counted, and whose first can be looked at. */
class Counted {
  count = 0;
  /** What the stream has failed with. */
  failure: unknown;
  readonly stream: ReadableStream<Bytes>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #seen: ReadableStreamReadResult<Uint8Array>[] = [];

  constructor(source: ReadableStream<Uint8Array>) {
    this.#reader = source.getReader();
    this.stream = new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const { done, value } = this.#seen.shift() ?? (await this.#read());
          if (done) controller.close();
          else {
            this.count += value.length;
            controller.enqueue(value as Bytes);
          }
        },
        cancel: (reason) => this.#reader.cancel(reason),
      },
      { highWaterMark: 0 }, // nothing is read before it is asked for
    );
  }

  async startsAsGzip(): Promise<boolean> {
    const first: number[] = [];
    while (first.length < 2) {
      const result = await this.#read();
      this.#seen.push(result);
      if (result.done) return false;
      first.push(...result.value.subarray(0, 2));
    }
    return first[0] === 0x1f && first[1] === 0x8b;
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
