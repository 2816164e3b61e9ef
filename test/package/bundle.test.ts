import { isBuiltin } from 'node:module';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

/** What a browser would load, TensorFlow.js left out. */
async function bundle(code: string): Promise<Rollup.OutputChunk> {
  const { output } = (await build({
    root: consumer.folder,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: {
        input: consumer.write('entry.js', code),
        external: [/^@tensorflow\//],
        output: { format: 'es', inlineDynamicImports: true },
      },
    },
  })) as Rollup.RollupOutput;
  return output[0];
}

const roomsIn = (chunk: Rollup.OutputChunk) =>
  Object.keys(chunk.modules).map((id) => id.match(/tfjs-recurrent\/dist\/(\w+)/)?.[1] ?? id);

test('the main entry bundles for browsers, without any module of Node', async () => {
  const chunk = await bundle("import * as all from 'tfjs-recurrent'; globalThis.all = all;");
  console.log(`everything: ${sizes(chunk.code)}`);
  const imports = [...chunk.imports, ...chunk.dynamicImports];
  expect(imports.filter((name) => isBuiltin(name))).toEqual([]);
  expect(roomsIn(chunk)).toContain('preprocessing');
  expect(roomsIn(chunk)).not.toContain('files');
  expect(Object.keys(chunk.modules).filter((id) => id.includes('browser-external'))).toEqual([]);
});

test('who imports padSequences alone pays for padSequences alone', async () => {
  const chunk = await bundle(
    "import { padSequences } from 'tfjs-recurrent'; globalThis.pad = padSequences;",
  );
  console.log(`padSequences alone: ${sizes(chunk.code)}`);
  expect(chunk.imports).toEqual(['@tensorflow/tfjs-core']);
  expect(roomsIn(chunk)).not.toContain('kernels');
  expect(chunk.code.length).toBeLessThan(4_000);
});

function sizes(code: string): string {
  return `${Buffer.byteLength(code)} bytes, ${gzipSync(code).length} gzipped`;
}
