/** What composed twins compute: once a case, and once for all binaries, since none has a part in it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { tf } from '../../../src/foundation/tensorflow.js';
import { useBackend } from '../kernels.js';

export type Values = Record<string, Float32Array>;

/** Where the processes of a run leave them for each other; vitest.config.ts removes it. */
const FOLDER = process.env.TWINS_OF_KERNELS;

const known = new Map<string, Values>();

/**
 * @param key All that decides what comes out, the name of the test file included.
 * @param compute Runs on the cpu backend.
 */
export async function twinOf(key: string, compute: () => Values): Promise<Values> {
  const found = known.get(key) ?? read(key);
  const values = found ?? (await onCpu(compute));
  known.set(key, values);
  if (!found) write(key, values);
  return values;
}

/** Computes on the cpu backend, and goes back to the one before. */
export async function onCpu(compute: () => Values): Promise<Values> {
  const backend = tf.getBackend();
  await useBackend('cpu');
  const values = compute();
  await useBackend(backend);
  return values;
}

const fileOf = (key: string) => join(FOLDER!, createHash('sha256').update(key).digest('hex'));

function read(key: string): Values | undefined {
  if (FOLDER === undefined || !existsSync(fileOf(key))) return undefined;
  return deserialize(readFileSync(fileOf(key)));
}

function write(key: string, values: Values): void {
  if (FOLDER === undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  // Whole, whenever another process looks for it.
  const draft = `${fileOf(key)}.${process.pid}`;
  writeFileSync(draft, serialize(values));
  renameSync(draft, fileOf(key));
}
