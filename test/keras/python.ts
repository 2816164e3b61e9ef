import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
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

/** A Python that runs one script after another. */
interface Running {
  python: string;
  child: ChildProcessByStdio<Writable, Readable, null>;
  answers: AsyncIterator<string>;
}
let running: Running | undefined;

function start(python: string): Running {
  const child = spawn(python, [fileURLToPath(new URL('run_scripts.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...{ TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
      TF_ENABLE_ONEDNN_OPTS: '0', // other instructions round otherwise
      ...process.env,
    },
  });
  // It ends with this process, which does not wait for it.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as Socket).unref();
  const lines = createInterface({ input: child.stdout });
  return { python, child, answers: lines[Symbol.asyncIterator]() };
}

let before: Promise<unknown> = Promise.resolve();

/**
 * The lines that a script prints. All scripts of a process run in one Python, since importing Keras
 * takes seconds: a script may leave nothing behind that changes what the next one computes.
 */
export function printedBy(python: string, script: URL, ...args: string[]): Promise<string[]> {
  const asked = before.then(() => ask(python, [fileURLToPath(script), ...args]));
  before = asked.catch(() => undefined);
  return asked;
}

async function ask(python: string, command: string[]): Promise<string[]> {
  if (running?.python !== python || running.child.exitCode !== null) running = start(python);
  const { child, answers } = running;
  (child.stdout as unknown as Socket).ref();
  child.stdin.write(`${JSON.stringify(command)}\n`);
  const { done, value } = await answers.next();
  (child.stdout as unknown as Socket).unref();
  if (done) throw new Error(`${command.join(' ')}: Python has ended.`);
  const { printed, error }: { printed: string; error?: string } = JSON.parse(value);
  if (error !== undefined) throw new Error(`${command.join(' ')}: ${error}`);
  return printed.trim().split('\n');
}
