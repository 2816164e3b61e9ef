/**
 * Each call of a functional model has its own mask and states: masked words beside numbers without a
 * mask, a layer that both share, a model inside. The reference is written in plain operations.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { fitWithSeed, layers } from '../../../src/index.js';
import { expectClose, useBackend } from '../../kernels/kernels.js';

beforeAll(async () => {
  await useBackend('cpu');
  tf.env().set('IS_TEST', false);
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const SAMPLES = 4;
const TIME = 6;
const UNITS = 3;
const RATE = 0.3;

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

type Mask = tf.Tensor | null; // [batch, time]
type States = tf.Tensor[]; // each [batch, units]

/** Goes through time; a masked step leaves the states as they are. The first of them is the output. */
function overTime(
  x: tf.Tensor,
  mask: Mask,
  initial: States,
  step: (x: tf.Tensor, states: States) => States,
): { sequence: tf.Tensor; states: States } {
  let states = initial;
  const masks = mask && tf.unstack(tf.cast(mask, 'bool'), 1);
  const outputs = tf.unstack(x, 1).map((input, time) => {
    const counts = masks && tf.expandDims(masks[time]!, 1); // [batch, 1]
    const next = step(input, states);
    states = next.map((state, i) => (counts ? tf.where(counts, state, states[i]!) : state));
    return states[0]!;
  });
  return { sequence: tf.stack(outputs, 1), states };
}

const zeros = () => tf.zeros([SAMPLES, UNITS]);

function lstm(x: tf.Tensor, mask: Mask, weights: tf.Tensor[], initial = [zeros(), zeros()]) {
  const [kernel, recurrent, bias] = weights;
  return overTime(x, mask, initial, (input, [h, c]) => {
    const gates = tf.add(tf.add(tf.matMul(input, kernel!), tf.matMul(h!, recurrent!)), bias!);
    const [i, f, g, o] = tf.split(gates, 4, 1);
    const cell = tf.add(tf.mul(tf.sigmoid(f!), c!), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    return [tf.mul(tf.sigmoid(o!), tf.tanh(cell)), cell];
  });
}

function gru(x: tf.Tensor, mask: Mask, [kernel, recurrent, bias]: tf.Tensor[]) {
  const [uz, ur, uh] = tf.split(recurrent!, 3, 1);
  return overTime(x, mask, [zeros()], (input, [h]) => {
    const [xz, xr, xh] = tf.split(tf.add(tf.matMul(input, kernel!), bias!), 3, 1);
    const z = tf.sigmoid(tf.add(xz!, tf.matMul(h!, uz!)));
    const r = tf.sigmoid(tf.add(xr!, tf.matMul(h!, ur!)));
    const candidate = tf.tanh(tf.add(xh!, tf.matMul(tf.mul(r, h!), uh!)));
    return [tf.add(tf.mul(z, h!), tf.mul(tf.sub(1, z), candidate))];
  });
}

const GATES = { units: UNITS, recurrentActivation: 'sigmoid' as const };

type Symbol = tfl.SymbolicTensor;
type Maker = (args: object) => tfl.layers.Layer;

/** Layers by a name, and the model that they make. */
interface Built {
  model: tfl.LayersModel;
  parts: Record<string, tfl.layers.Layer>;
}

function build(order: 'words first' | 'numbers first', kernel: 'auto' | 'composed'): Built {
  const make = (of: unknown, args: object) => (of as Maker)({ ...args, kernel });
  const words = tfl.input({ shape: [TIME] });
  const numbers = tfl.input({ shape: [TIME, UNITS] });
  const parts = {
    embedding: make(layers.embedding, { inputDim: 7, outputDim: UNITS, maskZero: true }),
    shared: make(layers.lstm, { ...GATES, returnSequences: true, returnState: true }),
    reader: make(layers.gru, GATES),
    decoder: make(layers.lstm, { ...GATES, returnSequences: true }),
    inner: make(layers.gru, { ...GATES, returnSequences: true }),
    last: make(layers.lstm, GATES),
    output: make(layers.dense, { units: 1 }),
  };
  const call = (layer: tfl.layers.Layer, x: Symbol | Symbol[], options?: object) =>
    [layer.apply(x, options as never)].flat() as Symbol[];
  const ofWords = () => call(parts.shared, call(parts.embedding, words)[0]!);
  const ofNumbers = () => call(parts.shared, numbers);
  const [first, second] =
    order === 'words first' ? [ofWords(), ofNumbers()] : [ofNumbers(), ofWords()];
  const [read, plain] = order === 'words first' ? [first, second] : [second, first];
  const word = call(parts.reader, read[0]!)[0]!; // masked
  const number = call(parts.reader, plain[0]!)[0]!; // the same layer, not masked
  // A decoder of another length begins with the states of the words, and has no mask.
  const repeated = call(tfl.layers.repeatVector({ n: 4 }), word)[0]!;
  const decoded = call(parts.decoder, repeated, { initialState: read.slice(1) })[0]!;
  const inside = tfl.input({ shape: [null, UNITS] });
  const model = tfl.model({
    inputs: inside,
    outputs: call(parts.last, call(parts.inner, inside)[0]!)[0]!,
  });
  const [masked, unmasked] = [read[0]!, decoded].map((x) => call(model, x)[0]!);
  const joined = tfl.layers.concatenate().apply([word, number, masked!, unmasked!]);
  const outputs = call(parts.output, joined as Symbol)[0]!;
  return { model: tfl.model({ inputs: [words, numbers], outputs }), parts };
}

/** What the model is to return, from variables in the place of its weights. */
function reference(
  weights: Record<string, tf.Tensor[]>,
  words: tf.Tensor,
  numbers: tf.Tensor,
): tf.Tensor {
  const { embedding, shared, reader, decoder, inner, last, output } = weights as Required<
    typeof weights
  >;
  const mask = tf.notEqual(words, 0);
  const oneHot = tf.oneHot(tf.cast(words, 'int32'), 7);
  const vectors = tf.reshape(
    tf.matMul(tf.reshape(tf.cast(oneHot, 'float32'), [-1, 7]), embedding![0]!),
    [SAMPLES, TIME, UNITS],
  );
  const read = lstm(vectors, mask, shared!);
  const plain = lstm(numbers, null, shared!);
  const [word] = gru(read.sequence, mask, reader!).states;
  const [number] = gru(plain.sequence, null, reader!).states;
  const repeated = tf.stack([word!, word!, word!, word!], 1);
  const decoded = lstm(repeated, null, decoder!, read.states).sequence;
  const model = (x: tf.Tensor, its: Mask) =>
    lstm(gru(x, its, inner!).sequence, its, last!).states[0]!;
  const joined = tf.concat([word!, number!, model(read.sequence, mask), model(decoded, null)], 1);
  return tf.add(tf.matMul(joined, output![0]!), output![1]!);
}

const data = () => ({
  words: tf.tensor2d([
    [0, 0, 3, 4, 5, 6],
    [1, 2, 3, 0, 0, 0],
    [4, 0, 0, 2, 0, 1],
    [1, 2, 3, 4, 5, 6],
  ]),
  numbers: normal([SAMPLES, TIME, UNITS], 2),
  y: normal([SAMPLES, 1], 3),
});

const WAYS: Record<string, (m: tfl.LayersModel, x: tf.Tensor[], y: tf.Tensor) => Promise<unknown>> =
  {
    trainOnBatch: (model, x, y) => model.trainOnBatch(x, y),
    fit: (model, x, y) => model.fit(x, y, { shuffle: false, verbose: 0 }),
    fitWithSeed: (model, x, y) => fitWithSeed(model, x, y, { shuffle: false }),
  };

const cases = (['words first', 'numbers first'] as const).flatMap((order) =>
  (['auto', 'composed'] as const).map((kernel) => [order, kernel] as const),
);

describe.each(cases)('masked words beside numbers, %s, kernel %s', (order, kernel) => {
  function start() {
    const { model, parts } = build(order, kernel);
    model.compile({ optimizer: tf.train.sgd(RATE), loss: 'meanSquaredError' });
    model.setWeights(model.getWeights().map(({ shape }, i) => tf.mul(normal(shape, 20 + i), 0.6)));
    const { words, numbers, y } = data();
    const variables = Object.fromEntries(
      Object.entries(parts).map(([name, layer]) => [
        name,
        layer.getWeights().map((weight) => tf.variable(weight.clone())),
      ]),
    );
    const loss = () =>
      tf.mean(tf.squaredDifference(reference(variables, words, numbers), y)) as tf.Scalar;
    return { model, parts, variables, loss, x: [words, numbers], y };
  }

  test('predict and evaluate', () => {
    const { model, variables, loss, x, y } = start();
    const expected = reference(variables, x[0]!, x[1]!).dataSync();
    expectClose('predict', (model.predict(x) as tf.Tensor).dataSync(), expected, 1e-6);
    expectClose('apply', (model.apply(x) as tf.Tensor).dataSync(), expected, 1e-6);
    const byOne = model.predict(x, { batchSize: 1 }) as tf.Tensor;
    expectClose('one by one', byOne.dataSync(), expected, 1e-6);
    const evaluated = (model.evaluate(x, y) as tf.Scalar).dataSync();
    expectClose('evaluate', evaluated, loss().dataSync(), 1e-6);
    // All of that says something about masks only if they change what comes out.
    const unmasked = tf.where(tf.equal(x[0]!, 0), tf.onesLike(x[0]!), x[0]!);
    const other = reference(variables, unmasked, x[1]!).dataSync();
    expect(Math.abs(other[0]! - expected[0]!)).toBeGreaterThan(1e-3);
  });

  test.each(Object.keys(WAYS))('a step by %s', async (way) => {
    const { model, parts, variables, loss, x, y } = start();
    const all = Object.values(variables).flat();
    const { grads } = tf.variableGrads(loss, all);
    await WAYS[way]!(model, x, y);
    for (const [name, layer] of Object.entries(parts)) {
      layer.getWeights().forEach((weight, i) => {
        const before = variables[name]![i]!;
        const expected = tf.sub(before, tf.mul(RATE, grads[before.name]!)).dataSync();
        expectClose(`${name} ${i}`, weight.dataSync(), expected, 1e-5);
      });
    }
  });
});
