import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../../src/index.js';
import {
  BACKENDS,
  bytesInUse,
  expectClose,
  generator,
  unwatched,
  uniform,
  useBackend,
} from '../../kernels/kernels.js';
import type { TrainsByCall } from '../../../src/layers/training-call.js';
import { inMemory } from '../../in-memory.js';

type Layer = tfl.layers.Layer;
type CellArgs = { units: number } & Record<string, unknown>;
type Cells = 'lstmCell' | 'gruCell' | 'simpleRNNCell';

/** A cell of a user's: its output is not its state, and it has two states of other sizes. */
class Leaky extends tfl.layers.RNNCell {
  static className = 'Leaky';
  readonly units: number;
  stateSize: number[];
  kernel!: tfl.LayerVariable;

  constructor({ units, ...args }: { units: number }) {
    super(args);
    this.units = units;
    this.stateSize = [units, 2];
  }

  override build([, inputs]: [number, number]): void {
    const initializer = tfl.initializers.glorotUniform({ seed: 1 });
    this.kernel = this.addWeight('kernel', [inputs, this.units], 'float32', initializer);
    this.built = true;
  }

  override call([x, h, count]: tf.Tensor[]): tf.Tensor[] {
    return tf.tidy(() => {
      const next = tf.tanh(
        tf.add(tf.mul(h!, 0.9), tf.matMul(x! as tf.Tensor2D, this.kernel.read() as tf.Tensor2D)),
      );
      return [next, next, tf.add(count!, tf.mean(x!))];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), units: this.units };
  }
}
tf.serialization.registerClass(Leaky as never);

/** Cells by those that make them, ours or those of tf.layers. */
type Of = Record<Cells, (args: CellArgs) => tfl.layers.RNNCell>;
const KINDS: Record<string, (of: Of) => tfl.layers.RNNCell | tfl.layers.RNNCell[]> = {
  lstmCell: (of) => of.lstmCell({ units: 3, recurrentActivation: 'sigmoid', unitForgetBias: true }),
  gruCell: (of) => of.gruCell({ units: 3 }),
  simpleRNNCell: (of) => of.simpleRNNCell({ units: 3, activation: 'relu' }),
  'lstmCell with an activation that has no kernel': (of) =>
    of.lstmCell({ units: 3, activation: 'softsign' }),
  'a stack': (of) => [
    ...[of.lstmCell({ units: 4 }), of.gruCell({ units: 5 })],
    of.lstmCell({ units: 3, useBias: false }),
  ],
  'a cell of a user': () => new Leaky({ units: 3 }),
  'a stack with a cell of a user': (of) => [of.gruCell({ units: 4 }), new Leaky({ units: 3 })],
};
const SETTINGS = [
  {},
  { returnSequences: true, returnState: true },
  { goBackwards: true, returnSequences: true },
];

const ours = layers as unknown as Of & { rnn(args: object): Layer };
const stock = tfl.layers as unknown as Of & { rnn(args: object): Layer };

const x = () => uniform<tf.Rank.R3>([4, 6, 2], generator(2));
const MASK = [
  [1, 1, 1, 1, 1, 1],
  [1, 1, 0, 1, 0, 0],
  [0, 0, 1, 1, 1, 1],
  [1, 0, 0, 0, 0, 1],
];
const statesOf = (layer: Layer) => {
  const { stateSize } = (layer as unknown as { cell: { stateSize: number | number[] } }).cell;
  return [stateSize].flat().map((size, i) => uniform([4, size], generator(30 + i)));
};

function build(layer: Layer): void {
  tf.tidy(() => void layer.apply(x()));
  layer.setWeights(
    layer.getWeights().map(({ shape }, i) => uniform(shape, generator(40 + i), 0.6)),
  );
}

/** Outputs, and gradients of the inputs and of the weights. */
function resultsOf(layer: Layer, given: () => object): tf.Tensor[] {
  const outputs = () => [layer.apply(x(), given() as never)].flat() as tf.Tensor[];
  const loss = (input: tf.Tensor) => {
    const all = [layer.apply(input, given() as never)].flat() as tf.Tensor[];
    return tf.addN(
      all.map((output, i) => tf.sum(tf.mul(output, uniform(output.shape, generator(60 + i))))),
    ) as tf.Scalar;
  };
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(() => loss(x()), weights);
  return [...outputs(), tf.grad(loss)(x()), ...weights.map(({ name }) => grads[name]!)];
}

function expectSame(layer: Layer, other: Layer, given: () => object = () => ({})): void {
  const [received, expected] = [resultsOf(layer, given), resultsOf(other, given)];
  expect(received.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  received.forEach((tensor, i) => {
    expectClose(`${i}`, tensor.dataSync(), expected[i]!.dataSync(), 5e-6);
  });
}

const cases = Object.entries(KINDS).flatMap(([name, make]) =>
  SETTINGS.map((settings) => [name, settings, make] as const),
);

describe.each(BACKENDS)('layers.rnn on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
    registerLayers();
  });
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  describe.each(cases)('with %s, %o, is that of tf.layers', (_, settings, make) => {
    const pair = () => {
      const both = [ours, stock].map((of) => of.rnn({ ...settings, cell: make(of) }));
      for (const layer of both) build(layer);
      return both as [Layer, Layer];
    };

    it('outputs and gradients', () => unwatched(() => expectSame(...pair())));

    it('with a mask', () =>
      unwatched(() => {
        expectSame(...pair(), () => ({ mask: tf.tensor2d(MASK, [4, 6], 'bool') }));
      }));

    it('with initial states', () =>
      unwatched(() => {
        const both = pair();
        expectSame(...both, () => ({ initialState: statesOf(both[0]) }));
      }));

    it('by what it says of itself', () => {
      const [mine, theirs] = pair();
      const config = (layer: Layer) =>
        JSON.stringify(layer.getConfig(), (key, value) =>
          key === 'name' || key === 'resetAfter' ? undefined : value,
        );
      expect(config(mine)).toBe(config(theirs));
      expect(mine.getClassName()).toBe(theirs.getClassName());
      const names = (layer: Layer) =>
        layer.weights.map(({ originalName }) => originalName.replace(/RNN\d+/g, ''));
      expect(names(mine)).toEqual(names(theirs));
    });
  });

  it.each(['gruCell', 'lstmCell', 'simpleRNNCell'] as const)(
    'runs %s as the layer of that name, to the bit',
    (name) => {
      const settings = { units: 3, ...(name === 'gruCell' && { resetAfter: true }) };
      const layer = layers[name.replace('Cell', '') as 'gru']({
        ...settings,
        returnSequences: true,
      });
      const rnn = ours.rnn({ cell: ours[name](settings), returnSequences: true });
      for (const one of [layer, rnn]) build(one);
      const [expected, received] = [layer, rnn].map((one) => one.apply(x()) as tf.Tensor);
      expect([...received!.dataSync()]).toEqual([...expected!.dataSync()]);
    },
  );

  it('has the resetAfter of Keras step by step, too', () =>
    unwatched(() => {
      const cell = () => ours.gruCell({ units: 3, resetAfter: true });
      const alone = ours.rnn({ cell: cell(), returnSequences: true });
      // A second cell, which keeps all from being run by kernels, and hands its input on.
      const last = new (class extends tfl.layers.RNNCell {
        static className = 'Pass';
        stateSize = 3;
        override build(): void {
          this.built = true;
        }
        override call([input]: tf.Tensor[]): tf.Tensor[] {
          return [tf.clone(input!), tf.clone(input!)];
        }
      })({});
      const steps = ours.rnn({ cell: [cell(), last], returnSequences: true });
      for (const one of [alone, steps]) build(one);
      expectSame(steps, alone);
    }));

  it('drops inputs and states only while training, others at each call', () => {
    const dropping = { dropout: 0.5, recurrentDropout: 0.5 };
    for (const resetAfter of [false, true]) {
      const cell = ours.gruCell({ units: 3, resetAfter, ...dropping });
      const stack = [cell, new Leaky({ units: 3 })];
      const layer = ours.rnn({ cell: stack });
      build(layer);
      const call = (training: boolean) => [
        ...(layer.apply(x(), { training } as never) as tf.Tensor).dataSync(),
      ];
      expect(call(false)).toEqual(call(false));
      expect(call(true)).not.toEqual(call(true));
      expect(call(true)).not.toEqual(call(false));
    }
  });

  it('keeps the states of a stateful stack from batch to batch', () => {
    const whole = ours.rnn({ cell: KINDS['a stack']!(ours), returnSequences: true });
    const args = { stateful: true, batchInputShape: [4, 3, 2], returnSequences: true };
    const halves = ours.rnn({ ...args, cell: KINDS['a stack']!(ours) });
    build(whole);
    halves.apply(tf.zeros([4, 3, 2]));
    halves.setWeights(whole.getWeights());
    halves.resetStates();
    const expected = whole.apply(x()) as tf.Tensor3D;
    const received = [0, 3].map((first) => halves.apply(tf.slice(x(), [0, first, 0], [4, 3, 2])));
    expectClose(
      'halves',
      tf.concat(received as tf.Tensor[], 1).dataSync(),
      expected.dataSync(),
      1e-6,
    );
  });

  const both = ['lstmCell', 'a stack', 'a cell of a user', 'a stack with a cell of a user'];
  it.each(both)('goes in both directions with %s, with masks and states', (name) =>
    unwatched(() => {
      const make = () => ours.rnn({ cell: KINDS[name]!(ours), returnSequences: true });
      const around = layers.bidirectional({ layer: make() as tfl.RNN, mergeMode: 'concat' });
      build(around);
      const [first, second] = [
        make(),
        ours.rnn({ cell: KINDS[name]!(ours), returnSequences: true, goBackwards: true }),
      ];
      for (const one of [first, second]) build(one);
      const weights = around.getWeights();
      first.setWeights(weights.slice(0, weights.length / 2));
      second.setWeights(weights.slice(weights.length / 2));
      const states = statesOf(first);
      const mask = () => tf.tensor2d(MASK, [4, 6], 'bool');
      const received = around.apply(x(), {
        mask: mask(),
        initialState: [...states, ...states],
      } as never) as tf.Tensor;
      const [a, b] = [first, second].map(
        (one) => one.apply(x(), { mask: mask(), initialState: states } as never) as tf.Tensor,
      );
      const expected = tf.concat([a!, tf.reverse(b!, 1)], 2);
      expectClose('both', received.dataSync(), expected.dataSync(), 1e-6);
    }),
  );

  it.each([...both, 'a stack in both directions'])(
    'is saved and loaded with %s, and trained before',
    async (name) => {
      await unwatched(async () => {
        const isBoth = name.endsWith('directions');
        const inner = ours.rnn({ cell: KINDS[isBoth ? 'a stack' : name]!(ours) });
        const layer = isBoth
          ? layers.bidirectional({ layer: inner as tfl.RNN, mergeMode: 'concat' })
          : inner;
        const input = tfl.input({ shape: [6, 2] });
        const output = tfl.layers.dense({ units: 1 }).apply(layer.apply(input));
        const model = tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        const before = model.predict(x()) as tf.Tensor;
        await model.fit(x(), tf.ones([4, 1]), { epochs: 1, verbose: 0 });
        const trained = model.predict(x()) as tf.Tensor;
        expect([...trained.dataSync()]).not.toEqual([...before.dataSync()]);
        const { handler } = inMemory();
        await model.save(handler);
        const loaded = await tfl.loadLayersModel(handler);
        const received = loaded.predict(x()) as tf.Tensor;
        expectClose('loaded', received.dataSync(), trained.dataSync(), 1e-6);
      });
    },
  );
});

describe.each(BACKENDS)('a stack of cells without a tape, on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const stack = (settings: object) => {
    const layer = ours.rnn({ ...settings, cell: KINDS['a stack']!(ours) });
    build(layer);
    return layer as Layer & TrainsByCall;
  };
  const settings = { returnSequences: true, returnState: true, goBackwards: true };

  // The outputs through which a gradient comes back: the sequence, h and c of the last cell, h of
  // the second, h and c of the first.
  const back: [string, object, (i: number) => boolean][] = [
    ['all outputs', settings, () => true],
    ['the sequence', settings, (i) => i === 0],
    ['the states', { ...settings, returnSequences: false }, (i) => i > 0],
    ['the states of the first cells', settings, (i) => i > 2],
    ['c of the first cell', settings, (i) => i === 5],
  ];
  it.each(back)('has the gradients of the tape from %s', (_, given, comesBack) => {
    const layer = stack(given);
    const mask = tf.tensor2d(MASK, [4, 6], 'bool');
    const states = statesOf(layer);
    const values = [x(), ...states];
    expect(layer.hasTrainingCall({ values, mask })).toBe(true);
    const call = layer.trainingCall({ values, mask });
    const factors = call.outputs.map(({ shape }, i) =>
      comesBack(i) ? uniform(shape, generator(60 + i)) : null,
    );
    const { inputs, weights } = call.gradient(factors);
    const loss = (input: tf.Tensor, ...initialState: tf.Tensor[]) => {
      const outputs = layer.apply(input, { mask, initialState } as never) as tf.Tensor[];
      return tf.addN(
        outputs.flatMap((output, i) => (factors[i] ? [tf.sum(tf.mul(output, factors[i]!))] : [])),
      ) as tf.Scalar;
    };
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(() => loss(x(), ...states), variables);
    expect(Object.keys(weights).sort()).toEqual(
      Object.keys(grads)
        .filter((name) => grads[name])
        .sort(),
    );
    for (const [name, gradient] of Object.entries(weights)) {
      expectClose(name, gradient.dataSync(), grads[name]!.dataSync(), 1e-6);
    }
    // A tape fails for an input that nothing flows to.
    const ofAll = (...all: tf.Tensor[]) =>
      tf.addN([
        loss(...(all as [tf.Tensor])),
        ...all.map((one) => tf.sum(tf.mul(one, 0))),
      ]) as tf.Scalar;
    tf.grads(ofAll)(values).forEach((expected, i) => {
      const received = inputs[i]?.dataSync() ?? new Float32Array(expected.size);
      expectClose(`input ${i}`, received, expected.dataSync(), 1e-6);
    });
  });

  it('leaves nothing behind where no gradient is asked for', () => {
    const layer = stack({});
    const bytes = bytesInUse();
    tf.tidy(() => layer.trainingCall({ values: [x()], mask: null }).release!());
    expect(bytesInUse()).toBe(bytes);
  });

  it('is none where the layer is stateful, composed, or has a cell without a kernel', () => {
    const given = { values: [x()], mask: null };
    expect(stack({}).hasTrainingCall(given)).toBe(true);
    expect(stack({ kernel: 'composed' }).hasTrainingCall(given)).toBe(false);
    const stateful = ours.rnn({ stateful: true, cell: KINDS['a stack']!(ours) });
    const others = ours.rnn({ cell: KINDS['a stack with a cell of a user']!(ours) });
    for (const layer of [stateful, others]) {
      expect((layer as Layer & TrainsByCall).hasTrainingCall(given)).toBe(false);
    }
  });
});

describe('what layers.rnn refuses', () => {
  const refusals: [object, string][] = [
    [{}, 'cell must be a cell, or a list of cells'],
    [{ cell: [] }, 'cell must be a cell, or a list of cells'],
    [{ cell: tfl.layers.dense({ units: 1 }) }, 'cell must be a cell, or a list of cells'],
    [{ cell: layers.lstmCell({ units: 1 }), units: 3 }, 'units'],
  ];
  it.each(refusals)('%#', (args, message) => {
    expect(() => ours.rnn(args)).toThrow(message);
  });

  it("a kernel: 'fused' for a cell that has none", () => {
    tf.tidy(() => {
      const layer = ours.rnn({ cell: new Leaky({ units: 3 }), kernel: 'fused' });
      expect(() => layer.apply(x())).toThrow('its cell has no kernel of its own');
    });
  });

  it('a stack of no cells, and a resetAfter that is no boolean', () => {
    expect(() => layers.stackedRNNCells({ cells: [] })).toThrow('cells must be a list of cells');
    const args = { units: 1, resetAfter: 'yes' } as never;
    expect(() => layers.gruCell(args)).toThrow('layers.gruCell: resetAfter must be true or false');
  });
});
