import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { type Conv1dInputs, conv1d } from '../../../src/kernels/convolution/conv1d.js';
import type { Conv1dSettings } from '../../../src/kernels/convolution/conv1d-forward.js';
import { BACKENDS, bytesInUse, expectClose, kernels, useBackend } from '../kernels.js';

interface Sizes {
  batch: number;
  time: number;
  inputs: number;
  size: number;
  units: number;
}

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

function inputsOf({ batch, time, inputs, size, units }: Sizes): Required<Conv1dInputs> {
  return {
    x: normal([batch, time, inputs], 1) as tf.Tensor3D,
    kernel: normal([size, inputs, units], 2) as tf.Tensor3D,
    bias: normal([units], 3) as tf.Tensor1D,
  };
}

/** Windows that are gathered, times the kernel: tf.conv1d has no gradient with dilation, nor on wasm. */
function twin({ x, kernel, bias }: Conv1dInputs, settings: Conv1dSettings): tf.Tensor3D {
  const [size, inputs, units] = kernel.shape;
  const { strides, dilation, padding } = settings;
  const [batch, time] = x.shape;
  const window = (size - 1) * dilation + 1;
  const kept = padding === 'valid' ? time - window + 1 : time;
  const steps = Math.ceil(kept / strides);
  const missing = padding === 'valid' ? 0 : Math.max(0, (steps - 1) * strides + window - time);
  const before = padding === 'causal' ? window - 1 : Math.floor(missing / 2);
  const after = Math.max(0, (steps - 1) * strides + window - time - before);
  const padded = tf.pad(x, [
    [0, 0],
    [before, after],
    [0, 0],
  ]);
  const places = Array.from(
    { length: steps * size },
    (_, i) => Math.floor(i / size) * strides + (i % size) * dilation,
  );
  const windows = tf.gather(padded, tf.tensor1d(places, 'int32'), 1);
  const rows = tf.reshape(windows, [batch * steps, size * inputs]);
  const product = tf.matMul(rows, tf.reshape(kernel, [size * inputs, units]));
  const sum = bias ? tf.add(product, bias) : product;
  return tf.reshape(sum, [batch, steps, units]);
}

function outputAndGradients(run: typeof conv1d, inputs: Conv1dInputs, settings: Conv1dSettings) {
  return tf.tidy(() => {
    const output = run(inputs, settings);
    const weights = normal(output.shape, 4);
    const names = Object.keys(inputs) as (keyof Conv1dInputs)[];
    const loss = (...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      return tf.sum(tf.mul(run(named as unknown as Conv1dInputs, settings), weights));
    };
    const gradients = tf.grads(loss)(names.map((name) => inputs[name]!));
    return [output, ...gradients].map((tensor) => ({
      shape: tensor.shape,
      values: tensor.dataSync<'float32'>(),
    }));
  });
}

/** What the twin computes on the cpu backend, where its gradient has all kernels. */
async function byTwin(inputs: Conv1dInputs, settings: Conv1dSettings) {
  await tf.setBackend('cpu');
  return outputAndGradients(twin, inputs, settings);
}

const SIZES: Sizes[] = [
  { batch: 2, time: 9, inputs: 3, size: 3, units: 5 },
  { batch: 3, time: 12, inputs: 8, size: 4, units: 16 },
  { batch: 1, time: 5, inputs: 1, size: 5, units: 1 },
  { batch: 5, time: 40, inputs: 36, size: 3, units: 33 },
];

const SETTINGS: Conv1dSettings[] = [
  { padding: 'valid', strides: 1, dilation: 1 },
  { padding: 'same', strides: 1, dilation: 1 },
  { padding: 'causal', strides: 1, dilation: 1 },
  { padding: 'valid', strides: 2, dilation: 1 },
  { padding: 'same', strides: 3, dilation: 1 },
  { padding: 'causal', strides: 1, dilation: 2 },
  { padding: 'same', strides: 1, dilation: 2 },
];

afterAll(() => kernels().setThreads('auto'));

describe.each(BACKENDS)('conv1d on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  const cases = SETTINGS.flatMap((settings) => SIZES.map((sizes) => ({ ...sizes, ...settings })));
  test.each(cases)(
    'is tf.conv1d, and its gradients: $batch·$time·$inputs by $size·$units, $padding, strides $strides, dilation $dilation',
    async ({ padding, strides, dilation, ...sizes }) => {
      const inputs = inputsOf(sizes);
      const settings = { padding, strides, dilation };
      if (padding === 'valid' && dilation * (sizes.size - 1) >= sizes.time) return;
      const before = bytesInUse();
      const actual = outputAndGradients(conv1d, inputs, settings);
      const expected = await byTwin(inputs, settings);
      await useBackend(backend);
      actual.forEach(({ shape, values }, i) => {
        expect(shape).toEqual(expected[i]!.shape);
        expectClose(`result ${i}`, values, expected[i]!.values, 2e-6);
      });
      expect(bytesInUse()).toBe(before);
    },
  );

  test('needs no bias', async () => {
    const { x, kernel } = inputsOf(SIZES[0]!);
    const settings = SETTINGS[1]!;
    const actual = outputAndGradients(conv1d, { x, kernel }, settings);
    const expected = await byTwin({ x, kernel }, settings);
    await useBackend(backend);
    expect(actual.length).toBe(3);
    actual.forEach(({ values }, i) => {
      expectClose(`result ${i}`, values, expected[i]!.values, 2e-6);
    });
  });
});

test('samples are shared among threads: the same output to the bit, and weights within 2e-6', async () => {
  await useBackend('cpu');
  const inputs = inputsOf({ batch: 32, time: 50, inputs: 24, size: 5, units: 20 });
  const on = (threads: number) => {
    kernels().setThreads(threads);
    return outputAndGradients(conv1d, inputs, SETTINGS[1]!);
  };
  const [one, two, again] = [on(1), on(2), on(2)];
  expect(two).toEqual(again);
  expect(two.slice(0, 2)).toEqual(one.slice(0, 2));
  for (const [i, { values }] of two.entries()) {
    expectClose(`result ${i}`, values, one[i]!.values, 2e-6);
  }
});
