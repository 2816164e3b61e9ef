/** What text classifiers learn from and are tested on: texts, and classes by number or by name. */
import { reject, show } from '../../foundation/errors.js';
import { requireTwoLists } from '../sentiment/sentiment-data.js';

/** Texts, and for each of them its class. */
export interface TextData {
  /** At least one text. */
  texts: readonly string[];
  /** As many labels: numbers of classes from 0 on, or names of classes. */
  labels: ArrayLike<number | string>;
  /** The names of the classes by their numbers, as `readTextDirectory` gives them. */
  classNames?: readonly string[] | undefined;
}

/** Texts whose classes are numbers. */
export interface NumberedTexts {
  texts: readonly string[];
  labels: Int32Array;
}

/**
 * The classes that labels name. Names that nobody has given are those of the labels in alphabetical order, or
 * `'0'`, `'1'` and so on.
 *
 * @throws RecurrentError unless `data` has as many labels as texts, all of one kind, of two classes or more.
 */
export function readClasses(
  where: string,
  data: TextData,
  given: readonly string[] | undefined,
): string[] {
  requireEqualLists(where, data);
  const labels: unknown[] = Array.from(data.labels);
  const distinct = new Set(labels);
  if (distinct.size < 2) {
    reject({
      where,
      expected: `labels must be of two classes or more, but all are ${show(labels[0])}`,
      remedy: 'Give texts of every class.',
      see: 'wrong-labels',
    });
  }
  const names = given ?? data.classNames;
  if (names !== undefined) return requireClassNames(where, names);
  if (typeof labels[0] === 'string') {
    requireAll(where, labels, (label) => typeof label === 'string', 'the name of a class');
    return ([...distinct] as string[]).sort();
  }
  const isNumber = (label: unknown) => Number.isSafeInteger(label) && (label as number) >= 0;
  requireAll(where, labels, isNumber, 'the number of a class, from 0 on');
  const most = (labels as number[]).reduce((a, b) => Math.max(a, b)); // spread, it would be too many arguments
  if (most >= labels.length) {
    reject({
      where,
      expected: 'classes must be numbered from 0 on without gaps',
      received: most,
      remedy: 'Or give their names as labels.',
      see: 'wrong-labels',
    });
  }
  return Array.from({ length: most + 1 }, (_, index) => String(index));
}

/** The texts with the numbers of their classes. */
export function numberTexts(
  where: string,
  data: TextData,
  classNames: readonly string[],
): NumberedTexts {
  requireEqualLists(where, data);
  const numbers = new Map<unknown, number>();
  classNames.forEach((name, index) => {
    numbers.set(name, index);
    numbers.set(index, index);
  });
  const isKnown = (label: unknown) => numbers.has(label);
  const labels: unknown[] = Array.from(data.labels);
  const names = `one of ${classNames.map(show).join(', ')}`;
  requireAll(where, labels, isKnown, `${names}, or its number from 0 to ${classNames.length - 1}`);
  return { texts: data.texts, labels: Int32Array.from(labels, (label) => numbers.get(label)!) };
}

/** Throws unless a value is a list of two names or more, all different. */
function requireClassNames(where: string, names: unknown): string[] {
  if (areClassNames(names)) return [...names];
  reject({
    where,
    expected: 'classNames must be the different names of two classes or more, by their numbers',
    received: names,
    remedy: "For example ['negative', 'positive'].",
  });
}

/** Whether a value is a list of two names or more, all different. */
export function areClassNames(names: unknown): names is string[] {
  if (!Array.isArray(names) || names.length < 2) return false;
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

function requireAll(
  where: string,
  labels: readonly unknown[],
  isRight: (label: unknown) => boolean,
  expected: string,
): void {
  const index = labels.findIndex((label) => !isRight(label));
  if (index === -1) return;
  reject({
    where,
    expected: `labels[${index}] must be ${expected}`,
    received: labels[index],
    see: 'wrong-labels',
  });
}

function requireEqualLists(where: string, data: unknown): void {
  requireTwoLists(where, data, 'classes');
  const { texts, labels } = data;
  if (texts.length === 0 || texts.length !== labels.length) {
    reject({
      where,
      expected:
        'texts and labels must have one entry for each sample, but texts has ' +
        `${texts.length} and labels has ${labels.length}`,
      remedy: 'Give at least one text, and every text one label.',
      see: 'uneven-data',
    });
  }
}
