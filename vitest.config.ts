import { defineConfig } from 'vitest/config';

// What looks at the built package, as users do, rather than at src/.
const ON_DIST = ['package', 'docs', 'browser', 'examples'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

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
        test: { name: 'dist', include: ON_DIST, globalSetup: 'test/package/fresh-dist.ts' },
      },
    ],
  },
});
