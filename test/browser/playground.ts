/** The playground as its tests open it: built once for all of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once, sharedFolder } from '../package/once.js';
import { type Site, serveBuilt } from './site.js';

const PLAYGROUND = fileURLToPath(new URL('../../examples/browser', import.meta.url));
const VITE = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));

/** The folder of its bundle, as `vite build` makes it. */
export function folderOfPlayground(): string {
  return once('playground', () => {
    const folder = join(sharedFolder(), 'playground');
    const options = ['--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
    execFileSync(process.execPath, [VITE, 'build', PLAYGROUND, ...options], { stdio: 'pipe' });
    return folder;
  });
}

/** What serves that. */
export function builtPlayground(): Pick<Site, 'serve'> {
  return { serve: (headers) => serveBuilt(PLAYGROUND, folderOfPlayground(), headers) };
}
