// Makes a fresh clone runnable: installs what package-lock.json pins, and
// builds the package unless told not to. Uses Node alone, since nothing is
// installed when it starts.
import { execSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const run = (command) => execSync(command, { cwd: root, stdio: 'inherit' });

const modules = new URL('node_modules/.package-lock.json', root);
const lock = new URL('package-lock.json', root);
if (!existsSync(modules) || statSync(modules).mtimeMs < statSync(lock).mtimeMs) {
  console.log('Installing dependencies…');
  run('npm ci --no-audit --no-fund --loglevel=error');
}

if (!process.argv.includes('--no-build') && !existsSync(new URL('dist/node.js', root))) {
  const { name, version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  console.log(`Building ${name} ${version}…`);
  run('npm run --silent build');
}
