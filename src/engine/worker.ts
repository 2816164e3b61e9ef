/**
 * Starts a thread from a function, in Node and in browsers, without a file of its
 * own: bundlers need no configuration. A thread never keeps the process alive.
 */
import { nodeBuiltin } from '../foundation/node-builtins.js';

interface NodeWorker {
  on(event: 'error', listener: (error: unknown) => void): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface WorkerThreads {
  Worker: new (code: string, options: object) => NodeWorker;
}

/**
 * Runs `body(...values)` on a new thread.
 *
 * @param body A function that closes over nothing, since only its text travels.
 * @param values What a thread can be sent.
 * @param onError Hears of what ends the thread.
 * @returns A function that ends the thread, or null where none can be started.
 */
export function startWorker<Values extends unknown[]>(
  body: (...values: Values) => void,
  values: Values,
  onError: (error: unknown) => void,
): (() => void) | null {
  const node = nodeBuiltin('node:worker_threads') as WorkerThreads | undefined;
  try {
    return node
      ? startInNode(node, `${body}`, values, onError)
      : startInBrowser(`${body}`, values, onError);
  } catch {
    return null;
  }
}

function startInNode(
  { Worker }: WorkerThreads,
  body: string,
  values: unknown[],
  onError: (error: unknown) => void,
): () => void {
  const code = `(${body})(...require('node:worker_threads').workerData)`;
  const worker = new Worker(code, { eval: true, workerData: values, execArgv: [], env: {} });
  worker.on('error', onError);
  worker.unref();
  return () => void worker.terminate();
}

function startInBrowser(
  body: string,
  values: unknown[],
  onError: (error: unknown) => void,
): (() => void) | null {
  if (typeof Worker === 'undefined') return null;
  const code = `onmessage = ({ data }) => (${body})(...data)`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onerror = onError;
  worker.postMessage(values);
  URL.revokeObjectURL(url);
  return () => worker.terminate();
}

/** How many threads the machine runs at once. */
export function availableThreads(): number {
  return (
    nodeBuiltin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
  );
}
