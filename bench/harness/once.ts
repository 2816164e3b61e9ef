/** Contestants that are a new process every time: what they measure includes being new. */
import { spawn } from 'node:child_process';

/** What a process said in its last line, and what it used. */
export async function runOnce<T>(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<T> {
  const { lines } = await runToEnd(command, args, environment);
  return JSON.parse(lines.at(-1)!) as T;
}

/** Runs a command and waits for its end. */
export function runToEnd(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ lines: string[] }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...environment };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = output.trim().split('\n');
      if (code === 0) resolve({ lines });
      else reject(new Error(errors.trim() || `${command} ended with ${code}`));
    });
  });
}
