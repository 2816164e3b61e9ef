import { Worker } from 'node:worker_threads';

/** A thread that runs a file of TypeScript beside this one. */
export function startWorker(file: string): Worker {
  return new Worker(new URL('./typescript.mjs', import.meta.url), { workerData: file });
}
