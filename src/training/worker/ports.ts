/** The two ends of the line between a page and its worker, in browsers and in Node alike. */
import { reject } from '../../foundation/errors.js';
import { nodeBuiltin } from '../../foundation/node-builtins.js';

/** A Web Worker, or a Worker of `node:worker_threads`. */
export interface TrainingWorker {
  /** Sends a message, with memory that goes along instead of being copied. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends the worker. */
  terminate(): unknown;
}

/** One end of the line. */
export interface Port {
  post(message: object, transfer?: ArrayBuffer[]): void;
  /** Has `hear` told of every message, and `fail` of what ends the other side; returns what undoes it. */
  listen(hear: (message: unknown) => void, fail?: (error: unknown) => void): () => void;
}

type Listener = (value: never) => void;

/** What browsers have. */
interface EventLine extends Pick<TrainingWorker, 'postMessage'> {
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
}

/** What Node has. */
interface EmitterLine extends Pick<TrainingWorker, 'postMessage'> {
  on(type: string, listener: Listener): void;
  off(type: string, listener: Listener): void;
}

/** The line to a worker. */
export function portTo(where: string, worker: TrainingWorker): Port {
  if (isEventLine(worker)) return eventPort(worker);
  if (isEmitterLine(worker)) return emitterPort(worker);
  return reject({
    where,
    expected: 'worker must be a Worker',
    received: worker,
    remedy:
      "Write new Worker(new URL('./train.worker.js', import.meta.url), { type: 'module' }), " +
      'and call serveTraining in that file.',
  });
}

/** The line from a worker to whoever has started it. */
export function portToParent(where: string): Port {
  const parent = nodeBuiltin('node:worker_threads')?.parentPort;
  if (parent) return emitterPort(parent as EmitterLine);
  // A page has these methods, too, to talk to frames.
  const line: unknown = globalThis;
  if (typeof document === 'undefined' && isEventLine(line)) return eventPort(line);
  return reject({
    where,
    expected: 'it must be called in a worker',
    remedy:
      'Call it in the file that new Worker(…) names; pages call trainInWorker or fitInWorker.',
    see: 'wrong-moment',
  });
}

function isEventLine(line: unknown): line is EventLine {
  const { postMessage, addEventListener } = Object(line) as Partial<EventLine>;
  return typeof postMessage === 'function' && typeof addEventListener === 'function';
}

function isEmitterLine(line: unknown): line is EmitterLine {
  const { postMessage, on, off } = Object(line) as Partial<EmitterLine>;
  return [postMessage, on, off].every((method) => typeof method === 'function');
}

function eventPort(line: EventLine): Port {
  return {
    post: (message, transfer = []) => line.postMessage(message, transfer),
    listen(hear, fail) {
      const listeners: Record<string, (event: never) => void> = {
        message: ({ data }: { data: unknown }) => hear(data),
      };
      if (fail) {
        listeners.error = ({ message, error }: { message?: string; error?: unknown }) =>
          fail(error ?? message);
        listeners.messageerror = () => fail('a message could not be read');
      }
      const all = Object.entries(listeners);
      for (const [type, listener] of all) line.addEventListener(type, listener);
      return () => {
        for (const [type, listener] of all) line.removeEventListener(type, listener);
      };
    },
  };
}

function emitterPort(line: EmitterLine): Port {
  return {
    post: (message, transfer = []) => line.postMessage(message, transfer),
    listen(hear, fail) {
      const listeners: Record<string, (value: never) => void> = { message: hear };
      if (fail) {
        listeners.error = fail;
        listeners.messageerror = fail;
        listeners.exit = (code: number) => fail(`it ended with code ${code}`);
      }
      const all = Object.entries(listeners);
      for (const [type, listener] of all) line.on(type, listener);
      return () => {
        for (const [type, listener] of all) line.off(type, listener);
      };
    },
  };
}
