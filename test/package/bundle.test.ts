import { isBuiltin } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Rollup } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

/** What a browser would load; TensorFlow.js in it too, or left out to see what is ours. */
async function bundle(code: string, options: BuildOptions): Promise<Rollup.OutputChunk> {
  const { output } = (await build({
    root: consumer.folder,
    configFile: false,
    logLevel: 'error',
    build: {
      ...{ write: false, modulePreload: false, minify: options.minify },
      rollupOptions: {
        input: consumer.write('entry.js', code),
        external: options.rollupOptions?.external,
        output: { format: 'es', inlineDynamicImports: true },
      },
    },
  })) as Rollup.RollupOutput;
  return output[0];
}

const OURS: BuildOptions = { rollupOptions: { external: [/^@tensorflow\//] } };

/** Minified bytes of ours that a page may load. Whoever needs more raises it here, where it shows. */
const BUDGET = { everything: 1_250_000, padSequences: 6_400 };

const modulesIn = (chunk: Rollup.OutputChunk) =>
  Object.entries(chunk.modules)
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .map(([id]) => id.split('/node_modules/').pop()!);

test('the main entry bundles for browsers, without any module of Node', async () => {
  const code = "import * as all from 'tfjs-recurrent'; globalThis.all = all;";
  const chunk = await bundle(code, OURS);
  console.log(`everything of ours: ${sizes(chunk.code)}`);
  expect(chunk.code.length).toBeLessThan(BUDGET.everything);
  const imports = [...chunk.imports, ...chunk.dynamicImports];
  expect(imports.filter((name) => isBuiltin(name))).toEqual([]);
  const modules = modulesIn(chunk);
  expect(modules).toContain('tfjs-recurrent/dist/preprocessing/tokenizer/tokenizer.js');
  expect(modules.filter((id) => /dist\/files|browser-external/.test(id))).toEqual([]);
});

test('who imports padSequences alone pays for padSequences alone', async () => {
  const code = "import { padSequences } from 'tfjs-recurrent'; globalThis.pad = padSequences;";
  const { code: ours } = await bundle(code, OURS);
  console.log(`padSequences alone: ${sizes(ours)}`);
  expect(ours.length).toBeLessThan(BUDGET.padSequences);

  const modules = modulesIn(await bundle(code, { minify: false }));
  expect(modules).toContain('tfjs-recurrent/dist/preprocessing/pad-sequences.js');
  expect(modules.filter((id) => /tfjs-layers|dist\/kernels|dist\/layers/.test(id))).toEqual([]);
});

function sizes(code: string): string {
  return `${Buffer.byteLength(code)} bytes, ${gzipSync(code).length} gzipped`;
}
