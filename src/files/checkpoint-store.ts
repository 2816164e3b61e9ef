import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingState, TrainingStateHeader } from '../training/checkpoint.js';
import { inUse, sweepTemporaries, syncDirectory, temporaryName, writeFlushed } from './atomic.js';
import { fileError, systemCode, systemReason } from './reject-file.js';

const HEADER = 'state.json';
const DATA = 'state.bin';
const CHECKPOINT = /^epoch-(\d{4,})$/;

/** What stands in `state.json`: the header, and a hash that the bytes must have. */
type StoredHeader = TrainingStateHeader & { sha256: string };

/** The folder of the checkpoint after `epoch` epochs: `epoch-0003`. */
export function checkpointName(epoch: number): string {
  return `epoch-${String(epoch).padStart(4, '0')}`;
}

/** The epochs of the checkpoints in a folder, newest first; none where there is no folder. */
export async function listCheckpoints(where: string, directory: string): Promise<number[]> {
  return guarded(where, directory, 'read', async () => {
    const names = await readdir(directory).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    const epochs = names.flatMap((name) => CHECKPOINT.exec(name)?.[1] ?? []).map(Number);
    return epochs.sort((a, b) => b - a);
  });
}

/**
 * Writes a checkpoint under a temporary name, waits until it is on the disk, and renames it: it is
 * there as a whole or not at all.
 */
export async function writeCheckpoint(
  where: string,
  directory: string,
  { header, data }: TrainingState,
): Promise<void> {
  const name = checkpointName(header.epoch);
  const temporary = temporaryName(name);
  const folder = join(directory, temporary);
  const stored: StoredHeader = { ...header, sha256: hash(data) };
  inUse.add(temporary);
  try {
    await guarded(where, join(directory, name), 'written', async () => {
      await mkdir(folder, { recursive: true });
      await writeFlushed(join(folder, DATA), data);
      await writeFlushed(join(folder, HEADER), JSON.stringify(stored));
      await syncDirectory(folder);
      await rename(folder, join(directory, name));
      await syncDirectory(directory);
    });
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    inUse.delete(temporary);
  }
}

/** Reads a checkpoint; undefined where a file is missing, cut short or altered. */
export async function readCheckpoint(
  where: string,
  directory: string,
  epoch: number,
): Promise<TrainingState | undefined> {
  const folder = join(directory, checkpointName(epoch));
  return guarded(where, folder, 'read', async () => {
    try {
      const [text, data] = await Promise.all([
        readFile(join(folder, HEADER), 'utf8'),
        readFile(join(folder, DATA)),
      ]);
      const { sha256, ...header } = JSON.parse(text) as StoredHeader;
      return header.epoch === epoch && sha256 === hash(data) ? { header, data } : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** Removes checkpoints: each is first renamed, so that none is ever there by half. */
export async function removeCheckpoints(
  where: string,
  directory: string,
  epochs: readonly number[],
): Promise<void> {
  for (const epoch of epochs) {
    const folder = join(directory, checkpointName(epoch));
    const temporary = join(directory, temporaryName(checkpointName(epoch)));
    await guarded(where, folder, 'removed', async () => {
      await rename(folder, temporary);
      await rm(temporary, { recursive: true, force: true });
    });
  }
}

/** Clears what killed processes left while they wrote or removed checkpoints. */
export async function sweepCheckpoints(where: string, directory: string): Promise<void> {
  await guarded(where, directory, 'cleared', async () => {
    try {
      await sweepTemporaries(directory, (target) => CHECKPOINT.test(target));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error; // no folder, nothing left in it
    }
  });
}

function hash(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

async function guarded<Result>(
  where: string,
  path: string,
  done: string,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const expected = `${path} cannot be ${done} (${systemReason(error)})`;
    const remedy = 'Check that its folder can be read and written and that the disk is not full.';
    throw fileError(path, { where, expected, remedy }, error);
  }
}
