import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, test } from 'vitest';
import { Draw, drawModel } from '../layers/model/without-tape/draw-model.js';
import { randomModels } from '../random-models.js';
import { expectSameBitsOnceSaved } from './same-bits.js';

beforeAll(() => tf.setBackend('cpu'));

const { first, count } = randomModels({ all: 500, few: 150 });
const NUMBERS = Array.from({ length: count }, (_, i) => first + i);

describe('random models predict without TensorFlow.js as with it, to the bit', () => {
  test.each(NUMBERS)('model %i', async (number) => {
    const { model, inputs, labels } = drawModel(new Draw(number, { hasOthers: true }));
    await expectSameBitsOnceSaved(model, inputs);
    model.dispose();
    tf.dispose([inputs, labels]);
  });
});
