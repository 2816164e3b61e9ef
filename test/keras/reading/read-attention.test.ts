import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { expectClose } from '../../kernels/kernels.js';
import { memoryInUse, useBackend } from '../../layers/golden.js';
import { bytesOf, textOf } from './read-files.js';

beforeAll(() => useBackend('cpu', false));

describe.each(['translation', 'additive', 'causal'])(
  '%s, a model of Keras with attention',
  (name) => {
    it.each(['keras', 'h5'])('predicts the same from .%s', async (kind) => {
      const before = memoryInUse();
      const model = await loadKerasModel(bytesOf(`../attention/${name}.${kind}`));
      const { inputs, predictions } = JSON.parse(textOf(`../attention/${name}.io.json`));
      tf.tidy(() => {
        const x = inputs.map((input: number[]) => tf.tensor(input));
        const outputs = [model.predict(x.length > 1 ? x : x[0])].flat() as tf.Tensor[];
        expect(outputs).toHaveLength(predictions.length);
        outputs.forEach((output, i) => {
          const expected = predictions[i].flat(2);
          expectClose(`output ${i}`, output.dataSync(), Float32Array.from(expected), 1e-6);
        });
      });
      // TensorFlow.js keeps the weights of a layer that is called twice.
      tf.dispose(model.weights.map((weight) => weight.read()));
      expect(memoryInUse()).toEqual(before);
    });
  },
);
