import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/**/*.ts'],
  format: 'esm',
  target: 'es2022',
  // One file a module, so that a bundler drops whatever is not imported; the
  // declarations come from tsc.
  bundle: false,
  sourcemap: true,
  clean: true,
});
