import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once, sharedFolder } from './once.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A project somewhere else on the disk, with our tarball installed as a user would. */
export interface Consumer {
  folder: string;
  /** Writes a file and runs it in a fresh Node. */
  run(name: string, code: string, args?: string[]): { stdout: string; stderr: string };
  write(name: string, text: string): string;
  /** Installs more into this project alone. */
  install(...packages: string[]): void;
  remove(): void;
}

/** What npm makes of dist as it is (the global setup made it fresh), its bytes and the paths inside. */
export function packed(): { tarball: string; bytes: number; paths: string[] } {
  return once('tarball', () => {
    const folder = sharedFolder();
    const [{ filename, files, size }] = JSON.parse(
      npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
    );
    const paths = files.map(({ path }: { path: string }) => path);
    return { tarball: join(folder, filename), bytes: size, paths };
  });
}

/** A project with the tarball and what its user chooses beside it; all of them share one installation. */
export function createConsumer(): Consumer {
  const above = once('installed', () => {
    const { tarball } = packed();
    const folder = join(sharedFolder(), 'consumers');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), MANIFEST);
    install(folder, tarball, ...BESIDE);
    return folder;
  });
  const folder = mkdtempSync(join(above, 'consumer-'));
  symlinkSync(join(above, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return consumerIn(folder);
}

/** A project with an installation of its own, of the same and whatever else is named. */
export function createConsumerWith(...more: string[]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-consumer-'));
  writeFileSync(join(folder, 'package.json'), MANIFEST);
  install(folder, packed().tarball, ...BESIDE, ...more);
  return consumerIn(folder);
}

const MANIFEST = '{ "name": "consumer", "private": true, "type": "module" }';
const BESIDE = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-cpu',
  '@types/node',
].map((name) => `${name}@${manifest.devDependencies[name]}`);

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function install(folder: string, ...packages: string[]): void {
  npm(
    folder,
    ...['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    ...packages,
  );
}

function consumerIn(folder: string): Consumer {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    folder,
    write,
    run(name, code, args = []) {
      const { stdout, stderr } = spawnSync(process.execPath, [write(name, code), ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { stdout, stderr: withoutGreeting(stderr) };
    },
    install(...packages) {
      // What is shared stays as it is, and is found in the folder above.
      rmSync(join(folder, 'node_modules'));
      write('package.json', MANIFEST);
      install(folder, ...packages);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** TensorFlow.js's own cpu backend recommends tfjs-node once a process; that is not ours. */
function withoutGreeting(stderr: string): string {
  return stderr.replace(/\n=+\nHi, looks like you are running TensorFlow\.js[\s\S]*?\n=+\n/, '');
}
