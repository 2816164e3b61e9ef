/** Runs an example as a user does: the command in a process of its own, with the package as it is built. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** @param killAt Kills it as soon as its output says so. */
export function runExampleCommand(
  example: string,
  args: readonly string[],
  killAt?: string,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const command = ['--import', 'tsx', `examples/${example}/main.ts`, ...args];
    const child = spawn(process.execPath, command, { cwd: root });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (killAt !== undefined && stdout.includes(killAt)) child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
}
