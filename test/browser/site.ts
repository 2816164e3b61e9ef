import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PreviewServer, preview } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

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

/** Bundles the pages of a folder as any user of Vite would, without a configuration where it has none. */
export async function buildSite(folder: string, configFile: string | false = false): Promise<Site> {
  const outDir = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-site-'));
  await build({
    root: folder,
    configFile,
    logLevel: 'error',
    build: {
      ...{ outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 4000 },
      rollupOptions: { input: pagesIn(folder) },
    },
  });
  return {
    serve: (headers) => serveBuilt(folder, outDir, headers),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

/** Serves what was built of a folder. */
export async function serveBuilt(
  folder: string,
  outDir: string,
  headers: Record<string, string> = {},
): ReturnType<Site['serve']> {
  const server: PreviewServer = await preview({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0, headers },
  });
  return { address: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

/** What to write as `name.html`, which loads `name.ts`. */
export interface Page {
  body: string;
  script: string;
  /** What else lies beside it, by name, such as the file of a worker. */
  files?: Record<string, string>;
}

/** A folder with pages; inside the project, so that 'tfjs-recurrent' is the built package. */
export function writePages(pages: Record<string, Page>): { folder: string; remove(): void } {
  mkdirSync(join(root, 'runs'), { recursive: true });
  const folder = mkdtempSync(join(root, 'runs/pages-'));
  // No icon, which a browser would ask for in vain.
  const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
  for (const [name, { body, script, files = {} }] of Object.entries(pages)) {
    const loading = `<script type="module" src="./${name}.ts"></script>`;
    writeFileSync(join(folder, `${name}.html`), `${head}${body}${loading}`);
    writeFileSync(join(folder, `${name}.ts`), script);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function pagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(folder, name));
}
