import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Pages of several test files, by where they are: what takes Vite its time is what they share. */
const PAGES = [
  'examples/page/index.html',
  'test/browser/golden/index.html',
  'test/browser/pages/policy.html',
  'test/browser/pages/worker.html',
];

export default defineConfig({
  root,
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 4000,
    rollupOptions: { input: PAGES.map((page) => `${root}${page}`) },
  },
});
