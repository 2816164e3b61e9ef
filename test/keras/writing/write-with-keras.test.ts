import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, layers as ours, saveKerasModel, schedules } from '../../../src/index.js';
import { printedBy, pythonWithKeras } from '../python.js';
import { ALL_LAYERS } from './write-all-layers.js';
import {
  branchedModel,
  inputsFor,
  maskedFunctional,
  maskedModel,
  randomSequential,
} from './write-models.js';

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
  'masked-functional': () => maskedFunctional(0),
  ...ALL_LAYERS,
};

const python = pythonWithKeras('what saveKerasModel writes was not opened in Keras');

/**
 * Optimizers of models that were trained here, so that Adam has gathered something. Keras adds Adam's
 * epsilon before it corrects the bias, TensorFlow.js after: so small that it does not matter.
 */
const TRAINED: Record<string, () => tf.AdamOptimizer> = {
  trained: () => adam(0.05, 0.9, 0.999, 1e-12),
  'trained-by-a-schedule': () => {
    const rate = { initialLearningRate: 0.05, decaySteps: 4, decayRate: 0.5 };
    return adam(schedules.exponentialDecay(rate), 0.9, 0.999, 1e-12, { weightDecay: 0.1 });
  },
};

interface Line {
  name: string;
  format: string;
  difference?: number;
  error?: string;
  compiled?: boolean;
  difference_after_step?: number;
  warnings?: string[];
}

describe.runIf(python !== undefined)('real Keras predicts with what saveKerasModel writes', () => {
  let folder: string;
  let lines: Line[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'write-keras-'));
    for (const [name, make] of Object.entries(MODELS)) {
      const model = make(0);
      await writeCase(folder, name, model, inputsFor(model, 1));
    }
    for (const [name, make] of Object.entries(TRAINED)) await writeTrained(folder, name, make());
    const script = new URL('check_with_keras.py', import.meta.url);
    const printed = await printedBy(python!, script, folder);
    const [versions, ...rest] = printed;
    console.log(`opened in ${versions}`);
    lines = rest.map((line) => JSON.parse(line));
    const worst = Math.max(...lines.map(({ difference }) => difference ?? 0));
    console.log(`largest difference in ${lines.length} files: ${worst}`);
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.for(Object.keys(MODELS).flatMap((name) => FORMATS.map((format) => [name, format] as const)))(
    '%s as %s',
    ([name, format]) => {
      const line = lines.find((one) => one.name === name && one.format === format);
      expect(line?.error?.slice(-400)).toBeUndefined();
      expect(line?.difference).toBeLessThan(TOLERANCE);
    },
  );

  test.each(Object.keys(TRAINED))('Adam goes on where it was, %s', (name) => {
    const line = lines.find((one) => one.name === name && one.format === 'keras');
    expect(line).toMatchObject({ compiled: true });
    expect(line?.warnings).toBeUndefined();
    expect(line?.difference).toBeLessThan(TOLERANCE);
    expect(line?.difference_after_step).toBeLessThan(TOLERANCE);
  });
});

/** A model after two steps, and what it predicts after the third. */
async function writeTrained(
  folder: string,
  name: string,
  optimizer: tf.AdamOptimizer,
): Promise<void> {
  const model = tfl.sequential({
    layers: [
      ours.lstm({ units: 4, recurrentActivation: 'sigmoid', inputShape: [5, 3] }),
      tfl.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({
    optimizer,
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  const x = tf.randomUniform([8, 5, 3], -1, 1, 'float32', 3);
  const y = tf.tensor2d([0, 1, 1, 0, 1, 0, 0, 1], [8, 1]);
  for (let step = 0; step < 2; step++) await model.trainOnBatch(x, y);
  const again = await writeCase(folder, name, model, [x]);
  await model.trainOnBatch(x, y);
  const outputs = [await (model.predict(x) as tf.Tensor).array()];
  const step = { x: await x.array(), y: await y.array(), outputs };
  writeFileSync(join(folder, `${name}.io.json`), JSON.stringify({ ...again, step }));
}

async function writeCase(
  folder: string,
  name: string,
  model: tfl.LayersModel,
  inputs: tf.Tensor[],
): Promise<object> {
  const outputs = [model.predict(inputs)].flat() as tf.Tensor[];
  const io = {
    inputs: await Promise.all(inputs.map((tensor) => tensor.array())),
    outputs: await Promise.all(outputs.map((tensor) => tensor.array())),
  };
  tf.dispose(outputs);
  const path = join(folder, name);
  writeFileSync(`${path}.io.json`, JSON.stringify(io));
  writeFileSync(`${path}.keras`, await saveKerasModel(model));
  writeFileSync(`${path}.h5`, await saveKerasModel(model, { format: 'h5' }));
  const { json, weights } = await saveKerasModel(model, { format: 'json+h5' });
  writeFileSync(`${path}.json`, json);
  writeFileSync(`${path}.weights_h5`, weights);
  return io;
}
