import { defineConfig } from 'vitest/config';

// What looks at the built package, as users do, rather than at src/.
const ON_DIST = ['package', 'docs', 'browser', 'examples'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

// There are two binaries of the kernels, and an engine takes the best that it can. Their tests
// run once more with the other one: before V8 11.4 relaxed SIMD waits behind a flag, since then
// it is the plain binary that has to stand in for it.
const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number);
const OTHER_BINARY =
  major < 11 || (major === 11 && minor < 4)
    ? { test: { execArgv: ['--experimental-wasm-relaxed-simd'] } }
    : {
        resolve: {
          alias: [{ find: /\/binaries\/relaxed-simd\.js$/, replacement: '/binaries/simd.js' }],
        },
      };

export default defineConfig({
  test: {
    // Biome cannot tell `fit` of a model from `fit` of Jasmine, so its rule is off.
    allowOnly: !process.env.CI,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: ['test/seeded.ts'],
    // Processes, not threads: the kernels start worker threads of their own.
    pool: 'forks',
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ON_DIST },
      },
      {
        extends: true,
        ...OTHER_BINARY,
        test: {
          ...OTHER_BINARY.test,
          name: 'other binary',
          include: ['test/kernels/**/*.test.ts', 'test/layers/**/*.golden.test.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'dist', include: ON_DIST, globalSetup: 'test/package/fresh-dist.ts' },
      },
    ],
  },
});
