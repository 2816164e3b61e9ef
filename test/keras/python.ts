import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ASK = `
from importlib.metadata import version
import sys
sys.exit(0 if int(version("keras").split(".")[0]) >= 3 else 1)
`;

/**
 * A Python in which Keras 3 is installed: `PYTHON` of the environment, else python3; undefined without.
 *
 * @param unchecked What is then not checked, for the warning that says so.
 */
export function pythonWithKeras(unchecked?: string): string | undefined {
  const candidates = [process.env.PYTHON, 'python3'];
  const found = candidates.find(
    (python) => python && spawnSync(python, ['-c', ASK], { stdio: 'ignore' }).status === 0,
  );
  if (found === undefined && unchecked) {
    console.warn(
      `NOT CHECKED: no Python with Keras 3 was found, so ${unchecked}. Set PYTHON to one that has it.`,
    );
  }
  return found;
}

/** The lines that a script prints. */
export function printedBy(python: string, script: URL, ...args: string[]): string[] {
  const printed = execFileSync(python, [fileURLToPath(script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return printed.trim().split('\n');
}
