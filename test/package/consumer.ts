import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A project somewhere else on the disk, with our tarball installed as a user would. */
export interface Consumer {
  folder: string;
  /** Paths inside the tarball. */
  packed: string[];
  /** Writes a file and runs it in a fresh Node. */
  run(name: string, code: string, args?: string[]): { stdout: string; stderr: string };
  write(name: string, text: string): string;
  remove(): void;
}

/**
 * Packs dist as it is (the global setup made it fresh) and installs it beside what its user chooses,
 * and whatever more is named.
 */
export function createConsumer(more: string[] = []): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-consumer-'));
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  const [tarball] = JSON.parse(
    npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  );
  const beside = [
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-layers',
    '@tensorflow/tfjs-backend-cpu',
    '@types/node',
  ].map((name) => `${name}@${manifest.devDependencies[name]}`);
  write('package.json', '{ "name": "consumer", "private": true, "type": "module" }');
  npm(
    folder,
    ...['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    ...[join(folder, tarball.filename), ...beside, ...more],
  );

  return {
    folder,
    packed: tarball.files.map((file: { path: string }) => file.path),
    write,
    run(name, code, args = []) {
      const { stdout, stderr } = spawnSync(process.execPath, [write(name, code), ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { stdout, stderr: withoutGreeting(stderr) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** TensorFlow.js's own cpu backend recommends tfjs-node once a process; that is not ours. */
function withoutGreeting(stderr: string): string {
  return stderr.replace(/\n=+\nHi, looks like you are running TensorFlow\.js[\s\S]*?\n=+\n/, '');
}

export const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript'))), 'tsc.js');
