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

const MOST_BYTES = 70_000;

/** What a page would load, in the files that a bundler makes. */
async function chunks(code: string): Promise<Rollup.OutputChunk[]> {
  const { output } = (await build({
    root: consumer.folder,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: { input: consumer.write('entry.js', code), output: { format: 'es' } },
    },
  })) as Rollup.RollupOutput;
  return output.filter((file) => file.type === 'chunk');
}

const gzipped = ({ code }: Rollup.OutputChunk) => gzipSync(code).length;

test('the entry that only predicts bundles without TensorFlow.js and modules of Node', async () => {
  const files = await chunks(
    "import * as all from 'tfjs-recurrent/predict'; globalThis.all = all;",
  );
  const ids = files.flatMap(({ modules }) => Object.keys(modules));
  expect(
    ids.filter((id) => /@tensorflow|dist\/foundation\/tensorflow|dist\/files/.test(id)),
  ).toEqual([]);
  const imports = files.flatMap((file) => [...file.imports, ...file.dynamicImports]);
  expect(imports.filter((name) => isBuiltin(name))).toEqual([]);

  const at = (name: string) => files.find((file) => file.fileName === name)!;
  const entry = files.find(({ isEntry }) => isEntry)!;
  const loaded = new Set<Rollup.OutputChunk>();
  const load = (file: Rollup.OutputChunk) => {
    loaded.add(file);
    for (const name of file.imports) if (!loaded.has(at(name))) load(at(name));
  };
  load(entry);
  const binaries = files.filter(({ name }) => /^predict-(relaxed-)?simd/.test(name));
  expect(binaries).toHaveLength(2);
  const bytes =
    [...loaded].reduce((sum, file) => sum + gzipped(file), 0) + Math.max(...binaries.map(gzipped));
  console.log(`the entry that only predicts, with a binary: ${bytes} bytes gzipped`);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test('it opens a file of Keras in Node, and loads nothing of TensorFlow.js', () => {
  consumer.run(
    'save.js',
    `import '@tensorflow/tfjs-backend-cpu';
    import { writeFileSync } from 'node:fs';
    import { createSentimentLstm, saveKerasModel } from 'tfjs-recurrent';
    const model = createSentimentLstm({ vocabularySize: 9, sequenceLength: 3, lstmUnits: 4 });
    writeFileSync('model.keras', await saveKerasModel(model));`,
  );
  const { stdout, stderr } = consumer.run(
    'predict.js',
    `import { readFileSync } from 'node:fs';
    import { loadPredictor } from 'tfjs-recurrent/predict';
    const predictor = await loadPredictor(readFileSync('model.keras'));
    const { shape } = await predictor.predict([[1, 2, 3]]);
    console.log(shape, Object.keys(globalThis).filter((name) => /tf/i.test(name)).length);`,
  );
  expect(stderr).toBe('');
  expect(stdout).toBe('[ 1, 1 ] 0\n');
});
