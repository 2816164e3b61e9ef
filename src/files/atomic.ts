import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';

/**
 * Writes a file so that a process killed at any moment leaves the old content or the new one.
 *
 * The data go to a hidden file beside the target, are flushed to the disk, and are renamed over it.
 * Missing folders are made; what killed writers of the same file left behind is removed.
 *
 * @param path The file to write. What was there is replaced.
 * @param data Text, written as UTF-8, or bytes.
 * @throws FileError naming the file when it cannot be written; nothing is left behind.
 *
 * @example
 * ```ts
 * import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { writeFileAtomic } from 'tfjs-recurrent/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'report-'));
 * await writeFileAtomic(join(folder, 'report.txt'), 'accuracy 0.85');
 * console.log(await readFile(join(folder, 'report.txt'), 'utf8'));
 * // accuracy 0.85
 * console.log((await readdir(folder)).join(', '));
 * // report.txt
 * await rm(folder, { recursive: true });
 * ```
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  inUse.add(basename(temporary));
  try {
    await mkdir(folder, { recursive: true });
    await writeFlushed(temporary, data);
    await rename(temporary, path);
    await syncDirectory(folder);
    await sweepTemporaries(folder, (name) => name === basename(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    rejectFile(
      path,
      {
        where: 'writeFileAtomic',
        expected: `${path} cannot be written (${systemReason(error)})`,
        remedy: 'Check that its folder can be written to and that the disk is not full.',
        see: 'unwritable-file',
      },
      error,
    );
  } finally {
    inUse.delete(basename(temporary));
  }
}

/** Writes a new file and waits until its content is on the disk. */
export async function writeFlushed(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the names in `folder` are on the disk: a rename alone may not outlive a power cut. */
export async function syncDirectory(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows cannot open folders, and flushes by itself.
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Temporary names that this process is writing to now. */
export const inUse = new Set<string>();

const TEMPORARY = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.tmp$/;

/** A hidden name, unused, that tells which process writes what: `.model.json.1234-0a1b2c3d4e5f.tmp`. */
export function temporaryName(target: string): string {
  return `.${target}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Removes from `folder` what killed processes left under a {@link temporaryName}; what a living
 * process is still writing stays.
 *
 * @param of Whether a target is the caller's to sweep for.
 */
export async function sweepTemporaries(
  folder: string,
  of: (target: string) => boolean,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const match = TEMPORARY.exec(name);
    if (match === null || !of(match[1]!) || inUse.has(name)) continue;
    const writer = Number(match[2]);
    if (writer !== process.pid && isAlive(writer)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 asks without touching
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
