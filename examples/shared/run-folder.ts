/** The folder that a run leaves behind. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from 'tfjs-recurrent/node';

/** Writes one of the run's files whole or not at all. */
export const saveText = (out: string, name: string, text: string): Promise<void> =>
  writeFileAtomic(join(out, name), text);

/** Whether there is a file or a folder. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
