/** Pages of several test files as Vite bundles them: once for all of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once, sharedFolder } from '../package/once.js';
import { type Site, serveBuilt } from './site.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(root, 'node_modules/vite/bin/vite.js');
const CONFIG = fileURLToPath(new URL('pages/vite.config.ts', import.meta.url));

function folderOfPages(): string {
  return once('pages', () => {
    const folder = join(sharedFolder(), 'pages');
    const options = ['--config', CONFIG, '--outDir', folder, '--emptyOutDir'];
    execFileSync(process.execPath, [VITE, 'build', ...options, '--logLevel', 'error'], {
      stdio: 'pipe',
    });
    return folder;
  });
}

/** What serves a page of them, by where it is in the project; the address is that of the page. */
export function builtPage(page: string): Pick<Site, 'serve'> {
  const folder = folderOfPages();
  return {
    async serve(headers) {
      const { address, close } = await serveBuilt(root, folder, headers);
      return { address: `${address}${page}`, close };
    },
  };
}
