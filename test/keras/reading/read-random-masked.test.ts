import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { randomModels } from '../../random-models.js';
import { printedBy, pythonWithKeras } from '../python.js';
import { largestDifference, tensorOf, valuesOf, type WrittenCase } from '../tensor-json.js';

/** Keras takes half a second to make one. */
const { first, count } = randomModels({ all: 200, few: 40 });

const python = pythonWithKeras('no random models with masks were read');

describe.runIf(python !== undefined)('random models with masks predict as in Keras', () => {
  let folder: string;

  beforeAll(async () => {
    await useBackend('cpu', false);
    folder = mkdtempSync(join(tmpdir(), 'masked-keras-'));
    const script = new URL('random_masked_models.py', import.meta.url);
    await printedBy(python!, script, folder, `${first}`, `${count}`);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['keras', 'h5'])('as .%s', { timeout: 300_000 }, async (format) => {
    const off: string[] = [];
    for (let seed = first; seed < first + count; seed++) {
      const { inputs, outputs } = JSON.parse(
        readFileSync(join(folder, `${seed}.json`), 'utf8'),
      ) as WrittenCase;
      try {
        const bytes = new Uint8Array(readFileSync(join(folder, `${seed}.${format}`)));
        const model = await loadKerasModel(bytes, { compile: false });
        const given = inputs.map(tensorOf);
        const predicted = [model.predict(given.length > 1 ? given : given[0]!) as tf.Tensor].flat();
        const differences = predicted.map((output, i) =>
          largestDifference(output.dataSync(), valuesOf(outputs[i]!)),
        );
        if (predicted.length !== outputs.length || !(Math.max(...differences) < 1e-5)) {
          off.push(`${seed}: ${differences}`);
        }
        tf.dispose([given, predicted]);
        model.dispose();
      } catch (error) {
        off.push(`${seed}: ${(error as Error).message}`);
      }
    }
    expect(off).toEqual([]);
  });
});
