import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const shared: Options = {
  format: 'esm',
  target: 'es2022',
  // No source maps: a file of dist is its source without the types, and maps
  // would carry the embedded kernels a second time.
  sourcemap: false,
  silent: true,
};

// Here, since the two builds run side by side.
rmSync('dist', { recursive: true, force: true });

const LAYERS = "import * as tfl from '@tensorflow/tfjs-layers';";

const inNode: Plugin = {
  name: 'in Node',
  setup(build) {
    // See scripts/tfjs-layers.cjs.
    build.onLoad({ filter: /foundation[\\/]tensorflow\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes(LAYERS)) throw new Error(`${path} must hold: ${LAYERS}`);
      const contents = source.replace(LAYERS, "import { tfl } from './tfjs-layers.cjs';");
      return { contents, loader: 'ts' };
    });
    build.onResolve({ filter: /tfjs-layers\.cjs$/ }, ({ path }) => ({ path, external: true }));
    // The binaries are in dist/ already.
    build.onResolve({ filter: /^\.\/binaries\// }, ({ path, importer }) => {
      const room = relative('src', dirname(importer)).replaceAll('\\', '/');
      return { path: `../${room}/${path.slice(2)}`, external: true };
    });
  },
};

export default defineConfig([
  // One file a module, so that a bundler drops whatever is not imported; the
  // declarations come from tsc.
  { ...shared, entry: ['src/**/*.ts'], bundle: false },
  // For Node, which takes twice as long to find, read and link so many small files as a few.
  {
    ...shared,
    entry: {
      ...{ index: 'src/index.ts', node: 'src/node.ts', predict: 'src/predict.ts' },
      command: 'src/files/command.ts', // of bin/
    },
    outDir: 'dist/in-node',
    esbuildPlugins: [inNode],
    onSuccess: async () => copyFileSync('scripts/tfjs-layers.cjs', 'dist/in-node/tfjs-layers.cjs'),
  },
]);
