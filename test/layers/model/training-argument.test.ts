/** What a layer is told of training where it is called counts, as in Keras, whoever runs the model. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../../src/index.js';
import { useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

type Symbol = tfl.SymbolicTensor;

/** Dropout behind a layer that does nothing, called in one way or another. */
function modelOf(training?: boolean, isNested = false): tfl.LayersModel {
  const x = tfl.input({ shape: [50] });
  const dropout = layers.dropout({ rate: 0.5, seed: 1 });
  const identity = layers.dense({ units: 50, kernelInitializer: 'identity' });
  const called = isNested ? tfl.model({ inputs: x, outputs: dropout.apply(x) as Symbol }) : dropout;
  const options = training === undefined ? {} : { training };
  const outputs = called.apply(identity.apply(x), options) as Symbol;
  return tfl.model({ inputs: x, outputs });
}

const predict = (model: tfl.LayersModel) =>
  (model.predict(tf.ones([1, 50])) as tf.Tensor).dataSync();

/** The error of a step of training against outputs that are all 1: 0 if nothing is dropped. */
async function trainedLoss(model: tfl.LayersModel): Promise<number> {
  model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
  return (await model.trainOnBatch(tf.ones([1, 50]), tf.ones([1, 50]))) as number;
}

describe.each([false, true])('a call within a model, of a model: %s', (isNested) => {
  test('with training: true drops when it predicts, too', async () => {
    const values = new Set(predict(modelOf(true, isNested)));
    expect(values).toEqual(new Set([0, 2]));
    expect(await trainedLoss(modelOf(true, isNested))).toBeCloseTo(1, 6);
  });

  test('with training: false never drops', async () => {
    expect(new Set(predict(modelOf(false, isNested)))).toEqual(new Set([1]));
    expect(await trainedLoss(modelOf(false, isNested))).toBe(0);
  });

  test('without it drops in training alone', async () => {
    expect(new Set(predict(modelOf(undefined, isNested)))).toEqual(new Set([1]));
    expect(await trainedLoss(modelOf(undefined, isNested))).toBeCloseTo(1, 6);
  });

  test('is saved with the model', async () => {
    registerLayers();
    const modelTopology = JSON.parse(modelOf(true, isNested).toJSON() as string);
    const again = await tfl.models.modelFromJSON({ modelTopology });
    // The layer that does nothing was made anew.
    again.setWeights([tf.eye(50), tf.zeros([50])]);
    expect(new Set(predict(again))).toEqual(new Set([0, 2]));
  });
});
