import { defineConfig } from 'vite';

// Paths that are relative, so that the page works in any folder of any server.
export default defineConfig({
  base: './',
  build: { target: 'es2022', chunkSizeWarningLimit: 4000 },
  worker: { format: 'es' },
});
