/** readImdbArchive: the IMDb reviews from an archive that a page was given. */
import { requireKnownOptions } from '../foundation/option-checks.js';
import { MemberReader } from './archive-members.js';
import { type BytesSource, nameOf, readBytes, requireSource } from './bytes-in.js';
import { type Imdb, imdbFrom, reviewKey } from './imdb-reviews.js';
import { checkLimit, type TextProgress } from './text-file.js';

/** What {@link readImdbArchive} can be told. */
export interface ReadImdbArchiveOptions {
  /** At most this many texts of each half, equally many of both classes: the first by file name. */
  limit?: number | undefined;
  /**
   * Called as texts are read. Of a stream, whose length nobody knows, the fraction is 0 until the end.
   */
  onProgress?: ((progress: TextProgress) => void) | undefined;
}

const WHERE = 'readImdbArchive';

/**
 * Reads the IMDb reviews from `aclImdb_v1.tar.gz` in a page or a worker: from the file that a visitor
 * has chosen or dropped, or from a stream. The archive goes through in small parts, is never in memory
 * as a whole, and is sent nowhere. The result is that of `loadImdb` in Node, text for text.
 *
 * The page has its turns in between, but shares its thread with the unpacking: a worker reads without
 * taking any time of it.
 *
 * @param archive A `File`, a `Blob`, or a `ReadableStream` such as the `body` of a response; gzipped or
 *   not.
 * @param options How many texts, and whom to tell.
 * @throws FileError for a truncated or damaged archive, for one without reviews, for members that climb
 *   out of it, are links, or come twice, and for texts that are overlong or not UTF-8.
 *
 * @example
 * ```ts fragment
 * const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
 * const { train } = await readImdbArchive(input.files![0]!, {
 *   onProgress: ({ fraction }) => console.log(`${Math.round(100 * fraction)} %`),
 * });
 * ```
 */
export async function readImdbArchive(
  archive: BytesSource,
  options: ReadImdbArchiveOptions = {},
): Promise<Imdb> {
  requireKnownOptions(WHERE, options, ['limit', 'onProgress']);
  const { limit, onProgress } = options;
  checkLimit(WHERE, limit);
  requireSource(WHERE, 'archive', archive);
  const path = nameOf(archive, 'archive');
  const reader = new MemberReader(WHERE, path, reviewKey);
  let reported = 0;
  await readBytes(WHERE, path, archive, {
    write: (part) => reader.write(part),
    onPart(fraction) {
      if (fraction === 1 || fraction - reported < 0.01) return;
      reported = fraction;
      onProgress?.({ texts: reader.texts.size, fraction });
    },
  });
  reader.end();
  const remedy =
    'It is the file aclImdb_v1.tar.gz of https://ai.stanford.edu/~amaas/data/sentiment/.';
  const imdb = imdbFrom(reader.texts, { where: WHERE, path, limit, remedy });
  onProgress?.({ texts: reader.texts.size, fraction: 1 });
  return imdb;
}
