/**
 * Every object of options in the public interface refuses what it does not know, and knows what its
 * type says. What takes options is read from the types, so that nothing new can be forgotten here.
 */
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../src/foundation/errors.js';
import { tf, tfl } from '../src/foundation/tensorflow.js';
import * as api from '../src/node.js';
import { type TakesOptions, parametersWithOptions } from './public-options.js';

const found = parametersWithOptions('src/node.ts');

/** Objects that are no options: why. */
const OTHERS: Record<string, string> = {
  'new FileError(options)': 'those of Error, which the language defines',
  'new RecurrentError(options)': 'those of Error, which the language defines',
  'new WorkerTraining(options)': 'checked by trainInWorker and fitInWorker, which alone make one',
  'historyChart(history)': 'lists under any names, as they were logged',
  'explain(classifierOrModel)': 'a classifier or a model, which has more than it needs',
  'deletionCurve(classifierOrModel)': 'a classifier or a model, which has more than it needs',
  'TimeseriesForecaster.load(ioHandler)':
    'a handler of TensorFlow.js, which has more than it needs',
  'TimeseriesForecaster.save(ioHandler)':
    'a handler of TensorFlow.js, which has more than it needs',
  'EncoderDecoder.load(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'EncoderDecoder.save(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'loadWithVocabularies(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'saveWithVocabularies(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'SentimentClassifier.load(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'SentimentClassifier.save(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'TextClassifier.evaluate(data)': 'texts and labels, with the paths that readTextDirectory adds',
  'TextClassifier.train(data)': 'texts and labels, with the paths that readTextDirectory adds',
  'wideAndDeep(data)': 'texts and labels, with the paths that readTextDirectory adds',
  'TextClassifier.load(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
  'TextClassifier.save(ioHandler)': 'a handler of TensorFlow.js, which has more than it needs',
};

let folder: string;
let classifier: api.SentimentClassifier;
let textClassifier: api.TextClassifier;
let forecaster: api.TimeseriesForecaster;
let kerasFile: Uint8Array;

const TEXTS = { texts: ['good', 'bad'], labels: [1, 0] };
const TINY = { vocabularySize: 5, sequenceLength: 2, embeddingDim: 1, lstmUnits: 1, denseUnits: 1 };
const RUN = { epochs: 1, validationSplit: 0 };
const RAMP = Array.from({ length: 60 }, (_, step) => step);

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'options-'));
  // Not the dataset, so that downloadImdb goes no further.
  await writeFile(join(folder, 'aclImdb_v1.tar.gz'), 'x');
  classifier = await api.SentimentClassifier.train(TEXTS, { ...TINY, ...RUN });
  textClassifier = await api.TextClassifier.train(TEXTS, RUN);
  forecaster = await api.TimeseriesForecaster.train(RAMP, { window: 2, units: 1, epochs: 1 });
  kerasFile = await api.saveKerasModel(compiled());
});
afterAll(() => rm(folder, { recursive: true }));

function compiled(): tfl.LayersModel {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

const handler: tf.io.IOHandler = {
  save: async () => ({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }),
};
/** Never answers. */
const idleWorker = () => {
  const nothing = () => undefined;
  const events = { addEventListener: nothing, removeEventListener: nothing };
  return { postMessage: nothing, terminate: nothing, ...events };
};
const column = () => tf.ones([2, 1]);

const translator = () =>
  api.createEncoderDecoder({
    ...{ source: { vocabularySize: 3, length: 2 }, target: { vocabularySize: 5, length: 3 } },
    ...{ units: 1, embeddingDim: 1 },
  });
const PAIRS = { sources: [[1]], targets: [[1]] };
const one = (layer: tfl.layers.Layer, trace: (...given: never[]) => unknown, options: object) =>
  trace(...([layer, tf.zeros([1, 1, 1]), options] as never[]));

/** Calls what takes options with some. */
const CALLS: Record<string, (options: never) => unknown> = {
  'adam(options)': (options) => api.adam(0.1, 0.9, 0.99, 1e-7, options),
  'bucketBatches(options)': (options) => api.bucketBatches([[1]], [0], options),
  'captureTrainingState(progress)': (progress: object) =>
    api.captureTrainingState(compiled(), { epoch: 0, ...progress }),
  'checkpoint(options)': (options) => api.checkpoint(folder, options),
  'continuousBatches(options)': (options: object) =>
    api.continuousBatches([1, 2, 3], { batchSize: 1, steps: 1, ...options }),
  'createEncoderDecoder(options)': (options: object) =>
    api.createEncoderDecoder({
      source: { vocabularySize: 3, length: 2 },
      target: { vocabularySize: 5, length: 3 },
      units: 1,
      ...options,
    }),
  'createLanguageModel(options)': (options: object) =>
    api.createLanguageModel({ vocabularySize: 3, units: 1, ...options }),
  'createManyToMany(options)': (options: object) =>
    api.createManyToMany({ inputs: 1, units: 1, outputs: 2, ...options }),
  'createManyToOne(options)': (options: object) =>
    api.createManyToOne({ inputs: 1, units: 1, outputs: 2, ...options }),
  'createOneToMany(options)': (options: object) =>
    api.createOneToMany({ inputs: 1, units: 1, outputs: 1, length: 2, ...options }),
  'createSentimentLstm(options)': (options: object) =>
    api.createSentimentLstm({ ...TINY, ...options }),
  'ctcDecode(options)': (options) => api.ctcDecode(tf.zeros([1, 2, 3]), undefined, options),
  'losses.ctc(options)': (options) =>
    api.losses.ctc(tf.ones([1, 1]), tf.zeros([1, 2, 3]), undefined, undefined, options),
  'downloadImdb(options)': (options) => api.downloadImdb(folder, options),
  'EncoderDecoder.fit(options)': (options) => translator().fit(PAIRS, options),
  'EncoderDecoder.generate(options)': (options) => translator().generate([1], options),
  'EncoderDecoder.save(options)': (options) => translator().save(handler, options),
  'fitInWorker(options)': (options) =>
    api.fitInWorker(idleWorker(), compiled(), column(), column(), options),
  'fitWithSeed(options)': (options) => api.fitWithSeed(compiled(), column(), column(), options),
  'forecastChart(options)': (options) =>
    api.forecastChart([1], { values: [1], lower: [1], upper: [1] }, options),
  'gateChart(options)': (options) => {
    const state = tf.zeros<tf.Rank.R3>([1, 1, 1]);
    return api.gateChart({ hiddenState: state, mask: null }, options);
  },
  'generateFromVectors(options)': (options: object) =>
    api.generateFromVectors(
      api.createOneToMany({ inputs: 1, vocabularySize: 4, units: 1 }),
      [[1]],
      { startToken: 1, endToken: 2, ...options },
    ),
  'generateText(options)': (options: object) => {
    const tokenizer = new api.Tokenizer({ charLevel: true });
    tokenizer.fitOnTexts(['ab']);
    const model = api.createLanguageModel({ vocabularySize: 3, units: 1 });
    return api.generateText(model, { prompt: 'a', length: 1, tokenizer, ...options });
  },
  'hashingTrick(options)': (options) => api.hashingTrick('a text', 9, options),
  'historyChart(options)': (options) => api.historyChart({ loss: [1, 2] }, options),
  'layers.additiveAttention(args)': api.layers.additiveAttention,
  'layers.attention(args)': api.layers.attention,
  'layers.attentionPooling1d(args)': api.layers.attentionPooling1d,
  'layers.averagePooling1d(args)': api.layers.averagePooling1d,
  'layers.batchNormalization(args)': api.layers.batchNormalization,
  'layers.conv1d(args)': (args: object) =>
    api.layers.conv1d({ filters: 1, kernelSize: 1, ...args }),
  'layers.globalAveragePooling1d(args)': api.layers.globalAveragePooling1d,
  'layers.globalMaxPooling1d(args)': api.layers.globalMaxPooling1d,
  'layers.layerNormalization(args)': api.layers.layerNormalization,
  'layers.maxPooling1d(args)': api.layers.maxPooling1d,
  'layers.sampledSoftmax(args)': (args: object) =>
    api.layers.sampledSoftmax({ classes: 3, numSampled: 1, ...args }),
  'layers.spatialDropout1d(args)': (args: object) =>
    api.layers.spatialDropout1d({ rate: 0.5, ...args }),
  'layers.wordDropout(args)': (args: object) => api.layers.wordDropout({ rate: 0.5, ...args }),
  'layers.timeDistributed(args)': (args: object) =>
    api.layers.timeDistributed({ layer: api.layers.dense({ units: 1 }), ...args }),
  'layers.bidirectional(args)': (args: object) =>
    api.layers.bidirectional({ layer: api.layers.lstm({ units: 1 }), ...args }),
  'layers.dense(args)': (args: object) => api.layers.dense({ units: 1, ...args }),
  'layers.dropout(args)': (args: object) => api.layers.dropout({ rate: 0.5, ...args }),
  'layers.embedding(args)': (args: object) =>
    api.layers.embedding({ inputDim: 2, outputDim: 1, ...args }),
  'layers.gru(args)': (args: object) => api.layers.gru({ units: 1, ...args }),
  'layers.gruCell(args)': (args: object) => api.layers.gruCell({ units: 1, ...args }),
  'layers.lstm(args)': (args: object) => api.layers.lstm({ units: 1, ...args }),
  'layers.lstmCell(args)': (args: object) => api.layers.lstmCell({ units: 1, ...args }),
  'layers.minGRU(args)': (args: object) => api.layers.minGRU({ units: 1, ...args }),
  'layers.normalizedEmbedding(args)': (args: object) =>
    api.layers.normalizedEmbedding({ inputDim: 2, outputDim: 1, frequencies: [0, 1], ...args }),
  'layers.peepholeLSTM(args)': (args: object) => api.layers.peepholeLSTM({ units: 1, ...args }),
  'layers.rnn(args)': (args: object) =>
    api.layers.rnn({ cell: api.layers.lstmCell({ units: 1 }), ...args }),
  'layers.simpleRNN(args)': (args: object) => api.layers.simpleRNN({ units: 1, ...args }),
  'layers.simpleRNNCell(args)': (args: object) => api.layers.simpleRNNCell({ units: 1, ...args }),
  'layers.stackedRNNCells(args)': (args: object) =>
    api.layers.stackedRNNCells({ cells: [api.layers.lstmCell({ units: 1 })], ...args }),
  'loadImdb(options)': (options) => api.loadImdb(folder, options),
  'loadKerasModel(options)': (options) => api.loadKerasModel(kerasFile, options),
  'makeSamplingTable(options)': (options) => api.makeSamplingTable(3, options),
  'new TimeseriesGenerator(options)': (options: object) =>
    new api.TimeseriesGenerator([1, 2, 3], [1, 2, 3], { length: 1, ...options }),
  'new Tokenizer(options)': (options) => new api.Tokenizer(options),
  'oneHot(options)': (options) => api.oneHot('a text', 9, options),
  'padSequences(options)': (options) => api.padSequences([[1]], options),
  'progressBar(options)': (options) => api.progressBar(options),
  'readCsv(options)': (options) => api.readCsv(new Blob(['a,b']), options),
  'readImdbArchive(options)': (options) => api.readImdbArchive(new Blob(['x']), options),
  'readTextDirectory(options)': (options) => api.readTextDirectory(folder, options),
  'readTextFiles(options)': (options) => api.readTextFiles([], options),
  'ready(options)': (options) => api.ready(options),
  'earlyStopping(options)': (options) => api.earlyStopping(options),
  'losses.binaryCrossentropy(options)': (options) => api.losses.binaryCrossentropy(options),
  'losses.categoricalCrossentropy(options)': (options) =>
    api.losses.categoricalCrossentropy(options),
  'withAveragedWeights(options)': (options) => api.withAveragedWeights(tf.train.sgd(0.1), options),
  'schedules.cosineDecay(options)': (options: object) =>
    api.schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 1, ...options }),
  'schedules.exponentialDecay(options)': (options: object) =>
    api.schedules.exponentialDecay({
      ...{ initialLearningRate: 1, decaySteps: 1, decayRate: 1 },
      ...options,
    }),
  'schedules.inverseTimeDecay(options)': (options: object) =>
    api.schedules.inverseTimeDecay({
      ...{ initialLearningRate: 1, decaySteps: 1, decayRate: 1 },
      ...options,
    }),
  'schedules.polynomialDecay(options)': (options: object) =>
    api.schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 1, ...options }),
  'saveKerasModel(options)': (options) => api.saveKerasModel(compiled(), options),
  'saveWithVocabularies(options)': (options) =>
    api.saveWithVocabularies({ model: compiled(), vocabularies: {} }, handler, options),
  'SentimentClassifier.fit(options)': (options) => classifier.fit(TEXTS, options),
  'SentimentClassifier.save(options)': (options) => classifier.save(handler, options),
  'TextClassifier.save(options)': (options) => textClassifier.save(handler, options),
  'TextClassifier.train(options)': (options: object) =>
    api.TextClassifier.train(TEXTS, { ...RUN, ...options }),
  'wideAndDeep(options)': (options: object) => {
    const tokenizer = new api.Tokenizer({ numWords: 3 });
    tokenizer.fitOnTexts(TEXTS.texts);
    const sizes = { vocabularySize: 3, sequenceLength: 2, units: 1, outputs: 1 };
    return api.wideAndDeep(TEXTS, { model: api.createManyToOne(sizes), tokenizer, ...options });
  },
  'SentimentClassifier.train(options)': (options: object) =>
    api.SentimentClassifier.train(TEXTS, { ...TINY, ...RUN, ...options }),
  'skipgrams(options)': (options) => api.skipgrams([1, 2], 3, options),
  'splitValidation(options)': (options: object) =>
    api.splitValidation(
      { texts: ['a', 'b'], labels: [0, 1] },
      { validationSplit: 0.5, ...options },
    ),
  'TimeseriesForecaster.evaluate(options)': (options) => forecaster.evaluate(RAMP, options),
  'TimeseriesForecaster.train(options)': (options: object) =>
    api.TimeseriesForecaster.train(RAMP, { window: 2, units: 1, epochs: 1, ...options }),
  'teacherForcing(options)': (options) => api.teacherForcing([[1, 2]], options),
  'attentionChart(options)': (options: object) =>
    api.attentionChart([[1]], { source: ['a'], target: ['b'], ...options }),
  'contributionChart(options)': (options) => api.contributionChart(explanation(), options),
  'deletionCurve(options)': (options) => api.deletionCurve(classifier, 'good', options),
  'explain(options)': (options) => api.explain(classifier, 'good', options),
  'gradientNormChart(options)': (options) => api.gradientNormChart([1, 2], options),
  'gradientNorms(options)': (options) => {
    const model = smallRecurrent();
    return api.gradientNorms(model, tf.ones([1, 2, 1]), tf.ones([1, 1]), options);
  },
  'healthChart(options)': (options) => api.healthChart(health(), options),
  'networkHealth(options)': (options) =>
    api.networkHealth(smallRecurrent(), tf.ones([1, 2, 1]), options),
  'traceGru(options)': (options) => one(api.layers.gru({ units: 1 }), api.traceGru, options),
  'traceLstm(options)': (options) => one(api.layers.lstm({ units: 1 }), api.traceLstm, options),
  'traceSimpleRnn(options)': (options) =>
    one(api.layers.simpleRNN({ units: 1 }), api.traceSimpleRnn, options),
  'trainInWorker(options)': (options) => api.trainInWorker(idleWorker(), null, options),
  'textToWordSequence(options)': (options) => api.textToWordSequence('a text', options),
};

const explanation = () => api.explain(classifier, 'good');
const health = () => api.networkHealth(smallRecurrent(), tf.ones([1, 2, 1]));

function smallRecurrent(): tfl.LayersModel {
  const model = tfl.sequential();
  model.add(api.layers.lstm({ units: 1, inputShape: [2, 1] }));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

/** The message of the error of a call, also of one that fails later; empty where there is none. */
async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return reasonOf(error);
  }
}

test('what takes options is called below', () => {
  const known = [...Object.keys(CALLS), ...Object.keys(OTHERS)].sort();
  expect(found.map(({ name }) => name).sort()).toEqual(known);
});

describe.each(found.filter(({ name }) => !(name in OTHERS)))('$name', (takes: TakesOptions) => {
  const where = takes.name.replace(/^new |\(.*$/g, '');
  const call = (options: object) => messageOf(() => CALLS[takes.name]!(options as never));
  const kind = where.startsWith('layers.') ? 'argument' : 'option';

  test('refuses a name that it does not know, and lists those that it does', async () => {
    const message = await call({ xyzzy: 1 });
    const start = `${where}: there is no ${kind} xyzzy. The ${kind}s are `;
    expect(message.slice(0, start.length)).toBe(start);
    const listed = message.slice(start.length, -1).split(', ');
    expect(listed.sort()).toEqual([...takes.options].sort());
  });

  test('names the nearest for a slip, and the one for snake_case', async () => {
    for (const name of takes.options) {
      const snake = name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
      if (snake !== name) expect(await call({ [snake]: 1 })).toContain(`Write ${name}.`);
      const slip = `${name}${name.at(-1)}`; // a letter twice
      expect(await call({ [slip]: 1 })).toContain(`Did you mean ${name}?`);
    }
  });

  test('knows every name of its type', async () => {
    for (const name of takes.options) {
      expect(await call({ [name]: undefined })).not.toContain('there is no');
    }
  });
});

describe('layers', () => {
  const made: [string, () => tfl.layers.Layer][] = [
    ['lstm', () => api.layers.lstm({ units: 2, inputShape: [3, 1] })],
    ['gru', () => api.layers.gru({ units: 2, inputShape: [3, 1], resetAfter: true })],
    ['simpleRNN', () => api.layers.simpleRNN({ units: 2, inputShape: [3, 1] })],
    ['minGRU', () => api.layers.minGRU({ units: 2, inputShape: [3, 1] })],
    ['peepholeLSTM', () => api.layers.peepholeLSTM({ units: 2, inputShape: [3, 1] })],
    ['dense', () => api.layers.dense({ units: 2, inputShape: [3] })],
    ['embedding', () => api.layers.embedding({ inputDim: 2, outputDim: 1, inputLength: 3 })],
    ['dropout', () => api.layers.dropout({ rate: 0.1, inputShape: [3] })],
    ['bidirectional', () => api.layers.bidirectional({ layer: api.layers.gru({ units: 2 }) })],
    ['timeDistributed', () => api.layers.timeDistributed({ layer: api.layers.gru({ units: 2 }) })],
    ['conv1d', () => api.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'causal' })],
    ['attention', () => api.layers.attention({ scoreMode: 'concat' })],
    ['additiveAttention', () => api.layers.additiveAttention({ dropout: 0.1 })],
    ['attentionPooling1d', () => api.layers.attentionPooling1d({ units: 3, seed: 2 })],
    ['maxPooling1d', () => api.layers.maxPooling1d({ poolSize: 3 })],
    ['averagePooling1d', () => api.layers.averagePooling1d({ poolSize: 3 })],
    ['globalMaxPooling1d', () => api.layers.globalMaxPooling1d()],
    ['globalAveragePooling1d', () => api.layers.globalAveragePooling1d()],
    ['wordDropout', () => api.layers.wordDropout({ rate: 0.1, drawPer: 'word', seed: 2 })],
    ['sampledSoftmax', () => api.layers.sampledSoftmax({ classes: 3, numSampled: 2, seed: 4 })],
    ['spatialDropout1d', () => api.layers.spatialDropout1d({ rate: 0.1, seed: 2 })],
    ['layerNormalization', () => api.layers.layerNormalization({ epsilon: 0.1 })],
    ['batchNormalization', () => api.layers.batchNormalization({ momentum: 0.5 })],
    ['lstmCell', () => api.layers.lstmCell({ units: 2 })],
    ['gruCell', () => api.layers.gruCell({ units: 2, resetAfter: true })],
    ['simpleRNNCell', () => api.layers.simpleRNNCell({ units: 2 })],
  ];
  // They write the settings of their cells, which are made again first.
  const aroundCells = ['rnn', 'stackedRNNCells'];
  // Its frequencies are among its weights.
  const withFrequencies = ['normalizedEmbedding'];

  test('are all made here', () => {
    const names = [...made.map(([name]) => name), ...aroundCells, ...withFrequencies];
    expect(names.sort()).toEqual(Object.keys(api.layers).sort());
  });

  test.each(made)('%s takes what getConfig of such a layer writes', (name, make) => {
    const plain = (written: object) => JSON.parse(JSON.stringify(written));
    const layer = make();
    const { layer: inside, ...written } = plain(layer.getConfig());
    // A layer inside is written as one to be made again.
    const args = { ...layer.getConfig(), ...(inside && { layer: api.layers.gru({ units: 2 }) }) };
    const makers = api.layers as unknown as Record<string, (args: object) => tfl.layers.Layer>;
    expect(plain(makers[name]!(args).getConfig())).toMatchObject(written);
  });

  test('say where else what Keras has is, and that arguments go by name', () => {
    const lstm = api.layers.lstm({ units: 2 });
    const { bidirectional, dropout, dense } = api.layers;
    expect(() => bidirectional({ layer: lstm, backward_layer: lstm } as never)).toThrow(
      'layers.bidirectional: there is no argument backward_layer. The layer that reads backwards is made from layer, as its mirror image. Leave it out.',
    );
    expect(() => bidirectional(lstm as never)).toThrow(
      /^layers\.bidirectional: arguments must be an object, received an? \w+\. Give them by name, as in \{ layer: … \}\.\n/,
    );
    expect(() => dropout(0.5 as never)).toThrow(
      'layers.dropout: arguments must be an object, received 0.5. Give them by name, as in { rate: 0.5 }.',
    );
    expect(() => dense(undefined as never)).toThrow(
      'layers.dense: arguments must be an object, received undefined.',
    );
    expect(() => api.layers.lstm({ units: 2, activityRegularizer: 'l1l2' } as never)).toThrow(
      'layers.lstm: there is no argument activityRegularizer.',
    );
  });

  test.each(['LSTM', 'GRU', 'SimpleRNN', 'Dense', 'Dropout', 'Embedding'])(
    '%s that was saved with settings of others is made again, and leaves them alone',
    async (className) => {
      api.registerLayers();
      const settings = { units: 2, rate: 0.5, input_dim: 3, output_dim: 2, consume_less: 'cpu' };
      const config = { ...settings, name: 'it', batch_input_shape: [null, 3, 2] };
      const modelTopology = {
        class_name: 'Sequential',
        config: [{ class_name: className, config }],
      } as never;
      const model = await tfl.models.modelFromJSON({ modelTopology });
      expect(model.layers[0]!.getClassName()).toBe(className);
    },
  );
});
