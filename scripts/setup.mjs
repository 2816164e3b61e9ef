// Makes a fresh clone runnable: installs what package-lock.json pins, and
// builds the package unless told not to. Both only when needed, so that it
// may stand before every command. Uses Node alone, since nothing is installed
// when it starts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);

if (!installed()) run('Installing dependencies', 'npm ci --no-audit --no-fund --loglevel=error');
if (!process.argv.includes('--no-build') && newest('src/', 'assembly/') > oldestOutput()) {
  run('Building', 'npm run --silent build');
}

/** Whether node_modules holds every package in the version that the lock file pins. */
function installed() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional || present[path]?.version === version,
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(file, root), 'utf8')).packages;
  } catch {
    return {};
  }
}

function newest(...folders) {
  const times = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('binaries'))
      .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs),
  );
  return Math.max(...times);
}

/** tsup writes dist/*.js first, tsc the declarations last: both must be there. */
function oldestOutput() {
  const times = ['dist/node.js', 'dist/node.d.ts'].map(
    (file) => statSync(new URL(file, root), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.min(...times);
}

/** Runs in silence; what the command printed is shown only when it fails. */
function run(what, command) {
  console.log(`${what}…`);
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, shell: true });
  if (status === 0) return;
  // tsc writes declarations even when it finds errors: mark them as old.
  const declarations = new URL('dist/node.d.ts', root);
  if (existsSync(declarations)) utimesSync(declarations, 0, 0);
  process.stderr.write(
    `${stdout}${stderr}\n${what} failed: ${command} in ${fileURLToPath(root)}\n`,
  );
  process.exit(status ?? 1);
}
