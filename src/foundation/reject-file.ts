import { type Complaint, FileError, linked } from './errors.js';

/**
 * Throws a {@link FileError} about `path`, with the message of `complain`.
 *
 * @param path The file or folder at fault. The message should name it too.
 * @param complaint The parts of the message.
 * @param cause The error underneath, if there is one.
 */
export function rejectFile(path: string, complaint: Complaint, cause?: unknown): never {
  throw fileError(path, complaint, cause);
}

/** The {@link FileError} that {@link rejectFile} throws, for where throwing must wait. */
export function fileError(path: string, complaint: Complaint, cause?: unknown): FileError {
  return new FileError(linked(complaint), path, cause === undefined ? undefined : { cause });
}

/** The code of a system error, such as `ENOENT`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a system error says, without the call and path that Node.js appends. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, \w+( '.*')?$/, '');
}
