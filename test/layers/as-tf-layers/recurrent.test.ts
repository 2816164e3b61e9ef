import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { configOf, expectSame, normal, OURS, STOCK, shareWeights } from './pairs.js';

const KINDS = ['lstm', 'gru', 'simpleRNN'] as const;
const UNITS = 5;
const SHAPE = [3, 6, 4] as const;

type Args = { units: number } & Record<string, unknown>;

const OPTIONS: Record<string, object> = {
  'the last state': {},
  sequences: { returnSequences: true },
  'the last state and states': { returnState: true },
  'sequences and states': { returnSequences: true, returnState: true },
  'no bias': { useBias: false },
  'steps from the last to the first': { goBackwards: true, returnSequences: true },
  'steps that are unrolled': { unroll: true },
  'a linear cell': { activation: 'linear' },
  'relu in the cell': { activation: 'relu' },
  'a frozen layer': { trainable: false },
};

const RECURRENT_ACTIVATIONS = ['hardSigmoid', 'sigmoid'];

function pair(kind: (typeof KINDS)[number], options: object): [tfl.RNN, tfl.RNN] {
  const args = { units: UNITS, ...options } as Args;
  const layers = [OURS, STOCK].map((of) => of[kind](args as never) as unknown as tfl.RNN);
  for (const layer of layers) tf.tidy(() => void layer.apply(tf.zeros([...SHAPE])));
  shareWeights(layers[0]!, layers[1]!);
  return layers as [tfl.RNN, tfl.RNN];
}

function statesOf(kind: (typeof KINDS)[number], batch: number = SHAPE[0]): tf.Tensor[] {
  const count = kind === 'lstm' ? 2 : 1;
  return Array.from({ length: count }, (_, i) => normal([batch, UNITS], 50 + i));
}

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(KINDS)('layers.%s is that of tf.layers', (kind) => {
  const cases = Object.entries(OPTIONS).flatMap(([name, options]) =>
    kind === 'simpleRNN'
      ? [[name, options] as const]
      : RECURRENT_ACTIVATIONS.map(
          (recurrentActivation) =>
            [`${name}, ${recurrentActivation}`, { ...options, recurrentActivation }] as const,
        ),
  );

  test.each(cases)('with %s: outputs, shapes, weights and settings', (_, options) => {
    const [mine, theirs] = pair(kind, options);
    const x = normal([...SHAPE], 1);
    expectSame(mine.apply(x) as tf.Tensor, theirs.apply(x) as tf.Tensor);
    expect(mine.computeOutputShape([...SHAPE])).toEqual(theirs.computeOutputShape([...SHAPE]));
    expect(mine.computeOutputShape([null, null, SHAPE[2]])).toEqual(
      theirs.computeOutputShape([null, null, SHAPE[2]]),
    );
    const shapes = ({ weights }: tfl.RNN) =>
      weights.map(({ shape, name }) => [shape, name.split('/').at(-1)]);
    expect(shapes(mine)).toEqual(shapes(theirs));
    expect(mine.trainableWeights.length).toBe(theirs.trainableWeights.length);
    const { name: _mine, ...config } = configOf(mine) as Record<string, unknown>;
    const { name: _theirs, ...stock } = configOf(theirs) as Record<string, unknown>;
    expect(config).toEqual(stock);
  });

  test.each(cases)('with %s: gradients of inputs and weights', (_, options) => {
    const [mine, theirs] = pair(kind, options);
    const x = normal([...SHAPE], 1);
    const gradients = (layer: tfl.RNN) => {
      const loss = (input: tf.Tensor) => {
        const outputs = [layer.apply(input) as tf.Tensor].flat();
        return tf.addN(
          outputs.map((y, i) => tf.sum(tf.mul(y, normal(y.shape, 9 + i)))),
        ) as tf.Scalar;
      };
      const variables = layer.weights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => loss(x), variables);
      return [tf.grad(loss)(x), ...variables.map(({ name }) => grads[name]!)];
    };
    expectSame(gradients(mine), gradients(theirs), 1e-5);
  });

  test('with initial states, as tensors and as symbols', () => {
    const [mine, theirs] = pair(kind, { returnSequences: true });
    const x = normal([...SHAPE], 1);
    const initialState = statesOf(kind);
    const apply = (layer: tfl.RNN) => layer.apply(x, { initialState }) as tf.Tensor;
    expectSame(apply(mine), apply(theirs));
    const models = [mine, theirs].map((layer) => {
      const [input, ...states] = [x, ...initialState].map(({ shape }) =>
        tfl.input({ shape: shape.slice(1) }),
      );
      const output = layer.apply(input!, { initialState: states }) as tfl.SymbolicTensor;
      return tfl.model({ inputs: [input!, ...states], outputs: output });
    });
    const [a, b] = models.map((model) => model.predict([x, ...initialState]) as tf.Tensor);
    expectSame(a!, b!);
  });

  test('with a mask', () => {
    const [mine, theirs] = pair(kind, { returnSequences: true });
    const x = normal([...SHAPE], 1);
    const mask = tf.tensor2d(
      [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0],
      [3, 6],
      'bool',
    );
    const apply = (layer: tfl.RNN) => layer.apply(x, { mask }) as tf.Tensor;
    expectSame(apply(mine), apply(theirs));
    expectSame(
      mine.computeMask([x], mask) as tf.Tensor,
      theirs.computeMask([x], mask) as tf.Tensor,
    );
  });

  test('with states that last from batch to batch, until they are reset', () => {
    const stateful = { stateful: true, batchInputShape: [...SHAPE] };
    const [mine, theirs] = pair(kind, stateful);
    const x = normal([...SHAPE], 1);
    const steps = (layer: tfl.RNN) => {
      const first = layer.apply(x) as tf.Tensor;
      const second = layer.apply(x) as tf.Tensor;
      layer.resetStates();
      const third = layer.apply(x) as tf.Tensor;
      layer.resetStates(statesOf(kind));
      return [first, second, third, layer.apply(x) as tf.Tensor].map((y) => tf.keep(y.clone()));
    };
    const [a, b] = [steps(mine), steps(theirs)];
    expectSame(a, b);
    expect(a[1]!.dataSync()).not.toEqual(a[0]!.dataSync());
    expect(a[2]!.dataSync()).toEqual(a[0]!.dataSync());
    tf.dispose([a, b]);
  });

  test('that stateful it wants to know the size of a batch', () => {
    for (const of of [OURS, STOCK]) {
      const layer = of[kind]({ units: 2, stateful: true } as never) as unknown as tfl.RNN;
      const input = tfl.input({ shape: [3, 2] });
      expect(() => layer.apply(input)).toThrow(/batch/i);
    }
  });

  test.each([{ units: 0 }, { units: -2 }, { units: 1.5 }])('that refuses %j', (args) => {
    expect(() => OURS[kind](args as never)).toThrow();
    expect(() => STOCK[kind](args as never)).toThrow();
  });

  test('that is trained to the same weights', async () => {
    const models = [OURS, STOCK].map((of) => {
      const layer = of[kind]({ units: UNITS, inputShape: [6, 4] } as never) as unknown as tfl.RNN;
      const model = tfl.sequential({ layers: [layer, of.dense({ units: 1 })] });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
      return model;
    });
    shareWeights(models[0]!, models[1]!);
    const [x, y] = [normal([12, 6, 4], 1), normal([12, 1], 2)];
    const options = { epochs: 3, batchSize: 5, shuffle: false, verbose: 0 } as const;
    const [a, b] = [await models[0]!.fit(x, y, options), await models[1]!.fit(x, y, options)];
    const losses = ({ history }: tfl.History) => history.loss as number[];
    losses(a).forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses(b)[i]!, 5);
    });
    expectSame(models[0]!.getWeights(), models[1]!.getWeights(), 1e-5);
  });

  test.each([
    ['ours', OURS],
    ['tf.layers', STOCK],
  ])('that a saved model with it is loaded: that of %s', async (_, of) => {
    const layer = of[kind]({ units: UNITS, inputShape: [6, 4] } as never) as unknown as tfl.RNN;
    const model = tfl.sequential({ layers: [layer] });
    const { modelTopology } = await artifactsOf(model);
    const loaded = await tfl.models.modelFromJSON({ modelTopology } as never);
    loaded.setWeights(model.getWeights());
    const x = normal([2, 6, 4], 3);
    expectSame(loaded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor);
  });
});

async function artifactsOf(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return saved!;
}
