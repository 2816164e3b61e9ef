import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/keras/reading/load-keras-model.js';

interface Values {
  shape: number[];
  values: number[];
}

interface Case {
  formats: ('keras' | 'h5')[];
  inputs: Values[];
  output: Values;
}

const folder = new URL('../../golden/files/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('io.json', folder), 'utf8')) as {
  cases: Record<string, Case>;
};

afterEach(() => tf.disposeVariables());

describe('layers that files of Keras hold predict as there', () => {
  const files = Object.entries(cases).flatMap(([name, { formats }]) =>
    formats.map((format) => [`${name}.${format}`, name] as const),
  );
  test.each(files)('%s', async (file, name) => {
    const { inputs, output } = cases[name]!;
    const model = await loadKerasModel(readFileSync(new URL(file, folder)), { compile: false });
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const { numTensors } = tf.memory();
    const predicted = model.predict(tensors.length === 1 ? tensors[0]! : tensors) as tf.Tensor;
    expect(tf.memory().numTensors).toBe(numTensors + 1);
    expect(predicted.shape).toEqual(output.shape);
    const off = predicted.dataSync().map((value, i) => Math.abs(value - output.values[i]!));
    expect(Math.max(...off)).toBeLessThan(1e-5);
  });
});
