/** `layer.setCallHook`: our layers call the hook when, and with what, those of tf.layers do. */
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import { trainByKernels } from '../../../src/layers/model/train-by-kernels.js';
import { unwatched, useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

type Maker = (args: never) => tfl.layers.Layer;
type House = Record<string, Maker>;

const cases: [name: string, args: (house: House) => object, shape: number[]][] = [
  ['dense', () => ({ units: 1 }), [2, 3]],
  ['dropout', () => ({ rate: 0.5 }), [2, 3]],
  ['embedding', () => ({ inputDim: 3, outputDim: 2 }), [2, 3]],
  ['lstm', () => ({ units: 2 }), [2, 3, 4]],
  ['gru', () => ({ units: 2 }), [2, 3, 4]],
  ['bidirectional', (house) => ({ layer: house.lstm!({ units: 2 } as never) }), [2, 3, 4]],
];

/** The arguments of each call of a hook. */
function hookCalls(house: House, [name, args, shape]: (typeof cases)[number], training: boolean) {
  const layer = house[name]!(args(house) as never);
  const calls: unknown[] = [];
  layer.setCallHook((inputs, kwargs) => {
    calls.push([[inputs].flat().map((x) => x.shape), kwargs]);
  });
  tf.tidy(() => {
    layer.apply(tf.ones(shape), { training });
    layer.apply(tf.ones(shape), { training });
  });
  layer.clearCallHook();
  tf.tidy(() => void layer.apply(tf.ones(shape), { training }));
  return calls;
}

describe.each(cases)('the hook of layers.%s', (...what) => {
  it.each([false, true])('is called as in tf.layers, training: %s', (training) => {
    const stock = hookCalls(tfl.layers as unknown as House, what, training);
    expect(hookCalls(layers as unknown as House, what, training)).toEqual(stock);
    // The recurrent layers and wrappers of TensorFlow.js call none.
    expect(stock.length).toBe(/dense|dropout|embedding/.test(what[0]) ? 2 : 0);
  });
});

it('hooks are called for each batch, in training and in prediction', async () => {
  const names = ['embedding', 'dropout', 'dense'];
  const model = trainByKernels(
    tfl.sequential({
      layers: [
        layers.embedding({ inputDim: 3, outputDim: 2, inputLength: 4 }),
        layers.dropout({ rate: 0.5 }),
        tfl.layers.flatten(),
        layers.dense({ units: 1, activation: 'sigmoid' }),
      ],
    }),
  );
  model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
  const calls: string[] = [];
  for (const layer of model.layers) {
    layer.setCallHook(() => void calls.push(layer.getClassName().toLowerCase()));
  }
  const times = () => names.map((name) => calls.filter((each) => each === name).length);
  const x = tf.ones([4, 4]);
  await unwatched(async () => {
    await model.fit(x, tf.ones([4, 1]), { batchSize: 2, verbose: 0 });
  });
  expect(times()).toEqual([2, 2, 2]);
  calls.length = 0;
  model.predict(x, { batchSize: 1 });
  expect(times()).toEqual([4, 4, 4]);
});
