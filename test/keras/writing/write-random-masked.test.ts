import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonOf, RecurrentError } from '../../../src/foundation/errors.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { type KerasFormat, loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { randomModels } from '../../random-models.js';
import { printedBy, pythonWithKeras } from '../python.js';
import { type MaskedCase, maskedCase } from './write-masked-models.js';

const { first, count } = randomModels({ all: 150, few: 36 });
/** Of the first, every format is opened in Keras; of each of the others, one. */
const IN_ALL_FORMATS = 20;
const FORMATS: readonly KerasFormat[] = ['keras', 'h5', 'json+h5'];
const TOLERANCE = 1e-5;

const python = pythonWithKeras('no random models with masks were opened in Keras');

interface Line {
  name: string;
  format: string;
  difference?: number;
  error?: string;
}

/** What `predict` gives; undefined for a model that TensorFlow.js itself cannot run. */
function predict({ model, inputs }: MaskedCase): tf.Tensor[] | undefined {
  try {
    return [model.predict(inputs)].flat() as tf.Tensor[];
  } catch {
    return undefined;
  }
}

/** What is not written, by why. */
const refusals = new Map<string, string[]>();
let written = 0;

describe('random models with masks', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'write-masked-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are refused with a reason, or come back the same', { timeout: 600_000 }, async () => {
    for (let seed = first; seed < first + count; seed++) {
      const one = maskedCase(seed);
      const outputs = predict(one);
      if (outputs === undefined) continue;
      const formats = FORMATS.filter((_, i) => seed - first < IN_ALL_FORMATS || i === seed % 3);
      try {
        for (const format of formats) await write(folder, `${seed}`, one, format);
      } catch (error) {
        expect(error).toBeInstanceOf(RecurrentError);
        const message = reasonOf(error);
        expect(message).toMatch(/^saveKerasModel: \S+ \(\w+\) .*\. [A-Z].*\.$/);
        const reason = message.replace(/^saveKerasModel: \S+ \(\w+\) /, '').split('.')[0]!;
        refusals.set(reason, [...(refusals.get(reason) ?? []), `${seed}`]);
        continue;
      }
      written++;
      const loaded = await loadKerasModel(await saveKerasModel(one.model));
      const again = [loaded.predict(one.inputs)].flat() as tf.Tensor[];
      const differences = outputs.map((output, i) => largest(output, again[i]!));
      expect(Math.max(...differences), `seed ${seed}`).toBeLessThan(TOLERANCE);
      const io = {
        inputs: await Promise.all(one.inputs.map((tensor) => tensor.array())),
        outputs: await Promise.all(outputs.map((tensor) => tensor.array())),
      };
      writeFileSync(join(folder, `${seed}.io.json`), JSON.stringify(io));
      tf.dispose([outputs, again, one.inputs]);
    }
    console.log(`${written} written; refused:`, Object.fromEntries(refusals));
    expect(written).toBeGreaterThan(count / 3);
  });

  test.runIf(python !== undefined)(
    'and predict the same in real Keras',
    { timeout: 900_000 },
    async () => {
      const script = new URL('check_with_keras.py', import.meta.url);
      const printed = await printedBy(python!, script, folder, 'call');
      const [versions, ...rest] = printed;
      const lines: Line[] = rest.map((line) => JSON.parse(line));
      const worst = Math.max(...lines.map(({ difference }) => difference ?? 0));
      console.log(`${lines.length} files in ${versions}, largest difference: ${worst}`);
      const off = lines.filter(({ difference }) => !(difference! < TOLERANCE));
      expect(off.map((line) => ({ ...line, error: line.error?.slice(-300) }))).toEqual([]);
      expect(new Set(lines.map(({ name }) => name)).size).toBe(written);
    },
  );
});

function largest(a: tf.Tensor, b: tf.Tensor): number {
  expect(b.shape).toEqual(a.shape);
  const others = b.dataSync();
  // The mean of no steps is not a number on either side.
  return Math.max(
    0,
    ...[...a.dataSync()].map((value, i) => {
      const other = others[i]!;
      return Number.isNaN(value) && Number.isNaN(other) ? 0 : Math.abs(value - other);
    }),
  );
}

async function write(folder: string, name: string, { model }: MaskedCase, format: KerasFormat) {
  const path = join(folder, name);
  if (format !== 'json+h5') {
    writeFileSync(`${path}.${format}`, (await saveKerasModel(model, { format })) as Uint8Array);
    return;
  }
  const { json, weights } = await saveKerasModel(model, { format });
  writeFileSync(`${path}.json`, json);
  writeFileSync(`${path}.weights_h5`, weights);
}
