/** Runs an example as a user does: the command in a process of its own, with the package as it is built. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundledExample } from './bundled.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Examples that this file of tests has run as they are. */
const run = new Set<string>();

/**
 * Runs the command as it is the first time, which is what users do, and bundled from then on, since tsx takes a
 * second to begin.
 *
 * @param killAt Kills it as soon as its output says so.
 */
export function runExampleCommand(
  example: string,
  args: readonly string[],
  killAt?: string,
): Promise<Outcome> {
  const command = run.has(example)
    ? [bundledExample(example)]
    : ['--import', 'tsx', `examples/${example}/main.ts`];
  run.add(example);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...command, ...args], { cwd: root });
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
