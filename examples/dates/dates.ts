/** Dates as people write them, and as ISO 8601 does; which of them to learn from and which to be tested on. */
import { permutation } from 'tfjs-recurrent';

/** A date in the hand of a person, and the same in ISO 8601. */
export interface DatePair {
  human: string;
  iso: string;
  format: number;
  year: number;
}

/** The years, the first of them included: two digits say which one is meant. */
export const FIRST_YEAR = 1950;
export const YEARS = 100;

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

interface Parts {
  year: number;
  month: number;
  day: number;
  /** Names, and their first three letters. */
  monthName: string;
  weekday: string;
}

const short = (name: string) => name.slice(0, 3);
const two = (number: number) => String(number).padStart(2, '0');

/** 1st, 2nd, 3rd, 4th. */
function ordinal(day: number): string {
  const ending = day > 10 && day < 14 ? undefined : ['st', 'nd', 'rd'][(day % 10) - 1];
  return `${day}${ending ?? 'th'}`;
}

/** How people write a date. Days stand before months with dots, behind them with slashes. */
export const FORMATS: readonly ((date: Parts) => string)[] = [
  ({ monthName, day, year }) => `${monthName} ${day}, ${year}`,
  ({ monthName, day, year }) => `${day} ${monthName} ${year}`,
  ({ monthName, day, year }) => `${short(monthName)} ${day}, ${year}`,
  ({ monthName, day, year }) => `${two(day)}-${short(monthName)}-${year}`,
  ({ monthName, day, year }) => `${ordinal(day)} of ${monthName} ${year}`,
  ({ monthName, day, year }) => `${monthName} the ${ordinal(day)}, ${year}`,
  ({ monthName, day, year, weekday }) => `${weekday}, ${monthName} ${day}, ${year}`,
  ({ monthName, day, year, weekday }) =>
    `${short(weekday)} ${day} ${short(monthName)} '${two(year % 100)}`,
  ({ month, day, year }) => `${day}.${month}.${year}`,
  ({ month, day, year }) => `${two(month)}/${two(day)}/${year}`,
  ({ month, day, year }) => `${month}/${day}/${two(year % 100)}`,
  ({ monthName, day, year }) => `${year}, ${monthName} ${day}`,
];

/** The longest that a person writes. */
export const LONGEST_HUMAN = 'Wednesday, September 30, 1998'.length;
export const ISO_LENGTH = '1998-09-30'.length;

/** A date in one of the formats. */
export function writeDate(format: number, year: number, dayOfYear: number): DatePair {
  const date = new Date(Date.UTC(year, 0, 1 + dayOfYear));
  const month = date.getUTCMonth() + 1;
  const day = date.getUTCDate();
  const human = FORMATS[format]!({
    ...{ year: date.getUTCFullYear(), month, day },
    monthName: MONTHS[month - 1]!,
    weekday: WEEKDAYS[date.getUTCDay()]!,
  });
  return { human, iso: date.toISOString().slice(0, 10), format, year };
}

/**
 * Whether a format and a year are never shown together while learning: a quarter of all pairs. Each
 * format is learned with three quarters of the years, each year with three quarters of the formats.
 */
export function isHeldOut(format: number, year: number): boolean {
  return (format + Math.floor((year - FIRST_YEAR) * 1.5)) % 4 === 0;
}

/**
 * Different dates, in an order that the seed decides.
 *
 * @param which Of the formats and years that are learned together, or of those that never are.
 */
export function drawDates(which: 'train' | 'test', count: number, seed: number): DatePair[] {
  const pairs: DatePair[] = [];
  const all = FORMATS.length * YEARS * 365;
  for (const number of permutation(all, seed)) {
    if (pairs.length === count) break;
    const format = number % FORMATS.length;
    const year = FIRST_YEAR + (Math.floor(number / FORMATS.length) % YEARS);
    if (isHeldOut(format, year) !== (which === 'test')) continue;
    pairs.push(writeDate(format, year, Math.floor(number / FORMATS.length / YEARS)));
  }
  return pairs;
}
