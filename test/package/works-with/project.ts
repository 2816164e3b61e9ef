import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { examplesOf } from '../../docs/examples.js';
import { type Consumer, createConsumerWith } from '../consumer.js';

/** One installation for all: what is heavy is downloaded once, and nothing of it is ours to keep. */
const TOOLS = [
  ...['esbuild@0.28.2', 'webpack@5.113.0', 'next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
  ...['jest@30.5.2', 'bun@1.4.5', 'deno@2.9.6', 'workerd@1.20261117.1'],
];

/** What npm says where no registry answers; anything else that it refuses is a fault. */
const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|E5\d\d|E429)\b/;

/** A project with our package and all tools; nothing where the registry cannot be reached. */
export function createProject(): Consumer | undefined {
  try {
    return createConsumerWith(...TOOLS);
  } catch (error) {
    if (!NO_NETWORK.test(String((error as { stderr?: string }).stderr))) throw error;
    console.warn(
      '*** The npm registry cannot be reached: docs/works-with.md is NOT CHECKED in this run. ***',
    );
    return undefined;
  }
}

/** The code below a heading of the guide, so that what the tests run is what readers copy. */
export function fromGuide(heading: string, kind: string): string {
  const found = examplesOf('docs/works-with.md').filter(
    (example) => example.heading === heading && example.kind === kind,
  );
  if (found.length === 0) throw new Error(`docs/works-with.md has no ${kind} below ${heading}.`);
  return found.map(({ code }) => code).join('\n');
}

const environmentOf = (folder: string) => ({
  ...process.env,
  PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  NEXT_TELEMETRY_DISABLED: '1',
  DENO_NO_UPDATE_CHECK: '1',
  // Set by vitest, and understood by Jest, Next.js and React.
  NODE_ENV: undefined,
  VITEST: undefined,
});

/** Runs a command as a reader would type it. */
export function runCommand(folder: string, command: string): { stdout: string; output: string } {
  const { status, stdout, stderr } = spawnSync(command.replaceAll('npx ', ''), {
    ...{ cwd: folder, shell: true, encoding: 'utf8', env: environmentOf(folder) as never },
  });
  if (status !== 0) throw new Error(`${command} failed:\n${stdout}${stderr}`);
  return { stdout, output: stdout + stderr };
}

/** Starts a server and asks it for a path until it answers; then ends it. */
export async function askServer(
  folder: string,
  command: string[],
  address: string,
): Promise<string> {
  const [name, ...args] = command as [string, ...string[]];
  const options = { cwd: folder, env: environmentOf(folder) as never };
  // A group of its own: some of these servers start others.
  const server = spawn(name, args, { ...options, detached: true });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (data) => {
      said += data;
    });
  }
  try {
    return await answerOf(server, address);
  } catch (error) {
    throw new Error(`${command.join(' ')}: ${error}\n${said}`);
  } finally {
    if (server.exitCode === null) process.kill(-server.pid!);
  }
}

async function answerOf(server: ChildProcess, address: string): Promise<string> {
  // Less than a test may take, so that the server is ended in any case.
  for (const end = Date.now() + 200_000; Date.now() < end; ) {
    if (server.exitCode !== null) throw new Error(`It ended with ${server.exitCode}.`);
    const response = await fetch(address).catch(() => undefined);
    const text = await response?.text();
    if (response?.ok) return text!;
    if (response !== undefined) throw new Error(`It answered ${response.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('It did not answer.');
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
