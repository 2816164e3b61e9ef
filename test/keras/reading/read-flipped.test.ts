import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { RecurrentError } from '../../../src/foundation/errors.js';
import { openDoor } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel, saveKerasModel } from '../../../src/index.js';

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

const values = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => [...weight.dataSync()]);

it('a .keras of which a bit has flipped is an error, or the very same model', async () => {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
  const bytes = await saveKerasModel(model);
  const whole = await loadKerasModel(bytes);
  const [expected, config] = [values(model), JSON.stringify(whole.layers[0]!.getConfig())];
  const before = tf.memory().numTensors;
  const flip = (bit: number) => {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  };
  let errors = 0;
  for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
    flip(bit);
    const loaded = await loadKerasModel(bytes).catch((error: unknown) => error);
    flip(bit);
    if (loaded instanceof Error) {
      expect(loaded, `bit ${bit}`).toBeInstanceOf(RecurrentError);
      errors++;
      continue;
    }
    const same = loaded as tfl.LayersModel;
    expect(values(same), `bit ${bit}`).toEqual(expected);
    expect(JSON.stringify(same.layers[0]!.getConfig()), `bit ${bit}`).toBe(config);
    same.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(errors).toBeGreaterThan((5 * bytes.length) / 7);
});
