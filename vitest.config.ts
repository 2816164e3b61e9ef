import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { Order } from './test/order.js';

// What looks at the built package, as users do, rather than at src/.
const ON_DIST = ['package', 'docs', 'browser', 'examples'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

// There are three binaries of the kernels, and an engine takes the best that it can. Their tests
// run once more with each of the others: before V8 11.4 relaxed SIMD waits behind a flag, since
// then it is the plain binary that has to stand in for it. The one for wide vectors stands in for
// that of relaxed SIMD; where V8 can make its vectors wide, it does, and at once, which it
// otherwise leaves to code that has proved hot.
const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number);
const BEHIND_FLAG = major < 11 || (major === 11 && minor < 4);
const RELAXED = BEHIND_FLAG ? ['--experimental-wasm-relaxed-simd'] : [];
const JOINED = ['--experimental-wasm-revectorize', '--no-liftoff'];
const WIDE = spawnSync(process.execPath, [...JOINED, '--version']).status === 0 ? JOINED : [];
const inPlaceOfRelaxed = (binary: string) => ({
  alias: [{ find: /\/binaries\/relaxed-simd\.js$/, replacement: `/binaries/${binary}.js` }],
});
// test/again.ts says what they leave out there. How kernels reach TensorFlow.js is the same for all.
const ON_BINARIES = {
  include: [
    'test/engine/runtime.test.ts',
    'test/kernels/**/*.test.ts',
    'test/layers/**/*.golden.test.ts',
  ],
  exclude: ['test/kernels/bridge/**'],
  env: { KERNELS_AGAIN: 'true' },
};

// What the twins of kernels compute, for the tests on all binaries, and modules as Vite has transformed them, for
// all projects that do it alike. Not where somebody changes them meanwhile.
let modules: string | undefined;
if (process.env.CI) {
  const folder = join(tmpdir(), `tfjs-recurrent-kept-${process.pid}`);
  process.env.TWINS_OF_KERNELS = join(folder, 'twins');
  modules = join(folder, 'modules');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
const KEPT_MODULES = { fsModuleCache: true, fsModuleCachePath: modules };

// Files share processes, since each process loads TensorFlow.js, which takes longer than most files do.
// test/as-found.ts resets what they change.
const ALONE = [
  // Their spies are put into modules that others have loaded without.
  'test/models/encoder-decoder/training.test.ts',
  'test/models/series/fast-path.test.ts',
];
// They count what is left in memory, so nobody else may still be at work in their processes.
const COUNTING = ['test/engine/**/*.test.ts', 'test/kernels/**/*.test.ts'];
const SETUP = [
  ...['test/seeded.ts', 'test/many-shards.ts', 'test/short-look-out.ts'],
  'test/equal-numbers.ts',
];
const SHUFFLED = process.argv.includes('--sequence.shuffle.files');
const SHARING = { isolate: false, setupFiles: ['test/as-found.ts'] };

export default defineConfig({
  test: {
    // Biome cannot tell `fit` of a model from `fit` of Jasmine, so its rule is off.
    allowOnly: !process.env.CI,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    setupFiles: SETUP,
    // Processes, not threads: the kernels start worker threads of their own.
    pool: 'forks',
    // Not one more: three on two processors took 4 % longer, though a worker often waits for a browser.
    maxWorkers: '100%',
    sequence: SHUFFLED ? {} : { sequencer: Order },
    experimental: modules === undefined ? {} : KEPT_MODULES,
    projects: [
      {
        extends: true,
        test: {
          ...{ name: 'unit', ...SHARING },
          ...{ include: ['test/**/*.test.ts'], exclude: [...ON_DIST, ...ALONE, ...COUNTING] },
        },
      },
      { extends: true, test: { name: 'unit kernels', ...SHARING, include: COUNTING } },
      { extends: true, test: { name: 'unit alone', include: ALONE } },
      {
        extends: true,
        resolve: BEHIND_FLAG ? {} : inPlaceOfRelaxed('simd'),
        test: { name: 'other binary', ...SHARING, ...ON_BINARIES, execArgv: RELAXED },
      },
      {
        extends: true,
        resolve: inPlaceOfRelaxed('wide'),
        test: {
          name: 'wide binary',
          ...SHARING,
          ...ON_BINARIES,
          execArgv: [...RELAXED, ...WIDE],
        },
      },
      {
        extends: true,
        test: { name: 'dist', include: ON_DIST, globalSetup: 'test/package/fresh-dist.ts' },
      },
    ],
  },
});
