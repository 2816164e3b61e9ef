/** How what a model was compiled with is read: what it says, and what cannot be had here. */
import { complain, RecurrentError } from '../../../foundation/errors.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** What of a compile state cannot be had. Caught where the model is compiled. */
export class CompileError extends RecurrentError {
  /** What is missing and why, as part of a sentence. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Throws a {@link CompileError}: `the optimizer must be …, received "Lion"`. */
export function cannotHave(expected: string, received: unknown): never {
  const where = '';
  throw new CompileError(
    complain({ where, expected, received }).replace(/^: /, '').replace(/\.$/, ''),
  );
}

/** An optimizer, a loss or a metric: its class or function, and its settings. */
export interface WrittenObject {
  name: string;
  settings: JsonObject;
}

/**
 * Reads an object in every form that Keras has used: its name, `{ class_name, config }`, a function
 * `{ class_name: 'function', config: 'mean_squared_error' }`, and one that is wrapped in `fn`.
 */
export function readObject(written: unknown): WrittenObject {
  if (typeof written === 'string') return { name: written, settings: {} };
  if (!isObject(written)) return { name: String(written), settings: {} };
  const name = String(property(written, 'class_name') ?? '');
  const config = property(written, 'config');
  if (name === 'function' && typeof config === 'string') return { name: config, settings: {} };
  const settings = isObject(config) ? config : {};
  const wrapped = property(settings, 'fn');
  const isWrapper = name.endsWith('Wrapper');
  return { name: isWrapper && wrapped != null ? readObject(wrapped).name : name, settings };
}

/** The name without underscores and in small letters, so that functions and classes have one. */
export function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/**
 * Throws for a setting that would change what is computed.
 *
 * @param what The object in messages: `the loss Huber`.
 * @param read The settings that its reader looks at.
 * @param fixed Other settings, and the values at which they change nothing.
 */
export function requireNothingElse(
  what: string,
  settings: JsonObject,
  read: readonly string[],
  fixed: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [key, value] of Object.entries(settings)) {
    if (value === null || read.includes(key)) continue;
    if (Object.hasOwn(fixed, key) && fixed[key]!.includes(value)) continue;
    cannotHave(`${what} has ${key}, which TensorFlow.js does not have`, value);
  }
}

/** A number of an object's settings. */
export function numberOf(
  what: string,
  settings: JsonObject,
  key: string,
  byDefault: number,
): number {
  const value = property(settings, key) ?? byDefault;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return cannotHave(`${what} must have a number as ${key}`, value);
}
