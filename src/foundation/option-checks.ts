/** Checks of options and arguments that every room shares; each throws in the grammar of `reject`. */
import { reject, show } from './errors.js';

/**
 * Rejects options that do not exist, so that a misspelt one is not silently ignored.
 *
 * @param where The function that was called.
 * @param options What it was given; `undefined` counts as `{}`.
 * @param known The names of its options.
 */
export function requireKnownOptions(
  where: string,
  options: unknown,
  known: readonly string[],
): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    reject({ where, expected: 'options must be an object', received: options });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    // Keras users write snake_case first.
    const plain = name.replaceAll('_', '').toLowerCase();
    const meant = known.find((candidate) => candidate.toLowerCase() === plain);
    reject({
      where,
      expected: `there is no option ${name}`,
      remedy: meant ? `Write ${meant}.` : `The options are ${known.join(', ')}.`,
    });
  }
}

/** Requires an integer of at least `minimum` that a double holds exactly. */
export function requireInteger(
  where: string,
  name: string,
  value: unknown,
  minimum: number,
  remedy?: string,
): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return;
  const kind =
    minimum === 0
      ? 'a non-negative integer'
      : minimum === 1
        ? 'a positive integer'
        : `an integer of at least ${minimum}`;
  reject({ where, expected: `${name} must be ${kind}`, received: value, remedy });
}

export function requireBoolean(where: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  reject({ where, expected: `${name} must be true or false`, received: value });
}

export function requireString(
  where: string,
  name: string,
  value: unknown,
  remedy?: string,
): asserts value is string {
  if (typeof value === 'string') return;
  reject({ where, expected: `${name} must be a string`, received: value, remedy });
}

/** Requires one of a few names, and lists them otherwise. */
export function requireOneOf(
  where: string,
  name: string,
  value: unknown,
  choices: readonly string[],
  remedy?: string,
): void {
  if (choices.includes(value as string)) return;
  const listed = choices.map(show);
  const expected = `${name} must be ${listed.slice(0, -1).join(', ')} or ${listed.at(-1)}`;
  reject({ where, expected, received: value, remedy });
}

/** An array or a typed array: what counts as a sequence. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
