import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PreviewServer, preview } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the browser example. */
export const EXAMPLE = join(root, 'examples/browser');

/** The headers that make a page cross-origin isolated, and so give it SharedArrayBuffer. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Pages that Vite has bundled. */
export interface Site {
  /** Serves them with these headers; the server's address ends in a slash. */
  serve(headers?: Record<string, string>): Promise<{ address: string; close(): Promise<void> }>;
  remove(): void;
}

/** Bundles the page of a folder as any user of Vite would, without a configuration. */
export async function buildSite(folder: string): Promise<Site> {
  const outDir = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-site-'));
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 4000 },
  });
  return {
    async serve(headers = {}) {
      const server: PreviewServer = await preview({
        root: folder,
        configFile: false,
        logLevel: 'error',
        build: { outDir },
        preview: { host: '127.0.0.1', port: 0, headers },
      });
      return { address: server.resolvedUrls!.local[0]!, close: () => server.close() };
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

/** A folder with a page; inside the project, so that 'tfjs-recurrent' is the built package. */
export function writePage(body: string, script: string): { folder: string; remove(): void } {
  mkdirSync(join(root, 'runs'), { recursive: true });
  const folder = mkdtempSync(join(root, 'runs/page-'));
  // No icon, which a browser would ask for in vain.
  const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
  const loading = '<script type="module" src="./main.ts"></script>';
  writeFileSync(join(folder, 'index.html'), `${head}${body}${loading}`);
  writeFileSync(join(folder, 'main.ts'), script);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
