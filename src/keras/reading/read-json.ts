/** JSON from a stranger: text to values that are safe to walk through. */
import { reject } from '../../foundation/errors.js';
import { kindOfText } from './file-kinds.js';

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: unknown };

const DEEPEST = 100;
const MOST_VALUES = 2_000_000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property, so that `constructor` is nothing but a key. */
export function property(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `json.dump(model.to_json(), file)` makes a text of a text, and some do it twice. */
const MOST_WRAPPINGS = 3;

/**
 * Parses an object, which may be the text of a text.
 *
 * @param what What the text is, for messages.
 * @throws RecurrentError when it is no JSON object, nests deeply, or has a key `__proto__`.
 */
export function parseJsonObject(what: string, text: string): JsonObject {
  let value: unknown = text.replace(/^\ufeff/, '');
  for (let i = 0; typeof value === 'string' && i <= MOST_WRAPPINGS; i++) {
    try {
      value = JSON.parse(value);
    } catch {
      // What begins as JSON and goes wrong later is cut off or damaged.
      if (/^\s*[{["]/.test(text)) broken(`${what} must be JSON`, text);
      refuseText(`${what} must be JSON`, text);
    }
  }
  if (!isObject(value)) broken(`${what} must be a JSON object`, value);
  requireHarmless(what, value);
  return value;
}

/** Throws, and says what a text is if it is known. */
export function refuseText(expected: string, text: string): never {
  const kind = kindOfText(text);
  if (kind === undefined) broken(expected, text);
  reject({
    where: 'loadKerasModel',
    expected: `${expected} and is ${kind.what}`,
    remedy: kind.remedy,
    see: 'not-a-keras-file',
  });
}

function requireHarmless(what: string, root: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (++seen > MOST_VALUES) broken(`${what} must hold at most ${MOST_VALUES} values`);
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEEPEST) broken(`${what} must be nested at most ${DEEPEST} deep`);
    if (Object.hasOwn(value, '__proto__')) broken(`${what} must not have the key __proto__`);
    for (const inner of Object.values(value)) open.push({ value: inner, depth: depth + 1 });
  }
}

function broken(expected: string, ...received: [unknown?]): never {
  reject({
    where: 'loadKerasModel',
    expected,
    ...(received.length > 0 && { received: received[0] }),
    remedy: 'It should be what model.to_json() of Keras returns.',
    see: 'not-a-keras-file',
  });
}
