import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf, type tfl } from '../../src/foundation/tensorflow.js';
import { saveKerasModel } from '../../src/index.js';
import { pythonWithKeras } from './python.js';
import { branchedModel, inputsFor, maskedModel, randomSequential } from './write-models.js';

const TOLERANCE = 1e-6;
const FORMATS = ['keras', 'h5', 'json+h5'];
const MODELS: Record<string, (seed: number) => tfl.LayersModel> = {
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, seed) => [`sequential-${seed}`, () => randomSequential(seed)]),
  ),
  'branched-1': () => branchedModel(1),
  'branched-2': () => branchedModel(2),
  'masked-embedding': () => maskedModel(0),
  'masked-input': () => maskedModel(1),
};

const python = pythonWithKeras();
if (python === undefined) {
  console.warn(
    'NOT CHECKED: no Python with Keras 3 was found, so what saveKerasModel writes was not opened ' +
      'in Keras. Set PYTHON to one that has it.',
  );
}

interface Line {
  name: string;
  format: string;
  difference?: number;
  error?: string;
  compiled?: boolean;
}

describe.runIf(python !== undefined)('real Keras predicts with what saveKerasModel writes', () => {
  let folder: string;
  let lines: Line[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'write-keras-'));
    for (const [name, make] of Object.entries(MODELS)) await writeCase(folder, name, make(0));
    const script = fileURLToPath(new URL('check_with_keras.py', import.meta.url));
    const printed = execFileSync(python!, [script, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [versions, ...rest] = printed.trim().split('\n');
    console.log(`opened in ${versions}`);
    lines = rest.map((line) => JSON.parse(line));
    const worst = Math.max(...lines.map(({ difference }) => difference ?? 0));
    console.log(`largest difference in ${lines.length} files: ${worst}`);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.for(Object.keys(MODELS).flatMap((name) => FORMATS.map((format) => [name, format] as const)))(
    '%s as %s',
    ([name, format]) => {
      const line = lines.find((one) => one.name === name && one.format === format);
      expect(line?.error?.slice(-400)).toBeUndefined();
      expect(line?.difference).toBeLessThan(TOLERANCE);
    },
  );
});

async function writeCase(folder: string, name: string, model: tfl.LayersModel): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const inputs = inputsFor(model, 1);
  const outputs = [model.predict(inputs)].flat() as tf.Tensor[];
  const io = {
    inputs: await Promise.all(inputs.map((tensor) => tensor.array())),
    outputs: await Promise.all(outputs.map((tensor) => tensor.array())),
  };
  tf.dispose([inputs, outputs]);
  const path = join(folder, name);
  writeFileSync(`${path}.io.json`, JSON.stringify(io));
  writeFileSync(`${path}.keras`, await saveKerasModel(model));
  writeFileSync(`${path}.h5`, await saveKerasModel(model, { format: 'h5' }));
  const { json, weights } = await saveKerasModel(model, { format: 'json+h5' });
  writeFileSync(`${path}.json`, json);
  writeFileSync(`${path}.weights_h5`, weights);
  model.dispose();
}
