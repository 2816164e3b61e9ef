/** What a forecaster learns from: series in the forms that people have them in, read into one. */
import { reject, show } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';

/**
 * What was observed at one step: a number; the numbers of several columns; or an object with a number
 * under the name of each column, such as a row of a table.
 */
export type Observation = number | ArrayLike<number> | object;

/** One series, by time; or several that do not follow upon one another, such as one a shop. */
export type TimeseriesData<Row extends Observation> =
  | ArrayLike<Row>
  | { readonly series: readonly ArrayLike<Row>[] };

/** A forecast of one step, in the form of the observations. */
export type Predicted<Row extends Observation> = Row extends number
  ? number
  : Row extends ArrayLike<number>
    ? number[]
    : Record<string, number>;

/** The forms of {@link Observation}. */
export type Form = 'numbers' | 'lists' | 'objects';

/** Which numbers a forecaster reads at each step. */
export interface Columns {
  form: Form;
  names: readonly string[];
}

/** A series with all its numbers in one array. */
export interface Table {
  /** What messages call it: `data` or `series[2]`. */
  name: string;
  /** How many steps it has. */
  time: number;
  values: Float64Array; // [time · columns]
}

const FORMS: Record<Form, string> = {
  numbers: 'a number',
  lists: 'a list of numbers',
  objects: 'an object of numbers',
};

/**
 * The series in `data`, each with the name that messages give it.
 *
 * @throws RecurrentError for what is no series, and for none.
 */
export function seriesOf(where: string, data: unknown): [string, ArrayLike<unknown>][] {
  if (isList(data)) return [['data', data]];
  const several = Object(data).series as unknown;
  if (!isList(several)) {
    reject({
      where,
      expected: 'data must be a series, by time, or { series: [first, second, …] }',
      received: data,
      remedy:
        'A series is a list of numbers, of lists or of objects; of a tensor, await tensor.array().',
    });
  }
  if (several.length === 0)
    reject({ where, expected: 'data must hold at least one series', see: 'uneven-data' });
  return Array.from(several, (one, index): [string, ArrayLike<unknown>] => {
    const name = `series[${index}]`;
    if (isList(one)) return [name, one];
    return reject({
      where,
      expected: `${name} must be a list of what was observed, by time`,
      received: one,
      remedy: 'A single series goes without { series }.',
    });
  });
}

/**
 * The columns of a series, as its first step has them.
 *
 * @param names Of the columns, where the caller gave some.
 * @throws RecurrentError for names that are not those of columns.
 */
export function columnsOf(
  where: string,
  [name, series]: readonly [string, ArrayLike<unknown>],
  names: readonly string[] | undefined,
): Columns {
  if (series.length === 0)
    reject({ where, expected: `${name} must not be empty`, see: 'uneven-data' });
  const first = series[0];
  const form = formOf(first);
  if (form === undefined) return rejectForm(where, `${name}[0]`, first);
  if (form === 'objects') return { form, names: names ?? Object.keys(first as object) };
  const width = form === 'numbers' ? 1 : (first as ArrayLike<number>).length;
  if (names !== undefined && names.length !== width) {
    reject({
      where,
      expected: `columns must name all ${width} of the data`,
      received: names,
      remedy: 'Only columns of objects can be left out. Leave out columns to number them.',
    });
  }
  if (form === 'numbers') return { form, names: names ?? ['value'] };
  return { form, names: names ?? Array.from({ length: width }, (_, index) => String(index)) };
}

/**
 * Reads a series.
 *
 * @throws RecurrentError for a step without one of the columns or with others, and for what is not a
 *   finite number.
 */
export function readTable(
  where: string,
  [name, series]: readonly [string, ArrayLike<unknown>],
  { form, names }: Columns,
): Table {
  const values = new Float64Array(series.length * names.length);
  let at = 0;
  for (let time = 0; time < series.length; time++) {
    const step = series[time];
    const place = `${name}[${time}]`;
    if (formOf(step) !== form) rejectColumns(where, place, form, names, step);
    if (form === 'lists' && (step as ArrayLike<unknown>).length !== names.length) {
      rejectColumns(where, place, form, names, step);
    }
    for (let column = 0; column < names.length; column++) {
      values[at++] = numberIn(where, place, step, form, names, column);
    }
  }
  return { name, time: series.length, values };
}

function numberIn(
  where: string,
  place: string,
  step: unknown,
  form: Form,
  names: readonly string[],
  column: number,
): number {
  const name = names[column]!;
  if (form === 'objects' && !Object.hasOwn(step as object, name)) {
    rejectColumns(where, place, form, names, step);
  }
  const value =
    form === 'numbers'
      ? step
      : form === 'lists'
        ? (step as ArrayLike<unknown>)[column]
        : (step as Record<string, unknown>)[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const of = form === 'numbers' ? '' : form === 'lists' ? `[${column}]` : `.${name}`;
  return reject({
    where,
    expected: `${place}${of} must be a finite number`,
    received: value,
    remedy:
      typeof value === 'string'
        ? 'Turn text into numbers with Number, or leave the column out by naming the others in columns.'
        : 'Fill a gap before, for example with the value of the step before it or between its neighbours.',
    see: 'gap-in-a-series',
  });
}

function rejectColumns(
  where: string,
  place: string,
  form: Form,
  names: readonly string[],
  received: unknown,
): never {
  const columns = names.length === 1 ? 'the column' : `the ${names.length} columns`;
  const isGap = received === null || received === undefined || Number.isNaN(received);
  reject({
    where,
    expected: `${place} must be ${FORMS[form]}${
      form === 'numbers' ? '' : ` with ${columns} ${names.slice(0, 10).join(', ')}`
    }, as at the other steps`,
    received,
    remedy: isGap
      ? 'Fill a gap before, for example with the value of the step before it or between its neighbours.'
      : 'Every step of every series has the columns that the forecaster was trained with.',
    see: 'gap-in-a-series',
  });
}

function rejectForm(where: string, place: string, received: unknown): never {
  return reject({
    where,
    expected: `${place} must be ${FORMS.numbers}, ${FORMS.lists} or ${FORMS.objects}`,
    received,
    remedy:
      typeof received === 'string'
        ? 'Turn text into numbers with Number.'
        : 'Fill a gap before, for example with the value of the step after it.',
    see: 'gap-in-a-series',
  });
}

function formOf(step: unknown): Form | undefined {
  // NaN has the form of a number, and is refused as one.
  if (typeof step === 'number') return 'numbers';
  if (isList(step)) return step.length > 0 ? 'lists' : undefined;
  const isObject = typeof step === 'object' && step !== null && !ArrayBuffer.isView(step);
  return isObject && Object.keys(step).length > 0 ? 'objects' : undefined;
}

/** A step of a forecast in the form of the observations. */
export function inForm(form: Form, names: readonly string[], values: readonly number[]): unknown {
  if (form === 'numbers') return values[0];
  if (form === 'lists') return [...values];
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

/** Throws unless there is nothing twice. */
export function requireDistinct(where: string, option: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  reject({ where, expected: `${option} must not hold ${show(twice)} twice`, received: names });
}
