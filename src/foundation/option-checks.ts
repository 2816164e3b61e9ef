/** Checks of options and arguments that every room shares; each throws in the grammar of `reject`. */
import { reject, show } from './errors.js';
import { nearestNames } from './nearest-names.js';

/** What messages call the things that were given by name. */
type Kind = 'option' | 'argument' | 'callback';

/**
 * Rejects options that do not exist, so that a misspelt one is not silently ignored.
 *
 * @param where The function that was called.
 * @param options What it was given; `undefined` counts as `{}`.
 * @param known The names of its options. The first is the one that a lone value may be meant for.
 * @param remedies What to do for names that others have: of Keras, or of a function like this one.
 */
export function requireKnownOptions(
  where: string,
  options: unknown,
  known: readonly string[],
  remedies: Readonly<Record<string, string>> = {},
  kind: Kind = 'option',
): void {
  if (options === undefined) return;
  const names = namesIn(options);
  const unknown = names?.find((name) => !known.includes(name));
  const none = names?.length === 0 || unknown !== undefined;
  if (names === undefined || (none && !isPlain(options))) {
    const value = typeof options === 'object' && !Array.isArray(options) ? '…' : show(options);
    reject({
      where,
      expected: `${kind}s must be an object`,
      received: options,
      remedy: `Give them by name, as in { ${known[0]}: ${value} }.`,
    });
  }
  if (unknown === undefined) return;
  reject({
    where,
    expected: `there is no ${kind} ${unknown}`,
    remedy:
      (Object.hasOwn(remedies, unknown) && remedies[unknown]) || remedyFor(unknown, known, kind),
    see: 'unknown-option',
  });
}

function remedyFor(name: string, known: readonly string[], kind: Kind): string {
  const nearest = nearestNames(name, known);
  const plain = (each: string) => each.replaceAll('_', '').toLowerCase();
  // Keras users write snake_case first.
  if (nearest.length === 1 && plain(nearest[0]!) === plain(name)) return `Write ${nearest[0]}.`;
  const all = `The ${kind}s are ${known.join(', ')}.`;
  return nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}? ${all}` : all;
}

/** The names in an object, those that it inherits from another one included; undefined for anything else. */
function namesIn(options: unknown): string[] | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  if (Array.isArray(options) || ArrayBuffer.isView(options)) return undefined;
  const names: string[] = [];
  for (const name in options) if (!(name in Object.prototype)) names.push(name);
  return names;
}

/** Whether a value was written as { … }, or made from nothing; also in another realm. */
function isPlain(value: unknown): boolean {
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object';
  return name === 'Object';
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

/** Requires what may be dropped: a fraction from 0 up to, not including, 1. */
export function requireDropped(
  where: string,
  name: string,
  value: unknown,
  remedy?: string,
): asserts value is number {
  if (typeof value === 'number' && value >= 0 && value < 1) return;
  const expected = `${name} must be a number from 0 up to, not including, 1`;
  reject({ where, expected, received: value, remedy });
}

/** Requires a finite number above 0. */
export function requirePositive(
  where: string,
  name: string,
  value: unknown,
): asserts value is number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return;
  reject({ where, expected: `${name} must be a positive number`, received: value });
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
