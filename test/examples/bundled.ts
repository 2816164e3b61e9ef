/** The examples as scripts that a new process begins with in a third of the time that tsx takes. */
import { execSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBuiltPackage, writeLightPackages } from '../light-packages.js';
import { once, sharedFolder } from '../package/once.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An example and what it imports of the other files of examples/; packages stay outside, ours as it is built. */
export function bundledExample(example: string): string {
  const folder = folderWithPackages();
  return once(`example-${example}`, () => {
    const script = join(folder, `${example}.mjs`);
    const flags = '--bundle --packages=external --platform=node --format=esm --log-level=warning';
    const PATH = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
    execSync(`esbuild examples/${example}/main.ts ${flags} --outfile="${script}"`, {
      ...{ cwd: root, env: { ...process.env, PATH }, stdio: 'pipe' },
    });
    return script;
  });
}

function folderWithPackages(): string {
  return once('examples', () => {
    // Above the light packages, so that of the others each is found where the project has it.
    const above = join(sharedFolder(), 'examples');
    const folder = join(above, 'bundled');
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(above, 'node_modules'), 'junction');
    writeLightPackages(folder);
    writeBuiltPackage(folder);
    return folder;
  });
}
