import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingState } from '../training/checkpoint.js';
import { inUse, sweepTemporaries, syncDirectory, temporaryName, writeFlushed } from './atomic.js';
import { DATA, HEADER, readState, writeHeader } from './checkpoint-format.js';
import { fileError, systemCode, systemReason } from '../foundation/reject-file.js';

const CHECKPOINT = /^epoch-(\d{4,})$/;

/** A checkpoint that cannot be used, and the file that is at fault. */
export interface DamagedCheckpoint {
  path: string;
  damage: 'is missing' | 'is cut short or altered';
}

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
  state: TrainingState,
): Promise<void> {
  const name = checkpointName(state.header.epoch);
  const temporary = temporaryName(name);
  const folder = join(directory, temporary);
  inUse.add(temporary);
  try {
    await guarded(where, join(directory, name), 'written', async () => {
      await mkdir(folder, { recursive: true });
      await writeFlushed(join(folder, DATA), state.data);
      await writeFlushed(join(folder, HEADER), writeHeader(state));
      await syncDirectory(folder);
      await rename(folder, join(directory, name));
      await syncDirectory(directory);
    });
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    inUse.delete(temporary);
  }
}

/** Reads a checkpoint, if every bit of it is as it was written. */
export async function readCheckpoint(
  where: string,
  directory: string,
  epoch: number,
): Promise<TrainingState | DamagedCheckpoint> {
  const folder = join(directory, checkpointName(epoch));
  return guarded(where, folder, 'read', async () => {
    const [json, data] = await Promise.all(
      [HEADER, DATA].map((name) => readIfThere(join(folder, name))),
    );
    if (json === undefined) return { path: join(folder, HEADER), damage: 'is missing' };
    if (data === undefined) return { path: join(folder, DATA), damage: 'is missing' };
    const state = readState(json, data, epoch);
    if (typeof state !== 'string') return state;
    return { path: join(folder, state), damage: 'is cut short or altered' };
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

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
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
    throw fileError(path, { where, expected, remedy, see: 'unwritable-file' }, error);
  }
}
