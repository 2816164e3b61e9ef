import { readFile } from 'node:fs/promises';
import { readCsv } from 'tfjs-recurrent';
import { UsageError } from '../shared/options.js';
import { numbersIn } from './csv.js';
import { generateSeries } from './generate-series.js';
import type { Settings } from './options.js';

/** A series, a step an object of numbers. */
export interface Data {
  series: Record<string, number>[];
  /** The column that is forecast. */
  target: string;
  /** What charts call a step. */
  step: string;
}

// Of the example's own series, which is the same in every run.
const SERIES_SEED = 7;

/** Reads the file, or makes the series up. */
export async function readData({ data, columns, hours }: Settings): Promise<Data> {
  if (data === null) {
    const series = generateSeries(hours, SERIES_SEED).map((hour) => ({ ...hour }));
    return { series, target: 'power', step: 'hour' };
  }
  const table = await readCsv(await fileAt(data));
  const named = columns.length > 0 || table.names.length > 1 ? columns : table.names;
  const [target] = named;
  if (target === undefined) {
    throw new UsageError(
      `--column must say which column of ${data} is to be forecast: ${table.names.join(', ')}.`,
    );
  }
  return { series: numbersIn(data, table, named), target, step: 'step' };
}

async function fileAt(file: string): Promise<File> {
  try {
    return new File([await readFile(file)], file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
