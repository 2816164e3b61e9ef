/** readCsv: a table from a CSV file that a page was given. */
import { requireKnownOptions } from '../foundation/option-checks.js';
import { rejectFile } from '../foundation/reject-file.js';
import { type BytesSource, nameOf, readBytes, requireSource } from './bytes-in.js';
import { CsvParser } from './csv-parser.js';
import { notUtf8 } from './text-file.js';

/** A table: `rows[i][j]` belongs to the column `names[j]`. */
export interface CsvTable {
  /** The fields of the first line. */
  names: string[];
  /** The lines behind it, as texts. */
  rows: string[][];
}

/** What {@link readCsv} can be told. */
export interface ReadCsvOptions {
  /** Called as rows are read; of a stream, whose length nobody knows, the fraction is 0 until the end. */
  onProgress?: ((progress: { rows: number; fraction: number }) => void) | undefined;
}

const WHERE = 'readCsv';

/**
 * Reads a CSV file, gzipped or not, whose first line names the columns. Fields are separated by commas,
 * semicolons or tabs, whichever the first line has most of; in quotes they may hold separators, lines
 * and, twice each, quotes, as RFC 4180 has it. Empty lines are left out. Nothing is sent anywhere.
 *
 * @param file A `File`, a `Blob`, or a `ReadableStream` such as the `body` of a response, in UTF-8.
 * @param options Whom to tell.
 * @throws FileError naming the line with a wrong number of fields or a quote out of place, and where
 *   the file has no lines or is not UTF-8.
 *
 * @example
 * ```ts
 * import { readCsv } from 'tfjs-recurrent';
 *
 * const file = new Blob(['review,sentiment\n"Warm, and funny.",positive\nDull.,negative\n']);
 * const { names, rows } = await readCsv(file);
 * const texts = rows.map((row) => row[names.indexOf('review')]!);
 * const labels = rows.map((row) => Number(row[names.indexOf('sentiment')] === 'positive'));
 * console.log(texts.join(' | '), labels.join(' '));
 * // Warm, and funny. | Dull. 1 0
 * ```
 */
export async function readCsv(file: BytesSource, options: ReadCsvOptions = {}): Promise<CsvTable> {
  requireKnownOptions(WHERE, options, ['onProgress']);
  requireSource(WHERE, 'file', file);
  const { onProgress } = options;
  const path = nameOf(file, 'file');
  const rows: string[][] = [];
  let names: string[] | undefined;
  const parser = new CsvParser(WHERE, path, (fields, line) => {
    if (names === undefined) {
      names = fields;
      return;
    }
    if (fields.length === names.length) {
      rows.push(fields);
      return;
    }
    rejectFile(path, {
      where: WHERE,
      expected: `${path}:${line}: a line must have ${names.length} fields, as the first has`,
      received: fields.length,
      remedy: 'A field with separators stands in double quotes.',
      see: 'malformed-csv',
    });
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (part?: Uint8Array) => {
    try {
      return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true });
    } catch {
      return rejectFile(path, notUtf8(WHERE, path));
    }
  };
  let reported = 0;
  await readBytes(WHERE, path, file, {
    write: (part) => parser.write(decode(part)),
    onPart(fraction) {
      if (fraction === 1 || fraction - reported < 0.01) return;
      reported = fraction;
      onProgress?.({ rows: rows.length, fraction });
    },
  });
  parser.write(decode());
  parser.end();
  if (names === undefined) {
    const remedy = 'The first line names the columns.';
    rejectFile(path, {
      where: WHERE,
      expected: `${path} must hold lines of text`,
      remedy,
      see: 'malformed-csv',
    });
  }
  onProgress?.({ rows: rows.length, fraction: 1 });
  return { names, rows };
}
