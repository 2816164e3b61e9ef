// Checks everything, in turn what builds on each other and side by side what does not.
//
//     npm test             without the slow rooms; the last lines say which, and what runs them
//     CI=true npm test     everything
//
// What a check prints is shown when it ends, so that two of them are not mixed; that of the tests at once.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// What a change of src/ seldom breaks alone, and takes longest.
const SLOW = {
  'test/browser':
    'the built package, the playground, the site and the snippets of the guides in Chromium',
  'test/examples': 'the examples as commands',
  'test/docs/examples.test.ts': 'what the examples of the documentation print',
};
const PROJECTS = ['unit', 'unit alone', 'unit kernels', 'dist'];
const LEFT_OUT = [
  ...Object.entries(SLOW).map(([place, what]) => `${place}: ${what}`),
  'the tests of the kernels with the binaries for plain SIMD and for wide vectors',
];

const tests = ['vitest', 'run'];
if (!process.env.CI) {
  for (const project of PROJECTS) tests.push('--project', project);
  for (const place of Object.keys(SLOW)) {
    tests.push('--exclude', place.endsWith('.ts') ? place : `${place}/**`);
  }
}

const began = Date.now();
await together(
  run('npm', 'run', '--silent', 'format:check'),
  run('npm', 'run', '--silent', 'lint'),
  // `types` below looks at src/, too, and by the same options: here tsc only writes the declarations.
  run('npm', 'run', '--silent', 'build', '--', '--noCheck'),
);
await together(run('npm', 'run', '--silent', 'types'), show('npx', ...tests));
console.log(`All of it took ${Math.round((Date.now() - began) / 1000)} s.`);
if (!process.env.CI) {
  console.log(['', 'LEFT OUT HERE:', ...LEFT_OUT.map((what) => `  ${what}`)].join('\n'));
  console.log('\nCI=true npm test runs all of it, as CI does.');
}

/** Ends this process, once all have ended, where one of them has failed. */
async function together(...commands) {
  const passed = await Promise.all(commands);
  if (passed.includes(false)) process.exit(1);
}

function run(...command) {
  return start(command, ['ignore', 'pipe', 'pipe']);
}

function show(...command) {
  return start(command, 'inherit');
}

/** Whether a command has passed. */
function start([name, ...args], stdio) {
  const child = spawn(name, args, { cwd: root, stdio, shell: process.platform === 'win32' });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed += chunk;
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error);
      resolve(false);
    });
    child.on('close', (code) => {
      if (printed.trim() !== '') console.log(printed.trimEnd());
      if (code !== 0) console.error(`*** ${[name, ...args].join(' ')} has failed. ***`);
      resolve(code === 0);
    });
  });
}
