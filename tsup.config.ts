import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/**/*.ts'],
  format: 'esm',
  target: 'es2022',
  // One file a module, so that a bundler drops whatever is not imported; the
  // declarations come from tsc.
  bundle: false,
  // No source maps: a file of dist is its source without the types, and maps
  // would carry the embedded kernels a second time.
  sourcemap: false,
  clean: true,
  silent: true,
});
