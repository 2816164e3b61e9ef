/** Packages that a new process loads in half the time. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each has a large file of CommonJS, in which Node looks for names before it runs an `import` of it. */
const LARGE = ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu'].map((name) => `@tensorflow/${name}`);

const require = createRequire(import.meta.url);

/** Gives the scripts of a folder the installed packages of TensorFlow.js behind modules that say their names. */
export function writeLightPackages(folder: string): void {
  for (const name of LARGE) writeNamed(join(folder, 'node_modules', name), name);
}

/** Gives them the built package besides. */
export function writeBuiltPackage(folder: string): void {
  // In the scope of the project, 'tfjs-recurrent' would be what is above.
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const own = join(folder, 'node_modules/tfjs-recurrent');
  cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
}

function writeNamed(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  const installed = JSON.stringify(require.resolve(name));
  const names = Object.keys(require(name)).filter((one) => one !== 'default');
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest);
  const exports = { import: './index.mjs', require: './index.cjs' };
  write('package.json', JSON.stringify({ name, version, exports }));
  write('index.cjs', `module.exports = require(${installed});\n`);
  write(
    'index.mjs',
    `import { createRequire } from 'node:module';
const __module = createRequire(import.meta.url)(${installed});
export default __module;
export const { ${names.join(', ')} } = __module;
`,
  );
}
