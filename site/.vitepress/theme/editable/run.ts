/** What the worker of an example says. */
export type FromWorker =
  | { kind: 'loaded' }
  | { kind: 'text'; text: string }
  | { kind: 'chart'; svg: string }
  | { kind: 'error'; message: string; line: number | undefined }
  | { kind: 'end'; milliseconds: number };

/**
 * Runs an example in a worker of its own, so that nothing of one run is left in the next, and an
 * endless loop can be stopped. Returns what stops it.
 */
export function runExample(code: string, hear: (message: FromWorker) => void): () => void {
  const worker = new Worker(new URL('./run.worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'loaded') worker.postMessage(code);
    if (data.kind === 'end' || data.kind === 'error') worker.terminate();
    hear(data);
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    worker.terminate();
    hear({ kind: 'error', message: event.message ?? '', line: undefined });
  });
  return () => worker.terminate();
}
