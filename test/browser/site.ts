import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PreviewServer, preview } from 'vite';

const example = fileURLToPath(new URL('../../examples/browser', import.meta.url));
const outDir = join(tmpdir(), `tfjs-recurrent-site-${process.pid}`);

/** The headers that make a page cross-origin isolated, and so give it SharedArrayBuffer. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Bundles the example as any user of Vite would. */
export async function buildSite(): Promise<void> {
  await build({
    root: example,
    configFile: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 4000 },
  });
}

export function serveSite(isolated: boolean): Promise<PreviewServer> {
  return preview({
    root: example,
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0, headers: isolated ? ISOLATED : {} },
  });
}

export function removeSite(): void {
  rmSync(outDir, { recursive: true, force: true });
}
