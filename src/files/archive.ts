import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FileError } from '../foundation/errors.js';
import { type ArchiveTexts, DAMAGED_REMEDY, MemberReader } from '../datasets/archive-members.js';
import { fileError, rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';
import type { TextProgress } from '../datasets/text-file.js';

/** How {@link readArchiveTexts} is to read. */
export interface ReadArchiveOptions {
  /** The key under which the member of this path is kept; undefined for one to pass over. */
  select: (member: string) => string | undefined;
  /** Called about once a megabyte. */
  onProgress?: (progress: TextProgress) => void;
}

const CHUNK = 2 ** 20; // bytes; fewer, and members are cut and joined more often
const REPORT_EVERY = 2 ** 20;

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
    return rejectFile(
      path,
      { where, expected, remedy: 'Check the path.', see: 'unreadable-file' },
      error,
    );
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
  const [remedy, see] = code.startsWith('Z_')
    ? ([DAMAGED_REMEDY, 'damaged-file'] as const)
    : (['Check the path.', 'unreadable-file'] as const);
  return fileError(path, { where, expected, remedy, see }, error);
}
