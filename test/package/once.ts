import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what the test files of one run share, made and removed by fresh-dist.ts. */
    shared: string;
  }
}

export const sharedFolder = () => inject('shared');

/** For whoever makes it, in ms: an installation from the registry, on a busy machine. */
const PATIENCE = 900_000;

type Made<T> = { value: T } | { error: string; stderr?: string };

/**
 * Has the first test file that asks make something, and gives what came of it to all of them, in
 * whatever process they are. The others wait.
 *
 * @param value What JSON can hold, such as the path of a file.
 */
export function once<T>(name: string, make: () => T): T {
  const result = join(sharedFolder(), `${name}.json`);
  if (claim(join(sharedFolder(), `${name}.claim`))) {
    const draft = `${result}.draft`;
    writeFileSync(draft, JSON.stringify(attempt(make)));
    renameSync(draft, result);
  }
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (const end = Date.now() + PATIENCE; !existsSync(result); Atomics.wait(clock, 0, 0, 50)) {
    if (Date.now() > end) throw new Error(`Nobody has made the ${name} of these tests.`);
  }
  const made = JSON.parse(readFileSync(result, 'utf8')) as Made<T>;
  if ('error' in made) throw Object.assign(new Error(made.error), { stderr: made.stderr });
  return made.value;
}

function attempt<T>(make: () => T): Made<T> {
  try {
    return { value: make() };
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    return { error: message, stderr };
  }
}

function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
