/** Files of each compile state evaluate and train to the numbers of Keras; see generate_compile.py. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { type H5Group, writeHdf5 } from '../../../src/keras/writing/write-hdf5.js';
import { useBackend } from '../../layers/golden.js';

interface Values {
  shape: number[];
  values: number[];
}

interface Case {
  title: string;
  keras: string;
  model: string;
  state: object;
  labels: string[];
  evaluated: number[];
  trained: number[][];
  history: Record<string, number[]> | null;
  weights: number[][];
}

interface Golden {
  x: Values;
  labels: Record<string, Values>;
  models: Record<
    string,
    { architecture: object; shapes: Record<string, number[][]>; weights: number[][] }
  >;
  cases: Case[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/compile.json', import.meta.url), 'utf8'),
) as Golden;

const cases = golden.cases.map((one) => [`${one.keras}: ${one.title}`, one] as const);

beforeAll(() => useBackend('cpu', false));
afterEach(() => vi.restoreAllMocks());

/** The file of a case: JSON with weights of Keras 3, a whole .h5 of Keras 2. */
function fileOf({ keras, model, state }: Case) {
  const { architecture, shapes, weights } = golden.models[model]!;
  const values = [...weights];
  const groups: Record<string, H5Group> = {};
  for (const [layer, list] of Object.entries(shapes)) {
    const names = list.map((_, i) => `weight_${i}:0`);
    const datasets = list.map((shape, i) => [
      names[i]!,
      { shape, values: Float32Array.from(values.shift()!) },
    ]);
    groups[layer] = {
      attributes: { weight_names: names },
      datasets: Object.fromEntries(datasets),
    };
  }
  const attributes = { layer_names: Object.keys(shapes), keras_version: '2.15.0' };
  if (keras.startsWith('keras')) {
    const json = JSON.stringify({ ...architecture, compile_config: state });
    return { json, weights: writeHdf5({ attributes, groups }) };
  }
  return writeHdf5({
    attributes: {
      keras_version: '2.15.0',
      model_config: JSON.stringify(architecture),
      training_config: JSON.stringify(state),
    },
    groups: { model_weights: { attributes, groups } },
  });
}

/** Loads a case, of which nothing stays behind. */
async function load(one: Case): Promise<tfl.LayersModel> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const model = await loadKerasModel(fileOf(one), { compile: true });
  const warnings = warningsOf(warn.mock.calls);
  warn.mockRestore();
  expect(warnings).toEqual([]);
  return model;
}

/** Those of this library; TensorFlow.js greets whoever uses its cpu backend. */
const warningsOf = (calls: unknown[][]) =>
  calls.map(([text]) => String(text)).filter((text) => /^(load|save)KerasModel: /.test(text));

function samples({ labels }: Case) {
  const tensorOf = ({ shape, values }: Values) => tf.tensor(values, shape);
  const y = labels.map((name) => tensorOf(golden.labels[name]!));
  return [tensorOf(golden.x), y.length === 1 ? y[0]! : y] as const;
}

/** Within 1e-5 of the largest of them. */
function expectClose(received: readonly number[], expected: readonly number[], what: string) {
  expect(received.length, what).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs), 1e-3);
  const off = received.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...off) / scale, `${what}: ${received} for ${expected}`).toBeLessThan(1e-5);
}

function expectEach(received: readonly number[], expected: readonly number[], what: string) {
  expect(received.length, what).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expectClose([received[i]!], [value], `${what} ${i}`);
  }
}

const numbers = async (scalars: unknown) =>
  Promise.all(
    ([scalars].flat() as (tf.Scalar | number)[]).map(async (one) =>
      typeof one === 'number' ? one : (await one.data())[0]!,
    ),
  );

const NAMES_OF_FIT: Record<string, string> = { accuracy: 'acc' };

/** Trains as the case was trained, and compares all that Keras recorded. */
async function trainAndCompare(model: tfl.LayersModel, one: Case): Promise<void> {
  const [x, y] = samples(one);
  for (const [step, expected] of one.trained.entries()) {
    expectEach(await numbers(await model.trainOnBatch(x, y)), expected, `step ${step}`);
  }
  if (one.history) {
    const { history } = await model.fit(x, y, {
      ...{ batchSize: 4, epochs: 2, shuffle: false, validationData: [x, y], verbose: 0 },
    });
    for (const [name, expected] of Object.entries(one.history)) {
      const ours = name.replace(/accuracy$/, (accuracy) => NAMES_OF_FIT[accuracy]!);
      expectEach(await numbers(history[ours]), expected, name);
    }
  }
  const weights = model.getWeights();
  one.weights.forEach((expected, i) => {
    expectClose([...weights[i]!.dataSync()], expected, `weights ${i}`);
  });
}

describe('a compile state of a file evaluates as in Keras:', () => {
  test.each(cases)('%s', async (_, one) => {
    const model = await load(one);
    const [x, y] = samples(one);
    expectEach(await numbers(model.evaluate(x, y, { batchSize: 4 })), one.evaluated, 'evaluated');
    model.dispose();
  });
});

describe('a compile state of a file trains as in Keras:', () => {
  test.each(cases)('%s', async (_, one) => {
    const model = await load(one);
    await trainAndCompare(model, one);
    model.dispose();
  });

  test.each(cases)('%s, on a tape', async (_, one) => {
    const model = await load(one);
    const { optimizer } = model;
    // A step without a tape leaves optimizers alone whose way to gradients is somebody's own.
    optimizer.minimize = (...settings) =>
      tf.Optimizer.prototype.minimize.apply(optimizer, settings);
    const gradients = vi.spyOn(tf.engine(), 'gradients');
    await trainAndCompare(model, one);
    expect(gradients).toHaveBeenCalled();
    model.dispose();
  });

  test.each(['Adam', 'Adam, clipnorm', 'AdamW', 'Nadam', 'RMSprop', 'Adagrad, epsilon'])(
    '%s without a tape',
    async (title) => {
      const one = golden.cases.find((each) => each.title === title)!;
      const model = await load(one);
      const gradients = vi.spyOn(tf.engine(), 'gradients');
      await trainAndCompare(model, one);
      expect(gradients).not.toHaveBeenCalled();
      model.dispose();
    },
  );
});

/** Those that step as Keras did before TensorFlow 2.11, and Keras 3 does not. */
const OTHER_STEPS = /^(Adagrad|RMSprop|Nadam) of before(,|$)(?! momentum)/;

describe('a compile state that was read is written again:', () => {
  const formats = ['keras', 'h5'] as const;
  const each = cases.flatMap(([name, one]) =>
    formats.map((format) => [name, format, one] as const),
  );
  test.each(each)('%s, as %s', async (_, format, one) => {
    const model = await load(one);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const bytes = await saveKerasModel(model, { format });
    const again = await loadKerasModel(bytes, { compile: true });
    const warnings = warningsOf(warn.mock.calls);
    if (OTHER_STEPS.test(one.title)) {
      expect(warnings).toEqual([
        expect.stringMatching(
          /^saveKerasModel: the \w+ of Keras before TensorFlow 2.11, .* Keras 3/,
        ),
      ]);
    } else {
      expect(warnings).toEqual([]);
      await trainAndCompare(again, one);
    }
    model.dispose();
    again.dispose();
  });
});
