import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  type LayersModel,
  input,
  layers as stock,
  model as modelOf,
  type RNN,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { gradientNorms, layers, ready } from '../../../src/index.js';
import {
  normsByDifferences,
  type PlainCell,
  product,
  type Push,
  type Rows,
  runPlain,
} from './plain-cells.js';

const [BATCH, TIME, INPUTS, UNITS] = [3, 7, 2, 5];
const GATES = { recurrentActivation: 'sigmoid' } as const;

const CELLS: Record<PlainCell, (args: { returnSequences?: boolean; units: number }) => RNN> = {
  SimpleRNN: (args) => layers.simpleRNN(args),
  LSTM: (args) => layers.lstm({ ...args, ...GATES, unitForgetBias: true }),
  GRU: (args) => layers.gru({ ...args, ...GATES }),
  GRUResetAfter: (args) => layers.gru({ ...args, ...GATES, resetAfter: true }),
  MinGRU: (args) => layers.minGRU(args),
  PeepholeLSTM: (args) => layers.peepholeLSTM({ ...args, ...GATES }),
};
const NAMES = Object.keys(CELLS) as PlainCell[];

const rowsOf = (weight: tf.Tensor): Rows =>
  (weight.rank === 1 ? [weight.arraySync()] : weight.arraySync()) as Rows;
const weightsOf = (layer: { getWeights(): tf.Tensor[] }) => layer.getWeights().map(rowsOf);

/** Larger than those that layers begin with, and biases that are no zeros: so that nothing hides. */
function setWeights(model: LayersModel): LayersModel {
  model.setWeights(model.getWeights().map((w) => tf.randomNormal(w.shape, 0, 0.6)));
  return model;
}

const compile = (model: LayersModel) => {
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return setWeights(model);
};

/** The mean over the batch of what one sample gives. */
const meanOfSamples = (x: tf.Tensor3D, norms: (xs: number[][], row: number) => number[]) => {
  const all = x.arraySync().map(norms);
  return all[0]!.map((_, t) => {
    const kept = all.map((row) => row[t]!).filter((norm) => !Number.isNaN(norm));
    return kept.reduce((sum, norm) => sum + norm, 0) / kept.length;
  });
};

function expectClose(found: Float32Array, expected: readonly number[]) {
  expect(found.length).toBe(expected.length);
  const most = Math.max(...expected.filter((norm) => !Number.isNaN(norm)));
  expected.forEach((norm, t) => {
    if (Number.isNaN(norm)) expect(found[t]).toBeNaN();
    else expect(Math.abs(found[t]! - norm) / most).toBeLessThan(2e-5);
  });
}

const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;

describe.each(['cpu', 'wasm'])('gradientNorms on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
    await ready({ threads: 2 });
  });

  it.each(NAMES)('are those of finite differences: %s, its last state read', (cell) => {
    const rnn = CELLS[cell]({ units: UNITS });
    const dense = layers.dense({ units: 2 });
    const model = sequential();
    model.add(stock.inputLayer({ inputShape: [TIME, INPUTS] }));
    model.add(rnn);
    model.add(dense);
    compile(model);
    const [x, y] = [tf.randomNormal([BATCH, TIME, INPUTS]), tf.randomNormal([BATCH, 2])];
    const [own, [W, b]] = [weightsOf(rnn), weightsOf(dense)];
    const labels = y.arraySync() as Rows;
    const expected = meanOfSamples(x as tf.Tensor3D, (xs, row) =>
      normsByDifferences(TIME, UNITS, (push) => {
        const { last } = runPlain(cell, own, UNITS, xs, { push });
        return squared(product([...last.h, 1], [...W!, b![0]!]), labels[row]!);
      }),
    );
    expectClose(gradientNorms(model, x, y), expected);
  });

  it.each(NAMES)(
    'add up what each output and each later step sends: %s, every step read',
    (cell) => {
      const rnn = CELLS[cell]({ units: UNITS, returnSequences: true });
      const model = sequential();
      model.add(stock.inputLayer({ inputShape: [TIME, INPUTS] }));
      model.add(rnn);
      compile(model);
      const [x, y] = [
        tf.randomNormal([BATCH, TIME, INPUTS]),
        tf.randomNormal([BATCH, TIME, UNITS]),
      ];
      const own = weightsOf(rnn);
      const labels = y.arraySync() as number[][][];
      const expected = meanOfSamples(x as tf.Tensor3D, (xs, row) =>
        normsByDifferences(TIME, UNITS, (push) =>
          squared(runPlain(cell, own, UNITS, xs, { push }).hs.flat(), labels[row]!.flat()),
        ),
      );
      expectClose(gradientNorms(model, x, y), expected);
    },
  );

  it.each([false, true])(
    'need no kernel for the settings of a layer: goBackwards %s',
    (goBackwards) => {
      const softsign = (z: number) => z / (1 + Math.abs(z));
      const rnn = layers.lstm({ units: UNITS, goBackwards, activation: 'softsign', ...GATES });
      const model = sequential();
      model.add(stock.masking({ maskValue: 0, inputShape: [TIME, INPUTS] }));
      model.add(rnn);
      compile(model);
      const steps = Array.from({ length: TIME }, (_, t) => [t === 2 ? 0 : 1 + t, t === 2 ? 0 : -t]);
      const y = tf.randomNormal([1, UNITS]);
      const labels = y.arraySync() as Rows;
      const own = weightsOf(rnn);
      const reading = { goBackwards, mask: steps.map((_, t) => t !== 2), activation: softsign };
      const expected = normsByDifferences(
        TIME,
        UNITS,
        (push) =>
          squared(runPlain('LSTM', own, UNITS, steps, { ...reading, push }).last.h, labels[0]!),
        (t) => t !== 2,
      );
      expectClose(gradientNorms(model, tf.tensor3d([steps]), y), expected);
    },
  );

  it('are of the first layer of a stack, or of the one that is named', () => {
    const lower = layers.gru({ units: 4, returnSequences: true, ...GATES, name: 'lower' });
    const upper = layers.lstm({ units: UNITS, ...GATES, name: 'upper' });
    const model = sequential();
    model.add(stock.inputLayer({ inputShape: [TIME, INPUTS] }));
    // Neither drops anything here: the gradient is that of prediction.
    for (const layer of [lower, layers.dropout({ rate: 0.5 }), upper]) model.add(layer);
    compile(model);
    const [x, y] = [tf.randomNormal([BATCH, TIME, INPUTS]), tf.randomNormal([BATCH, UNITS])];
    const labels = y.arraySync() as Rows;
    const loss = (xs: number[][], row: number, pushes: { lower?: Push; upper?: Push }) => {
      const { hs } = runPlain('GRU', weightsOf(lower), 4, xs, { push: pushes.lower });
      const { last } = runPlain('LSTM', weightsOf(upper), UNITS, hs, { push: pushes.upper });
      return squared(last.h, labels[row]!);
    };
    const ofLower = meanOfSamples(x as tf.Tensor3D, (xs, row) =>
      normsByDifferences(TIME, 4, (push) => loss(xs, row, { lower: push })),
    );
    const ofUpper = meanOfSamples(x as tf.Tensor3D, (xs, row) =>
      normsByDifferences(TIME, UNITS, (push) => loss(xs, row, { upper: push })),
    );
    expectClose(gradientNorms(model, x, y), ofLower);
    expectClose(gradientNorms(model, x, y, { layer: 'lower' }), ofLower);
    expectClose(gradientNorms(model, x, y, { layer: 'upper' }), ofUpper);
  });

  const MODES = ['concat', 'sum', 'ave', 'mul'] as const;
  it.each(
    MODES.flatMap((mode) =>
      [true, false].map((returnSequences) => [mode, returnSequences] as const),
    ),
  )('are of either direction: merged by %s, sequences %s', (mergeMode, returnSequences) => {
    const layer = layers.gru({ units: 3, returnSequences, ...GATES });
    const both = layers.bidirectional({ layer, mergeMode });
    const model = sequential();
    model.add(stock.inputLayer({ inputShape: [TIME, INPUTS] }));
    model.add(both);
    model.add(layers.dense({ units: 2 }));
    compile(model);
    const x = tf.randomNormal([BATCH, TIME, INPUTS]);
    const y = tf.randomNormal(returnSequences ? [BATCH, TIME, 2] : [BATCH, 2]);
    const labels = y.arraySync() as number[][] | number[][][];
    const [own, [W, b]] = [weightsOf(both), weightsOf(model.layers.at(-1)!)];
    const merge = (f: number[], r: number[]) =>
      mergeMode === 'concat'
        ? [...f, ...r]
        : f.map((value, u) =>
            mergeMode === 'mul' ? value * r[u]! : (value + r[u]!) / (mergeMode === 'ave' ? 2 : 1),
          );
    const out = (h: number[]) => product([...h, 1], [...W!, b![0]!]);
    for (const direction of ['forward', 'backward'] as const) {
      const expected = meanOfSamples(x as tf.Tensor3D, (xs, row) =>
        normsByDifferences(TIME, 3, (push) => {
          const pushed = (name: string) => (name === direction ? push : undefined);
          const ahead = runPlain('GRU', own.slice(0, 3), 3, xs, { push: pushed('forward') });
          const reading = { goBackwards: true, push: pushed('backward') };
          const back = runPlain('GRU', own.slice(3), 3, xs, reading);
          const outputs = returnSequences
            ? ahead.hs.map((h, t) => out(merge(h, back.hs[t]!)))
            : [out(merge(ahead.last.h, back.last.h))];
          return squared(outputs.flat(), [labels[row]!].flat(2) as number[]);
        }),
      );
      expectClose(gradientNorms(model, x, y, { direction }), expected);
    }
  });

  it.each([false, true])('follow masks, zeroOutputForMask %s', (zeroOutputForMask) => {
    const rnn = layers.lstm({ units: UNITS, returnSequences: true, zeroOutputForMask, ...GATES });
    const model = sequential();
    model.add(stock.masking({ maskValue: 0, inputShape: [TIME, INPUTS] }));
    model.add(rnn);
    // Mixes the steps, and takes no mask.
    model.add(stock.flatten());
    model.add(layers.dense({ units: 2 }));
    compile(model);
    const kept = [
      [false, true, true, false, true, true, true],
      [false, false, true, true, true, false, true],
    ];
    const x = tf.mul(
      tf.randomNormal([2, TIME, INPUTS]),
      tf.expandDims(tf.tensor2d(kept as never, [2, TIME], 'bool'), 2),
    );
    const y = tf.randomNormal([2, 2]);
    const labels = y.arraySync() as Rows;
    const [own, [W, b]] = [weightsOf(rnn), weightsOf(model.layers.at(-1)!)];
    const expected = meanOfSamples(x as tf.Tensor3D, (xs, row) => {
      const mask = kept[row]!;
      const loss = (push: Push) => {
        const { hs } = runPlain('LSTM', own, UNITS, xs, { mask, push });
        const shown = hs.map((h, t) => (mask[t] || !zeroOutputForMask ? h : h.map(() => 0)));
        return squared(product([...shown.flat(), 1], [...W!, b![0]!]), labels[row]!);
      };
      return normsByDifferences(TIME, UNITS, loss, (t) => mask[t]!);
    });
    expect(expected[0]).toBeNaN();
    expectClose(gradientNorms(model, x, y), expected);
  });

  it('follow the states that a layer hands to another', () => {
    const [source, target] = [input({ shape: [TIME, INPUTS] }), input({ shape: [TIME, INPUTS] })];
    const encoder = layers.lstm({ units: UNITS, returnState: true, ...GATES, name: 'encoder' });
    const decoder = layers.lstm({ units: UNITS, ...GATES, name: 'decoder' });
    const [, h, c] = encoder.apply(source) as SymbolicTensor[];
    const said = decoder.apply([target, h!, c!]) as SymbolicTensor;
    const model = compile(modelOf({ inputs: [source, target], outputs: said }));
    const x = [0, 1].map(() => tf.randomNormal([BATCH, TIME, INPUTS])) as [tf.Tensor, tf.Tensor];
    const y = tf.randomNormal([BATCH, UNITS]);
    const labels = y.arraySync() as Rows;
    const targets = x[1].arraySync() as number[][][];
    const lossOf = (xs: number[][], row: number, pushes: { encoder?: Push; decoder?: Push }) => {
      const first = runPlain('LSTM', weightsOf(encoder), UNITS, xs, { push: pushes.encoder });
      const reading = { push: pushes.decoder, initial: first.last };
      const second = runPlain('LSTM', weightsOf(decoder), UNITS, targets[row]!, reading);
      return squared(second.last.h, labels[row]!);
    };
    for (const layer of ['encoder', 'decoder'] as const) {
      const expected = meanOfSamples(x[0] as tf.Tensor3D, (xs, row) =>
        normsByDifferences(TIME, UNITS, (push) => lossOf(xs, row, { [layer]: push })),
      );
      expectClose(gradientNorms(model, x, y, { layer }), expected);
    }
  });

  it('are the same for the layers of tf.layers', () => {
    const of = (rnn: RNN) => {
      const model = sequential({ layers: [stock.inputLayer({ inputShape: [TIME, 2] }), rnn] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      model.setWeights(
        model.getWeights().map((w, i) => tf.randomNormal(w.shape, 0, 0.6, 'float32', i + 1)),
      );
      const x = tf.randomNormal([BATCH, TIME, 2], 0, 1, 'float32', 7);
      return gradientNorms(model, x, tf.zeros([BATCH, UNITS]));
    };
    const args = { units: UNITS, goBackwards: true };
    expectClose(of(stock.lstm(args) as RNN), [...of(layers.lstm(args))]);
    expectClose(of(stock.gru(args) as RNN), [...of(layers.gru(args))]);
  });
});

describe('gradientNorms', () => {
  beforeEach(() => tf.setBackend('cpu'));

  const one = () => {
    const model = sequential();
    model.add(stock.inputLayer({ inputShape: [4, 2] }));
    model.add(layers.simpleRNN({ units: 3, name: 'reader' }));
    return model;
  };
  const [x, y] = [() => tf.zeros([2, 4, 2]), () => tf.zeros([2, 3])];

  it('leaves no tensor behind, and the weights as they were', () => {
    const model = compile(one());
    const weights = model.getWeights().map((w) => w.arraySync());
    const given = [x(), y()] as const;
    gradientNorms(model, ...given);
    const before = tf.memory().numTensors;
    gradientNorms(model, ...given);
    expect(tf.memory().numTensors).toBe(before);
    expect(model.getWeights().map((w) => w.arraySync())).toEqual(weights);
  });

  it('does not depend on how many samples there are', () => {
    const model = compile(one());
    const [first, label] = [tf.randomNormal([1, 4, 2]), tf.randomNormal([1, 3])];
    const alone = gradientNorms(model, first, label);
    const thrice = gradientNorms(model, tf.tile(first, [3, 1, 1]), tf.tile(label, [3, 1]));
    expectClose(thrice, [...alone]);
  });

  it('says what it needs', () => {
    expect(() => gradientNorms(one(), x(), y())).toThrow(
      "gradientNorms: the model has no loss. Compile it: model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }).",
    );
    const model = compile(one());
    expect(() => gradientNorms(model, x(), y(), { layer: 'writer' })).toThrow(
      'gradientNorms: layer must be reader, received "writer".',
    );
    expect(() => gradientNorms(model, x(), tf.zeros([3, 3]))).toThrow(
      'gradientNorms: x and y must have the same samples, at least one, received [3, 3].',
    );
    expect(() => gradientNorms(model, x(), [] as never)).toThrow('y must be as many tensors');
    expect(() => gradientNorms(model, x(), 1 as never)).toThrow(
      'gradientNorms: y must be a tensor, or a list of them, received 1. Make one by tf.tensor.',
    );
    expect(() => gradientNorms(model, x(), y(), { direction: 'backward' })).toThrow(
      'gradientNorms: reader is no bidirectional layer, received "backward". Leave direction out.',
    );
    const dense = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    dense.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    expect(() => gradientNorms(dense, tf.zeros([1, 2]), tf.zeros([1, 1]))).toThrow(
      'gradientNorms: the model has no recurrent layer.',
    );
  });
});
