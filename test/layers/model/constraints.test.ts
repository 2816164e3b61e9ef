/** Constraints hold after each step of training, as in Keras, and weights load as they are. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, loadKerasModel, registerLayers, saveKerasModel } from '../../../src/index.js';
import { expectClose, useBackend } from '../../kernels/kernels.js';
import {
  constrainedFile,
  KERAS,
  modelOf,
  tensorOf,
  type TrainedCase,
  WAYS,
  weightsOf,
} from './keras-training.js';
import { inMemory } from '../../in-memory.js';

beforeAll(async () => {
  await useBackend('cpu');
  tf.env().set('IS_TEST', false);
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

async function expectTrained(golden: TrainedCase, way: string, model: tfl.LayersModel) {
  const [x, y] = [tensorOf(golden.inputs), tensorOf(golden.labels)];
  const evaluate = () => (model.evaluate(x, y, { batchSize: KERAS.batch }) as tf.Scalar).dataSync();
  weightsOf(model).forEach((weight, i) => {
    expectClose(`weight ${i} before training`, weight, floats(golden.initial[i]!), 0);
  });
  expectClose('loss before training', evaluate(), [golden.lossBefore], 1e-5);
  expectClose('losses', await WAYS[way]!(model, x, y), golden.losses, 1e-5);
  weightsOf(model).forEach((weight, i) => {
    expectClose(`weight ${i}`, weight, floats(golden.weights[i]!), 1e-5);
  });
  expectClose('loss after training', evaluate(), [golden.lossAfter], 1e-5);
}

// They are written as the shortest decimals that are read as the same 32 bits.
const floats = ({ values }: { values: number[] }) => Float32Array.from(values);

const named = (cases: TrainedCase[]) => cases.map((each) => [each.name, each] as const);

describe.each(Object.keys(WAYS))('%s keeps to constraints as Keras does', (way) => {
  test.each(named(KERAS.constraints))('%s', (_, golden) =>
    expectTrained(golden, way, modelOf(golden)),
  );

  test.each(named(KERAS.constraints))('%s, on a tape', async (_, golden) => {
    const model = modelOf(golden);
    let calls = 0;
    // A step that somebody looks into is taken on a tape.
    model.layers.at(-1)!.setCallHook(() => {
      calls++;
    });
    await expectTrained(golden, way, model);
    expect(calls).toBeGreaterThan(0);
  });
});

describe.each(Object.keys(WAYS))('%s counts regularizers as Keras does', (way) => {
  test.each(named(KERAS.regularizers))('%s', (_, golden) =>
    expectTrained(golden, way, modelOf(golden)),
  );
});

describe('weights that keep to no constraint are read as they are', () => {
  const io = JSON.parse(new TextDecoder().decode(constrainedFile('constrained.io.json')));

  function expectAsTheyAre(model: tfl.LayersModel) {
    weightsOf(model).forEach((weight, i) => {
      expectClose(`weight ${i}`, weight, floats(io.weights[i]), 0);
    });
    const predictions = model.predict(tensorOf(io.inputs)) as tf.Tensor;
    expectClose('predictions', predictions.dataSync(), io.predictions.values, 1e-5);
  }

  test.each(['keras', 'h5'])('from a file of Keras, .%s', async (extension) => {
    const bytes = constrainedFile(`constrained.${extension}`);
    expectAsTheyAre(await loadKerasModel(bytes));
    const model = await loadKerasModel(bytes, { compile: false });
    for (const format of ['keras', 'h5', 'json+h5'] as const) {
      expectAsTheyAre(await loadKerasModel((await saveKerasModel(model, { format })) as never));
    }
  });

  test('from what model.save wrote, by tf.loadLayersModel', async () => {
    registerLayers();
    const model = await loadKerasModel(constrainedFile('constrained.keras'));
    const { handler } = inMemory();
    await model.save(handler);
    expectAsTheyAre(await tfl.loadLayersModel(handler));
  });

  test('by setWeights of a layer and of a model, which constrains them after the next step', () => {
    const layer = layers.dense({ units: 1, inputShape: [2], kernelConstraint: 'nonNeg' });
    const model = tfl.sequential({ layers: [layer] });
    const weights = [tf.tensor2d([[-1], [2]]), tf.tensor1d([0])];
    for (const each of [layer, model]) {
      each.setWeights(weights);
      expect(layer.getWeights()[0]!.arraySync()).toEqual([[-1], [2]]);
    }
  });
});
