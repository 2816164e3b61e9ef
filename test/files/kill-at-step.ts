import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Makes this process kill itself right before the given step that it takes on files from now on,
 * counted from 1: making, opening, writing, flushing, renaming, removing, listing. Before a
 * writing step, half of the data is written.
 */
export function killAtStep(step: number): void {
  let left = step;
  const due = () => --left === 0;
  const die = () => process.kill(process.pid, 'SIGKILL');

  function watchHandle(handle: FileHandle): FileHandle {
    const write = handle.writeFile.bind(handle);
    handle.writeFile = async (data) => {
      if (due()) {
        const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array);
        await write(bytes.subarray(0, bytes.length / 2));
        die();
      }
      await write(data);
    };
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      if (due()) die();
      await sync();
    };
    return handle;
  }

  const { open, mkdir, rename, rm, readdir } = fs;
  const watched = <F extends (...args: never[]) => unknown>(call: F): F =>
    ((...args: Parameters<F>) => {
      if (due()) die();
      return call(...args);
    }) as F;
  const openFile: typeof open = watched(open);
  Object.assign(fs, {
    open: async (...args: Parameters<typeof open>) => watchHandle(await openFile(...args)),
    mkdir: watched(mkdir),
    rename: watched(rename),
    rm: watched(rm),
    readdir: watched(readdir),
  });
  syncBuiltinESMExports();
}
