import { readdir, readlink } from 'node:fs/promises';

/** The files below `folder` that this process has open. Linux tells; elsewhere the list is empty. */
export async function openFilesBelow(folder: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith(folder));
}
