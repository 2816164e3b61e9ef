import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { expectSame, type LayersOfBoth, normal, OURS, STOCK, shareWeights } from './pairs.js';

const SHAPE = [3, 6, 4] as const;
const MODES = ['concat', 'sum', 'mul', 'ave', null] as const;

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

type Make = (of: LayersOfBoth) => tfl.layers.Layer;

function pair(make: Make): [tfl.layers.Layer, tfl.layers.Layer] {
  const layers = [OURS, STOCK].map(make);
  for (const layer of layers) tf.tidy(() => void layer.apply(tf.zeros([...SHAPE])));
  shareWeights(layers[0]!, layers[1]!);
  return layers as [tfl.layers.Layer, tfl.layers.Layer];
}

describe.each(['lstm', 'gru', 'simpleRNN'] as const)('bidirectional around %s', (kind) => {
  const cases = MODES.flatMap((mergeMode) =>
    [false, true].flatMap((returnSequences) =>
      [false, true].map((returnState) => ({ mergeMode, returnSequences, returnState })),
    ),
  );

  test.each(cases)(
    'merges by $mergeMode, sequences $returnSequences, states $returnState',
    ({ mergeMode, ...options }) => {
      const make: Make = (of) =>
        of.bidirectional({
          layer: of[kind]({ units: 5, ...options } as never) as unknown as tfl.RNN,
          mergeMode: mergeMode as 'concat',
        });
      const [mine, theirs] = pair(make);
      const x = normal([...SHAPE], 1);
      expectSame(mine.apply(x) as tf.Tensor, theirs.apply(x) as tf.Tensor);
      expect(mine.computeOutputShape([...SHAPE])).toEqual(theirs.computeOutputShape([...SHAPE]));
      const shapes = ({ weights }: tfl.layers.Layer) => weights.map(({ shape }) => shape);
      expect(shapes(mine)).toEqual(shapes(theirs));
      const loss = (layer: tfl.layers.Layer) => (input: tf.Tensor) =>
        tf.addN(
          [layer.apply(input) as tf.Tensor].flat().map((y) => tf.sum(tf.square(y))),
        ) as tf.Scalar;
      expectSame(tf.grad(loss(mine))(x), tf.grad(loss(theirs))(x), 1e-5);
    },
  );

  test('takes initial states of both directions', () => {
    const make: Make = (of) =>
      of.bidirectional({
        layer: of[kind]({ units: 5 } as never) as unknown as tfl.RNN,
        mergeMode: 'concat',
      });
    const [mine, theirs] = pair(make);
    const count = kind === 'lstm' ? 4 : 2;
    const states = Array.from({ length: count }, (_, i) => normal([3, 5], 50 + i));
    const x = normal([...SHAPE], 1);
    const models = [mine, theirs].map((layer) => {
      const [input, ...given] = [x, ...states].map(({ shape }) =>
        tfl.input({ shape: shape.slice(1) }),
      );
      const output = layer.apply(input!, { initialState: given }) as tfl.SymbolicTensor;
      return tfl.model({ inputs: [input!, ...given], outputs: output });
    });
    const [a, b] = models.map((model) => model.predict([x, ...states]) as tf.Tensor);
    expectSame(a!, b!);
  });

  test('is frozen and thawed as a whole', () => {
    const [mine, theirs] = pair((of) =>
      of.bidirectional({
        layer: of[kind]({ units: 5 } as never) as unknown as tfl.RNN,
        mergeMode: 'sum',
      }),
    );
    for (const trainable of [false, true]) {
      mine.trainable = trainable;
      theirs.trainable = trainable;
      expect(mine.trainableWeights.length).toBe(theirs.trainableWeights.length);
      expect(mine.nonTrainableWeights.length).toBe(theirs.nonTrainableWeights.length);
    }
  });
});

test('bidirectional refuses a mode that there is not', () => {
  for (const of of [OURS, STOCK]) {
    const layer = of.lstm({ units: 2 }) as unknown as tfl.RNN;
    expect(() => of.bidirectional({ layer, mergeMode: 'max' as 'sum' })).toThrow();
  }
});

const STEPS: Record<string, Make> = {
  'a dense layer': (of) => tfl.layers.timeDistributed({ layer: of.dense({ units: 3 }) }),
  'dropout, which predicts nothing else': (of) =>
    tfl.layers.timeDistributed({ layer: of.dropout({ rate: 0.5 }) }),
};

test.each(Object.entries(STEPS))('timeDistributed around %s', (_, make) => {
  const [mine, theirs] = pair(make);
  const x = normal([...SHAPE], 1);
  expectSame(mine.apply(x) as tf.Tensor, theirs.apply(x) as tf.Tensor);
  expect(mine.computeOutputShape([...SHAPE])).toEqual(theirs.computeOutputShape([...SHAPE]));
  const gradient = (layer: tfl.layers.Layer) =>
    tf.grad((input) => tf.sum(tf.square(layer.apply(input) as tf.Tensor)))(x);
  expectSame(gradient(mine), gradient(theirs), 1e-5);
});
