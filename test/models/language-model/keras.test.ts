import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createLanguageModel,
  fitWithSeed,
  generateText,
  loadKerasModel,
  saveKerasModel,
  Tokenizer,
} from '../../../src/index.js';
import { printedBy, pythonWithKeras } from '../../keras/python.js';

const TOLERANCE = 1e-6;

const python = pythonWithKeras('no language model was opened in Keras');

const COMMON = { vocabularySize: 11, seed: 6, learningRate: 0.01 };
const MODELS = {
  lstm: () => createLanguageModel({ ...COMMON, units: 7 }),
  'gru, stacked, dropout': () =>
    createLanguageModel({ ...COMMON, cell: 'gru', units: [6, 5], dropoutRate: 0.2 }),
  'simpleRNN, one-hot': () =>
    createLanguageModel({ ...COMMON, cell: 'simpleRNN', units: 9, oneHot: true }),
  'lstm, a length': () => createLanguageModel({ ...COMMON, units: [5, 5, 5], sequenceLength: 6 }),
};
type Name = keyof typeof MODELS;
const names = Object.keys(MODELS) as Name[];

interface Line {
  name: string;
  difference?: number;
  scores?: number[];
  error?: string;
}

describe('a language model in a file of Keras', () => {
  const files = new Map<Name, Uint8Array>();
  const predictions = new Map<Name, number[]>();
  const x = () => tf.tensor2d([1, 2, 3, 4, 5, 6, 10, 9, 8, 7, 6, 5], [2, 6], 'int32');
  const y = () => tf.tensor3d([2, 3, 4, 5, 6, 7, 9, 8, 7, 6, 5, 4], [2, 6, 1], 'int32');
  let folder: string;
  let lines: Line[] = [];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = mkdtempSync(join(tmpdir(), 'language-'));
    for (const [i, name] of names.entries()) {
      const model = MODELS[name]();
      await fitWithSeed(model, x(), y(), { epochs: 5, batchSize: 2 });
      const output = model.predict(x()) as tf.Tensor;
      const scores = [model.evaluate(x(), y())].flat().map((score) => score.dataSync()[0]!);
      const io = {
        inputs: [x().arraySync()],
        types: ['int32'],
        outputs: output.arraySync(),
        labels: y().arraySync(),
        scores,
      };
      const bytes = await saveKerasModel(model);
      files.set(name, bytes);
      predictions.set(name, [...output.dataSync()]);
      writeFileSync(join(folder, `${i}.io.json`), JSON.stringify(io));
      writeFileSync(join(folder, `${i}.keras`), bytes);
    }
    if (python === undefined) return;
    const script = new URL('../topologies/check_topologies.py', import.meta.url);
    const printed = await printedBy(python, script, folder);
    const [versions, ...rest] = printed;
    lines = rest.map((line) => JSON.parse(line));
    const worst = Math.max(...lines.map(({ difference }) => difference ?? 0));
    console.log(`opened in ${versions}: predictions differ by ${worst}`);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.runIf(python !== undefined).each(names)('%s: real Keras predicts the same', (name) => {
    const line = lines.find((one) => one.name === String(names.indexOf(name)));
    expect(line?.error?.slice(-400)).toBeUndefined();
    expect(line?.difference).toBeLessThan(TOLERANCE);
    expect(Math.max(...line!.scores!)).toBeLessThan(TOLERANCE);
  });

  test.each(names)('%s: comes back from it, and writes', async (name) => {
    const loaded = await loadKerasModel(files.get(name)!);
    const received = (loaded.predict(x()) as tf.Tensor).dataSync();
    predictions.get(name)!.forEach((value, i) => {
      expect(Math.abs(value - received[i]!)).toBeLessThan(TOLERANCE);
    });
    const tokenizer = new Tokenizer({ charLevel: true });
    tokenizer.fitOnTexts(['abcdefghij']);
    const options = { prompt: 'abc', length: 4, temperature: 0, tokenizer };
    expect(await generateText(loaded, options)).toHaveLength(4);
  });
});
