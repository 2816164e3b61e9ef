/** Tables of numbers in text files, read strictly: what looks like a mistake is one. */
import { UsageError } from '../shared/options.js';

/** A table: the names in its first line, and the lines behind it. */
export interface CsvTable {
  names: string[];
  rows: CsvRow[];
}

/** A row, and the line of the file that it begins in. */
interface CsvRow {
  line: number;
  fields: string[];
}

const SEPARATORS = [',', ';', '\t'];

/**
 * Reads a table whose fields are parted by commas, semicolons or tabs, whichever the first line has most of,
 * and may stand in double quotes (RFC 4180).
 *
 * @param file What messages call it.
 * @throws {UsageError} When a line has more or fewer fields than the first, quotes are not closed or stand
 *   inside a field, a name is missing or there twice, or nothing follows the names.
 */
export function parseCsv(file: string, text: string): CsvTable {
  const [first, ...rows] = fieldsOf(file, text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'));
  if (first === undefined) throw new UsageError(`${file} is empty.`);
  const names = first.fields.map((name) => name.trim());
  names.forEach((name, index) => {
    const problem =
      name === '' ? 'has no name' : names.indexOf(name) < index ? 'is there twice' : '';
    if (problem === '') return;
    throw new UsageError(
      `${file}:${first.line}: column ${index + 1}, ${JSON.stringify(name)}, ${problem}.`,
    );
  });
  if (rows.length === 0)
    throw new UsageError(`${file} has no line behind the names of its columns.`);
  for (const { line, fields } of rows) {
    if (fields.length === names.length) continue;
    throw new UsageError(
      `${file}:${line}: the line has ${fields.length} fields, and the first line names ${names.length} columns.`,
    );
  }
  return { names, rows };
}

/**
 * The numbers of some columns, an object a row.
 *
 * @throws {UsageError} When there is no such column, or a field is no number, naming its line.
 */
export function numbersIn(
  file: string,
  { names, rows }: CsvTable,
  columns: readonly string[],
): Record<string, number>[] {
  const places = columns.map((column) => {
    const place = names.indexOf(column);
    if (place !== -1) return place;
    throw new UsageError(
      `${file} has no column ${JSON.stringify(column)}. Its columns are ${names.join(', ')}.`,
    );
  });
  return rows.map(({ line, fields }) =>
    Object.fromEntries(
      columns.map((column, i) => {
        const field = fields[places[i]!]!.trim();
        // Number('') is 0, Number('0x1f') is 31: neither is meant.
        if (NUMBER.test(field)) return [column, Number(field)];
        const what = field === '' ? 'a gap, which must be filled before' : 'no number';
        throw new UsageError(
          `${file}:${line}: ${column} is ${what}, received ${JSON.stringify(field)}.`,
        );
      }),
    ),
  );
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The fields of all lines that are not empty. */
function fieldsOf(file: string, text: string): CsvRow[] {
  const [firstLine = ''] = text.split('\n', 1);
  const count = (separator: string) => firstLine.split(separator).length;
  const separator = SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
  const field = new RegExp(`"((?:[^"]|"")*)"|([^"${separator}\\n]*)`, 'y');
  const rows: CsvRow[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const row: CsvRow = { line, fields: [] };
    for (;;) {
      field.lastIndex = at;
      const [whole, quoted, plain] = field.exec(text)!;
      row.fields.push(quoted?.replaceAll('""', '"') ?? plain!);
      line += whole.split('\n').length - 1;
      at += whole.length;
      if (text[at] !== separator) break;
      at++;
    }
    if (at < text.length && text[at] !== '\n') {
      throw new UsageError(
        `${file}:${line}: a double quote stands inside a field, or is not closed. ` +
          'A field with quotes stands in quotes itself, and has each of them twice.',
      );
    }
    at++;
    line++;
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row);
  }
  return rows;
}
