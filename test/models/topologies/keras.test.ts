import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitWithSeed, loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { printedBy, pythonWithKeras } from '../../keras/python.js';
import { batchFor, MODELS, valuesOf } from './cases.js';

const TOLERANCE = 1e-6;

const python = pythonWithKeras('no topology was opened in Keras');

const names = Object.keys(MODELS);
const files = new Map<string, Uint8Array>();

interface Line {
  name: string;
  difference?: number;
  scores?: number[];
  error?: string;
}

describe('a topology in a file of Keras', () => {
  let folder: string;
  let lines: Line[] = [];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = mkdtempSync(join(tmpdir(), 'topologies-'));
    for (const [i, name] of names.entries()) {
      const model = MODELS[name]!();
      const { x, y } = batchFor(model);
      await fitWithSeed(model, x, y, { epochs: 5 });
      const scores = [model.evaluate(x, y)].flat().map((score) => score.dataSync()[0]!);
      const output = model.predict(x) as tf.Tensor;
      const io = {
        inputs: x.map((one) => one.arraySync()),
        types: x.map(({ dtype }) => dtype),
        outputs: output.arraySync(),
        labels: y.arraySync(),
        scores,
      };
      const bytes = await saveKerasModel(model);
      files.set(name, bytes);
      writeFileSync(join(folder, `${i}.io.json`), JSON.stringify(io));
      writeFileSync(join(folder, `${i}.keras`), bytes);
      tf.dispose([x, y, output]);
    }
    if (python === undefined) return;
    const script = new URL('check_topologies.py', import.meta.url);
    const printed = await printedBy(python, script, folder);
    const [versions, ...rest] = printed;
    lines = rest.map((line) => JSON.parse(line));
    const worst = Math.max(...lines.map(({ difference }) => difference ?? 0));
    const worstScore = Math.max(...lines.flatMap(({ scores }) => scores ?? []));
    console.log(`opened in ${versions}: predictions differ by ${worst}, scores by ${worstScore}`);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.runIf(python !== undefined).each(names)('%s: real Keras predicts the same', (name) => {
    const line = lines.find((one) => one.name === String(names.indexOf(name)));
    expect(line?.error?.slice(-400)).toBeUndefined();
    expect(line?.difference).toBeLessThan(TOLERANCE);
    // Padding counts neither there nor here.
    expect(Math.max(...line!.scores!)).toBeLessThan(TOLERANCE);
  });

  test.each(names)('%s: comes back from it', async (name) => {
    const model = MODELS[name]!();
    const { x, y } = batchFor(model);
    await fitWithSeed(model, x, y, { epochs: 5 });
    const loaded = await loadKerasModel(files.get(name)!);
    const [expected, received] = [model, loaded].map((one) =>
      tf.tidy(() => valuesOf(one.predict(x) as tf.Tensor)),
    );
    received!.forEach((value, i) => {
      expect(Math.abs(value - expected![i]!)).toBeLessThan(TOLERANCE);
    });
    tf.dispose([x, y]);
  });
});
