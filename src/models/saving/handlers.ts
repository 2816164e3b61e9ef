/** The one handler of TensorFlow.js that saves to, or loads from, what a caller names. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';

/**
 * The handler itself, or the only one for a URL.
 *
 * @throws RecurrentError when there is none, or when it cannot do this.
 */
export function oneHandler(
  where: string,
  target: tf.io.IOHandler | string,
  method: 'save' | 'load',
): tf.io.IOHandler {
  if (typeof target !== 'string') {
    if (typeof target?.[method] === 'function') return target;
    reject({
      where,
      expected: `ioHandler must be able to ${method} models`,
      received: target,
      remedy: 'Pass a handler of tf.io, a URL, or in Node fileSystem(directory).',
      see: 'no-place-to-save',
    });
  }
  const find = method === 'save' ? tf.io.getSaveHandlers : tf.io.getLoadHandlers;
  const [handler, second] = find(method === 'load' ? absolute(target) : target);
  if (handler?.[method] !== undefined && second === undefined) return handler;
  reject({
    where,
    expected: `exactly one handler of tf.io must be able to ${method} models at the URL`,
    received: target,
    remedy: 'In browsers use indexeddb://name or https://…, in Node fileSystem(directory).',
    see: 'no-place-to-save',
  });
}

/** Where a page finds a file whose address is relative to its own, as `tf.loadLayersModel` reads it, too. */
function absolute(target: string): string {
  const { location } = globalThis as { location?: { href: string } };
  const hasScheme = /^[a-z][a-z\d+.-]*:/i.test(target);
  // Nothing is relative to the address of a worker that was made of a blob.
  if (hasScheme || !location || !/^https?:/.test(location.href)) return target;
  return new URL(target, location.href).href;
}
