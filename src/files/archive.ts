import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { type Complaint, FileError } from '../foundation/errors.js';
import { fileError, rejectFile, systemCode, systemReason } from './reject-file.js';
import { decodeText, LONGEST_TEXT, notUtf8, type TextProgress, tooLong } from './text-file.js';

/** How {@link readArchiveTexts} is to read. */
export interface ReadArchiveOptions {
  /** The key under which the member of this path is kept; undefined for one to pass over. */
  select: (member: string) => string | undefined;
  /** Called about once a megabyte. */
  onProgress?: (progress: TextProgress) => void;
}

/** Texts by key; a member that cannot be text is kept as its error, for whoever wants that one. */
export type ArchiveTexts = Map<string, string | FileError>;

const CHUNK = 2 ** 20; // bytes; fewer, and members are cut and joined more often
const REPORT_EVERY = 2 ** 20;

// A path that needs no second look: nothing empty in it, nothing that starts with a dot, no
// backslash or colon, no folder.
const PLAIN_PATH = /^(?:[^/\\:.][^/\\:]*\/)*[^/\\:.][^/\\:]*$/;

const DAMAGED_REMEDY = 'Download it again.';

/**
 * Reads the selected texts of a tar archive, gzipped or not, in one pass and into memory only. The
 * gunzipping runs on another thread, beside the parsing.
 *
 * Every member is checked, selected or not: the archive is refused as a whole when one of them
 * climbs out, is a link or a device, or comes twice.
 */
export async function readArchiveTexts(
  where: string,
  path: string,
  options: ReadArchiveOptions,
): Promise<ArchiveTexts> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    const expected = `${path} cannot be read (${systemReason(error)})`;
    return rejectFile(path, { where, expected, remedy: 'Check the path.' }, error);
  }
  // What ended the parsing: pipeline itself may report no more than that it was aborted.
  let stopped: { by: unknown } | undefined;
  try {
    const size = (await file.stat()).size;
    const gzipped = await startsAsGzip(file);
    const source = file.createReadStream({ start: 0, highWaterMark: CHUNK });
    const reader = new MemberReader(where, path, options.select);
    let reported = 0;
    const parse = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
      try {
        for await (const chunk of chunks) {
          reader.write(chunk);
          if (source.bytesRead - reported >= REPORT_EVERY && source.bytesRead < size) {
            reported = source.bytesRead;
            options.onProgress?.({ texts: reader.texts.size, fraction: reported / size });
          }
        }
      } catch (error) {
        stopped = { by: error };
        throw error;
      }
    };
    await (gzipped
      ? pipeline(source, createGunzip({ chunkSize: CHUNK }), parse)
      : pipeline(source, parse));
    reader.end();
    options.onProgress?.({ texts: reader.texts.size, fraction: 1 });
    return reader.texts;
  } catch (error) {
    throw explain(where, path, stopped === undefined ? error : stopped.by);
  } finally {
    await file.close();
  }
}

async function startsAsGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function explain(where: string, path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof FileError || code === undefined) return error;
  const expected =
    code === 'Z_BUF_ERROR'
      ? `${path} is truncated: its gzip data ends too early`
      : code.startsWith('Z_')
        ? `${path} is damaged: its gzip data is corrupt (${systemReason(error)})`
        : `${path} cannot be read (${systemReason(error)})`;
  const remedy = code.startsWith('Z_') ? DAMAGED_REMEDY : 'Check the path.';
  return fileError(path, { where, expected, remedy }, error);
}

/** The members of one archive, fed chunk by chunk. */
class MemberReader {
  readonly texts: ArchiveTexts = new Map();
  readonly #seen = new Set<string>();
  readonly #parser: Parser;
  #complete = false;
  #last = '';
  #failure: FileError | undefined;

  constructor(
    private readonly where: string,
    private readonly path: string,
    private readonly select: (member: string) => string | undefined,
  ) {
    this.#parser = new Parser({ onReadEntry: (entry) => this.#take(entry) });
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => this.#refuseKind(entry));
    this.#parser.on('eof', () => {
      this.#complete = true;
    });
    this.#parser.on('warn', (code: string, message: string) => this.#warned(code, message));
    this.#parser.on('error', (error: Error) => this.#warned('', error.message));
  }

  write(chunk: Buffer): void {
    this.#parser.write(chunk);
    if (this.#failure !== undefined) throw this.#failure;
  }

  end(): void {
    this.#parser.end();
    // The two empty blocks that close an archive are all that tells a whole one from one that was
    // cut between two members.
    if (!this.#complete) this.#fail({ expected: `${this.path} is truncated${this.#afterLast()}` });
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(entry: ReadEntry): void {
    const member = this.#checked(entry);
    const key = member === undefined ? undefined : this.select(member);
    if (key === undefined || member === undefined) {
      entry.resume();
      return;
    }
    if (!(entry.size >= 0 && entry.size <= LONGEST_TEXT)) {
      this.#fail(tooLong(this.where, this.#name(member), entry.size));
      entry.resume();
      return;
    }
    if (this.texts.has(key)) this.#failDuplicate(member);
    const parts: Buffer[] = [];
    entry.on('data', (part: Buffer) => parts.push(part));
    entry.on('end', () => {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      const text = decodeText(bytes);
      this.texts.set(key, text ?? fileError(this.path, notUtf8(this.where, this.#name(member))));
    });
  }

  /** The path of a file, without what does not count; undefined for a folder or after a failure. */
  #checked(entry: ReadEntry): string | undefined {
    this.#last = entry.path;
    const plain = PLAIN_PATH.test(entry.path);
    const segments = plain ? [] : entry.path.split(/[/\\]/);
    if (segments.includes('..') || segments[0] === '' || /^[a-z]:/i.test(entry.path)) {
      this.#fail({
        expected: `${this.#name(entry.path)} climbs out of the archive`,
        remedy: 'Nothing was read: use an archive from a source that you trust.',
      });
      return undefined;
    }
    if (entry.type === 'Directory') return undefined;
    if (!['File', 'OldFile', 'ContiguousFile'].includes(entry.type)) {
      this.#refuseKind(entry);
      return undefined;
    }
    const member = plain
      ? entry.path
      : segments.filter((segment) => segment !== '' && segment !== '.').join('/');
    if (this.#seen.has(member)) this.#failDuplicate(member);
    this.#seen.add(member);
    return member;
  }

  #refuseKind(entry: ReadEntry): void {
    const target = entry.linkpath ? ` to ${entry.linkpath}` : '';
    this.#fail({
      expected: `${this.#name(entry.path)} must be a file or folder, but it is a ${entry.type}${target}`,
      remedy: 'Pack the archive again without it.',
    });
  }

  #failDuplicate(member: string): void {
    this.#fail({
      expected: `${this.#name(member)} is there more than once`,
      remedy: DAMAGED_REMEDY,
    });
  }

  #warned(code: string, message: string): void {
    const expected = message.startsWith('Truncated')
      ? `${this.path} is truncated${this.#afterLast()}`
      : message.startsWith('Unrecognized')
        ? `${this.path} is not a tar archive`
        : `${this.path} is damaged${this.#afterLast()} (${[code, message].filter(Boolean).join(': ')})`;
    this.#fail({ expected });
  }

  #fail(complaint: Omit<Complaint, 'where'>): void {
    this.#failure ??= fileError(this.path, {
      remedy: DAMAGED_REMEDY,
      ...complaint,
      where: this.where,
    });
  }

  #afterLast(): string {
    return this.#last === '' ? '' : ` in or after ${this.#last}`;
  }

  #name(member: string): string {
    return `${member} in ${this.path}`;
  }
}
