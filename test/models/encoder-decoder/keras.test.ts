import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { padded, taught } from '../../../src/models/encoder-decoder/sequences.js';
import { printedBy, pythonWithKeras } from '../../keras/python.js';
import { make, PAIRS, SIZES, VARIANTS } from './variants.js';

const TOLERANCE = 1e-6;
const LENGTHS = { length: SIZES.target.length, startToken: 9, endToken: 10 };

const python = pythonWithKeras('no encoder-decoder was opened in Keras');

beforeAll(() => tf.setBackend('cpu'));

const inputs = () => [
  padded(PAIRS.sources, SIZES.source.length),
  taught(PAIRS.targets, LENGTHS).target,
];

test.each(Object.keys(VARIANTS))('comes back from a .keras with its values: %s', async (name) => {
  const { model } = make(name);
  const loaded = await loadKerasModel(await saveKerasModel(model));
  const [a, b] = [model, loaded].map((one) => (one.predict(inputs()) as tf.Tensor).dataSync());
  a!.forEach((value, i) => {
    expect(Math.abs(value - b![i]!)).toBeLessThan(TOLERANCE);
  });
});

describe.runIf(python !== undefined)('real Keras predicts with an encoder-decoder', () => {
  let folder: string;
  let lines: { name: string; difference?: number; error?: string }[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'encoder-decoder-'));
    for (const [i, name] of Object.keys(VARIANTS).entries()) {
      const translator = make(name);
      await translator.fit(PAIRS, { epochs: 20, batchSize: 5 });
      const x = inputs();
      const io = {
        inputs: x.map((tensor) => tensor.arraySync()),
        outputs: [(translator.model.predict(x) as tf.Tensor).arraySync()],
      };
      writeFileSync(join(folder, `${i}.io.json`), JSON.stringify(io));
      writeFileSync(join(folder, `${i}.keras`), await saveKerasModel(translator.model));
    }
    const script = new URL('../../keras/writing/check_with_keras.py', import.meta.url);
    const printed = await printedBy(python!, script, folder, 'call');
    lines = printed.slice(1).map((line) => JSON.parse(line));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.for(Object.keys(VARIANTS).map((name, i) => [name, String(i)] as const))(
    '%s',
    ([, number]) => {
      const line = lines.find(({ name }) => name === number);
      expect(line?.error?.slice(-400)).toBeUndefined();
      expect(line?.difference).toBeLessThan(TOLERANCE);
    },
  );
});
