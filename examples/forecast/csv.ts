/** Columns of numbers in a table, read strictly: what looks like a mistake is one. */
import type { CsvTable } from 'tfjs-recurrent';
import { UsageError } from '../shared/options.js';

/**
 * The numbers of some columns, an object a row.
 *
 * @param file What messages call it.
 * @throws {UsageError} When there are no rows, there is no such column or it is there twice, or a field is no
 *   number, naming its row.
 */
export function numbersIn(
  file: string,
  { names, rows }: CsvTable,
  columns: readonly string[],
): Record<string, number>[] {
  if (rows.length === 0) {
    throw new UsageError(`${file} has no row behind the names of its columns.`);
  }
  const places = columns.map((column) => {
    const place = names.indexOf(column);
    if (place === -1) {
      throw new UsageError(
        `${file} has no column ${JSON.stringify(column)}. Its columns are ${names.join(', ')}.`,
      );
    }
    if (names.lastIndexOf(column) === place) return place;
    throw new UsageError(`${file} has the column ${JSON.stringify(column)} twice.`);
  });
  return rows.map((row, index) =>
    Object.fromEntries(
      columns.map((column, i) => {
        const field = row[places[i]!]!.trim();
        // Number('') is 0, Number('0x1f') is 31: neither is meant.
        if (NUMBER.test(field)) return [column, Number(field)];
        const what = field === '' ? 'a gap, which must be filled before' : 'no number';
        throw new UsageError(
          `${file}, row ${index + 1}: ${column} is ${what}, received ${JSON.stringify(field)}.`,
        );
      }),
    ),
  );
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
