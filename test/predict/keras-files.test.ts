import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { RecurrentError } from '../../src/foundation/errors.js';
import { tf } from '../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../src/keras/reading/load-keras-model.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { bytesOf, recorded, type Variant, waysToLoad } from '../keras/reading/read-files.js';
import { expectSameBits } from './same-bits.js';

beforeAll(() => tf.setBackend('cpu'));

interface Case {
  formats: ('keras' | 'h5')[];
  inputs: { shape: number[]; values: number[] }[];
}

const folder = new URL('../golden/files/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('io.json', folder), 'utf8')) as {
  cases: Record<string, Case>;
};

/** Files with a layer that has no kernel, and what is said of it. */
const REFUSED: Record<string, string> = {
  image_pools: 'the layer global_max_pooling2d (GlobalMaxPooling2D) is of a class without kernels',
  images: 'the layer zero_padding2d (ZeroPadding2D) is of a class without kernels',
  nested_over_time: 'the layer conv2d (Conv2D) is of a class without kernels',
  over_time: 'the layer conv2d (Conv2D) is of a class without kernels',
};

describe('files of Keras predict without TensorFlow.js as with it, to the bit', () => {
  const files = Object.entries(cases).flatMap(([name, { formats }]) =>
    formats.map((format) => [`${name}.${format}`, name] as const),
  );

  test.each(files)('%s', async (file, name) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
    if (REFUSED[name]) {
      await expect(loadPredictor(bytes)).rejects.toThrow(REFUSED[name]);
      await expect(loadPredictor(bytes)).rejects.toThrow(RecurrentError);
      return;
    }
    const model = await loadKerasModel(bytes, { compile: false });
    const inputs = cases[name]!.inputs.map(({ shape, values }) => tf.tensor(values, shape));
    await expectSameBits(await loadPredictor(bytes), model, inputs);
  });

  test.each(['embedding', 'masking'])('masks that are operations: %s', async (name) => {
    const bytes = bytesOf(`../masked/${name}.keras`);
    const model = await loadKerasModel(bytes, { compile: false });
    const inputs = model.inputs.map(({ shape }) => {
      const [, ...sizes] = shape as [null, ...number[]];
      return tf.tidy(() => tf.floor(tf.randomUniform([4, ...sizes], 0, 3.99, 'float32', 1)));
    });
    await expectSameBits(await loadPredictor(bytes), model, inputs);
  });

  const ways = (['lstm', 'bigru'] as Variant[]).flatMap((variant) =>
    waysToLoad(variant).map(([title, open]) => [`${variant}: ${title}`, variant, open] as const),
  );
  test.each(ways)('%s', async (_, variant, open) => {
    const model = await loadKerasModel(open(), { compile: false });
    const inputs = [tf.tensor2d(recorded(variant).inputs)];
    await expectSameBits(await loadPredictor(open()), model, inputs);
  });
});
