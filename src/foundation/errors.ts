import type { Entry } from './entries.js';

/**
 * Every error that this library throws on purpose. Its message follows one
 * grammar: who complains, what was expected, what was received, what to do. The
 * last line is the address of a page that says more.
 *
 * @example
 * ```ts
 * import { padSequences, RecurrentError } from 'tfjs-recurrent';
 *
 * try {
 *   padSequences([[1, 2]], { maxlen: -3 });
 * } catch (error) {
 *   console.log(error instanceof RecurrentError, (error as Error).message);
 * }
 * // true padSequences: maxlen must be a positive integer, received -3. Leave it out to pad to the longest sequence.
 * // https://github.com/OWNER/tfjs-recurrent/blob/HEAD/docs/troubleshooting.md#wrong-value
 * ```
 */
export class RecurrentError extends Error {
  override readonly name: string = 'RecurrentError';
}

/**
 * A file or folder is missing, unreadable, damaged or not what it should be.
 *
 * @example
 * ```ts
 * import { FileError, readTextDirectory } from 'tfjs-recurrent/node';
 *
 * await readTextDirectory('no-such-folder').catch((error: unknown) => {
 *   if (error instanceof FileError) console.log(error.name, error.path.endsWith('no-such-folder'));
 * });
 * // FileError true
 * ```
 */
export class FileError extends RecurrentError {
  override readonly name = 'FileError';

  /** The file that the message names. */
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** The parts of a message, in the order in which they are read. */
export interface Complaint {
  /** The function, class or file that complains: `padSequences`. */
  where: string;
  /** What must hold, or what went wrong: `maxlen must be a positive integer`. */
  expected: string;
  /** The offending value; shown shortened. Leave it out when there is none to show. */
  received?: unknown;
  /** What the reader can do about it: one or more whole sentences. */
  remedy?: string;
  /** The entry that says more. Leave it out for `wrong-value`, where `received` has that value. */
  see?: Entry;
}

/**
 * Puts a message together: `where: expected, received X. Remedy.`
 *
 * @example
 * ```ts
 * complain({ where: 'padSequences', expected: 'maxlen must be a positive integer',
 *   received: -3, remedy: 'Leave it out to pad to the longest sequence.' });
 * // 'padSequences: maxlen must be a positive integer, received -3. Leave it out to pad to the longest sequence.'
 * ```
 */
export function complain(complaint: Complaint): string {
  const received = 'received' in complaint ? `, received ${show(complaint.received)}` : '';
  const remedy = complaint.remedy === undefined ? '' : ` ${complaint.remedy}`;
  return `${complaint.where}: ${complaint.expected}${received}.${remedy}`;
}

/** Throws the {@link RecurrentError} of {@link errorOf}. */
export function reject(complaint: Complaint, cause?: unknown): never {
  throw errorOf(complaint, cause);
}

/**
 * The error of a complaint, for where throwing must wait.
 *
 * @param complaint The parts of the message.
 * @param cause The error underneath, if there is one.
 */
export function errorOf(complaint: Complaint, cause?: unknown): RecurrentError {
  return new RecurrentError(linked(complaint), cause === undefined ? undefined : { cause });
}

// scripts/repository.mjs writes the owner, as in package.json. At HEAD, since a page only grows.
const PAGE = 'https://github.com/OWNER/tfjs-recurrent/blob/HEAD/docs/troubleshooting.md#';

/** The message of an error: that of {@link complain}, and the address of its entry. */
export function linked(complaint: Complaint): string {
  return `${complain(complaint)}\n${PAGE}${complaint.see ?? 'wrong-value'}`;
}

/** What an error says, without the address of its entry: for a message that repeats it. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [sentences = ''] = message.split(`\n${PAGE}`);
  return sentences;
}

const LONGEST_SHOWN = 80;

/** A value as a message shows it: strings in quotes, everything short. */
export function show(value: unknown): string {
  const text = showWhole(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function showWhole(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (Array.isArray(value)) return `[${value.slice(0, 10).map(show).join(', ')}]`;
  if (ArrayBuffer.isView(value)) return value.constructor.name;
  if (typeof value === 'object' && value !== null) {
    // Generators have a constructor without a name.
    const name = value.constructor?.name || Object.prototype.toString.call(value).slice(8, -1);
    if (name === 'Object') return `{ ${Object.keys(value).slice(0, 5).join(', ')} }`;
    return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
  }
  return String(value);
}
