import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  input as inputOf,
  type LayersModel,
  layers as stock,
  model as modelOf,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createSentimentLstm,
  type ExplainMethod,
  explain,
  type Explanation,
  layers,
  loadKerasModel,
  ready,
  SentimentClassifier,
  saveKerasModel,
  Tokenizer,
} from '../../../src/index.js';

const WORDS = 12;
const TIME = 7;
const PADDED = [0, 0, 3, 9, 1, 3, 11];
const FULL = [4, 2, 7, 3, 9, 1, 5];

/** Points of the path and their weights, as tables have them. */
type Rule = readonly (readonly [point: number, weight: number])[];
const THREE_POINTS: Rule = [
  [(1 - Math.sqrt(0.6)) / 2, 5 / 18],
  [1 / 2, 8 / 18],
  [(1 + Math.sqrt(0.6)) / 2, 5 / 18],
];
const THE_END: Rule = [[1, 1]];

type Kernel = 'fused' | 'composed';

/** Weights that make a model say different things of different words. */
function withWeights<Model extends LayersModel>(model: Model, seed = 3): Model {
  const weights = model.getWeights().map(({ shape }, i) => {
    return tf.randomNormal(shape, 0, i === 0 ? 1 : 0.5, 'float32', seed + i);
  });
  model.setWeights(weights);
  return model;
}

const embedding = (kernel: Kernel, maskZero = false) =>
  layers.embedding({ inputDim: WORDS, outputDim: 5, inputLength: TIME, maskZero, kernel });
const lstm = (kernel: Kernel, returnSequences = false) =>
  layers.lstm({ units: 6, kernel, returnSequences, recurrentActivation: 'sigmoid' });
const both = (kernel: Kernel) =>
  layers.bidirectional({ layer: lstm(kernel) as never, mergeMode: 'concat' });
const gru = (kernel: Kernel) => layers.gru({ units: 6, kernel });
const sigmoid = () => layers.dense({ units: 1, activation: 'sigmoid' });
const softmax = () => layers.dense({ units: 3, activation: 'softmax' });
const pooled = () => stock.globalAveragePooling1d({});

type Build = (kernel: Kernel) => Parameters<typeof sequential>[0];
const MODELS: Record<string, { build: Build; maskZero?: boolean; readsForwards: boolean }> = {
  'an LSTM': {
    build: (k) => ({ layers: [embedding(k), lstm(k), sigmoid()] }),
    readsForwards: true,
  },
  'an LSTM that skips padding': {
    build: (k) => ({ layers: [embedding(k, true), lstm(k), sigmoid()] }),
    maskZero: true,
    readsForwards: true,
  },
  'stacked layers, with dropout and a hidden layer': {
    build: (k) => ({
      layers: [
        embedding(k),
        layers.dropout({ rate: 0.5 }),
        lstm(k, true),
        gru(k),
        layers.dense({ units: 4, activation: 'relu' }),
        sigmoid(),
      ],
    }),
    readsForwards: true,
  },
  'a bidirectional LSTM': {
    build: (k) => ({ layers: [embedding(k), both(k), sigmoid()] }),
    readsForwards: false,
  },
  'a GRU and three classes': {
    build: (k) => ({ layers: [embedding(k), gru(k), softmax()] }),
    readsForwards: true,
  },
  'pooling over time': {
    build: (k) => ({ layers: [embedding(k), lstm(k, true), pooled(), sigmoid()] }),
    readsForwards: false,
  },
};

/** What the model says, less the last activation: by plain operations. */
function logitsOfTwin(model: LayersModel, vectors: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  let x = vectors;
  for (const layer of model.layers.slice(1, -1)) {
    const recurrent = layer.getClassName() !== 'Dense' && mask !== null;
    x = layer.apply(x, recurrent ? { mask } : {}) as tf.Tensor;
  }
  const [kernel, bias] = model.layers.at(-1)!.getWeights();
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias!);
}

/** Integrated gradients by the book: one point of the path after another, on composed layers. */
function twin(
  model: LayersModel,
  words: readonly number[],
  rule: Rule,
  classIndex: number,
  maskZero: boolean,
) {
  const table = model.layers[0]!.getWeights()[0] as tf.Tensor2D;
  const vectorsOf = (indices: readonly number[]) =>
    tf.expandDims(tf.gather(table, tf.tensor1d([...indices], 'int32')), 0);
  const x = vectorsOf(words);
  const empty = maskZero ? tf.zerosLike(x) : vectorsOf(words.map(() => 0));
  const mask = maskZero ? tf.tensor2d([words.map((word) => word !== 0)], [1, TIME], 'bool') : null;
  const logit = (vectors: tf.Tensor) =>
    tf.sum(tf.slice(logitsOfTwin(model, vectors, mask), [0, classIndex], [1, 1]));
  const way = tf.sub(x, empty);
  const gradients = rule.map(([point, weight]) =>
    tf.mul(tf.grad(logit)(tf.add(empty, tf.mul(way, point))), weight),
  );
  const mean = tf.addN(gradients);
  return {
    contributions: [...tf.sum(tf.mul(mean, way), 2).dataSync()],
    baseline: logit(empty).dataSync()[0]!,
    output: logit(x).dataSync()[0]!,
  };
}

const read = (list: readonly number[], words: readonly number[]) =>
  list.filter((_, i) => words[i] !== 0);

function expectClose(found: readonly number[], wanted: readonly number[], digits = 5) {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, digits);
  });
}

describe.each(['cpu', 'wasm'])('explain on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
    await ready({ threads: 2 });
  });

  describe.each(Object.entries(MODELS))('%s', (_, { build, maskZero = false, readsForwards }) => {
    const model = () => withWeights(sequential(build('fused')));
    const plain = () => withWeights(sequential(build('composed')));

    it.each([
      ['integratedGradients', THREE_POINTS],
      ['gradientTimesInput', THE_END],
    ] as [ExplainMethod, Rule][])('has what the book computes by %s', (method, rule) => {
      const composed = plain();
      for (const words of [PADDED, FULL]) {
        const found = explain(model(), words, { method, steps: 3 });
        const wanted = twin(composed, words, rule, found.classIndex, maskZero);
        expectClose(found.contributions, read(wanted.contributions, words));
        expect(found.baseline).toBeCloseTo(wanted.baseline, 5);
        expect(found.output).toBeCloseTo(wanted.output, 5);
      }
    });

    it('shares out the difference between the logits', () => {
      const { contributions, baseline, output, completenessError } = explain(model(), FULL);
      const sum = contributions.reduce((a, b) => a + b);
      const error = Math.abs(sum - (output - baseline)) / Math.abs(output - baseline);
      expect(completenessError).toBeCloseTo(error, 12);
      expect(completenessError).toBeLessThan(0.01);
    });

    it('has of occlusion what the model says with padding in place of a word', () => {
      const composed = plain();
      const found = explain(model(), PADDED, { method: 'occlusion' });
      const logit = (words: readonly number[]) =>
        twin(composed, words, THE_END, found.classIndex, maskZero).output;
      const wanted = PADDED.map((_, at) => {
        return logit(PADDED) - logit(PADDED.map((word, i) => (i === at ? 0 : word)));
      });
      expectClose(found.contributions, read(wanted, PADDED));
    });

    it('says after each word what the model says of a text that ends there', () => {
      const whole = model();
      const { prefixProbabilities, classIndex } = explain(whole, PADDED);
      const predict = (words: readonly number[]) =>
        (whole.predict(tf.tensor2d([[...words]], [1, TIME], 'int32')) as tf.Tensor).dataSync()[
          classIndex
        ]!;
      expect(prefixProbabilities.at(-1)).toBeCloseTo(predict(PADDED), 6);
      // Padded in front to the same length; read forwards, the padding in front is that of the whole.
      if (maskZero || !readsForwards) {
        const wanted = [2, 3, 4, 5, 6].map((end) => {
          return predict([...new Array(TIME - end - 1).fill(0), ...PADDED.slice(0, end + 1)]);
        });
        expectClose(prefixProbabilities, wanted, 6);
      }
    });
  });

  it('has the states on the way as prefixes, where the model reads forwards', () => {
    const model = withWeights(sequential(MODELS['an LSTM']!.build('fused')));
    const { prefixProbabilities } = explain(model, PADDED);
    const vectors = tf.gather(
      model.layers[0]!.getWeights()[0]!,
      tf.tensor2d([PADDED], [1, TIME], 'int32'),
    );
    const wanted = [3, 4, 5, 6, 7].map((steps) => {
      const logits = logitsOfTwin(model, tf.slice(vectors, [0, 0, 0], [1, steps, 5]), null);
      return tf.sigmoid(logits).dataSync()[0]!;
    });
    expectClose(prefixProbabilities, wanted, 6);
  });

  it('is weight times vector where the model is linear', () => {
    const model = withWeights(
      sequential({
        layers: [
          embedding('fused', true),
          stock.flatten(),
          layers.dense({ units: 2, useBias: false }),
        ],
      }),
    );
    const [table, kernel] = model.getWeights().map((weight) => weight.arraySync() as number[][]);
    for (const method of ['integratedGradients', 'gradientTimesInput'] as const) {
      const found = explain(model, FULL, { method, classIndex: 1, steps: 3 });
      const wanted = FULL.map((word, step) =>
        table![word]!.reduce((sum, value, n) => sum + value * kernel![step * 5 + n]![1]!, 0),
      );
      expectClose(found.contributions, wanted);
      expect(found.completenessError).toBeLessThan(1e-5);
      expect(found.baseline).toBe(0);
      expect(found.probability).toBe(found.output);
    }
  });

  it('explains the class that is asked for, and the likeliest otherwise', () => {
    const model = withWeights(sequential(MODELS['a GRU and three classes']!.build('fused')));
    const predicted = [...(model.predict(tf.tensor2d([FULL])) as tf.Tensor).dataSync()];
    const likeliest = predicted.indexOf(Math.max(...predicted));
    const all = [0, 1, 2].map((classIndex) => explain(model, FULL, { classIndex }));
    expect(explain(model, FULL)).toEqual(all[likeliest]);
    expectClose(
      all.map(({ probability }) => probability),
      predicted,
      6,
    );
    expect(all.map(({ className }) => className)).toEqual(['class 0', 'class 1', 'class 2']);
  });

  it('finds the same in a layer of its own for the activation, and in a file of Keras', async () => {
    const model = withWeights(sequential(MODELS['a GRU and three classes']!.build('fused')));
    const parted = sequential({
      layers: [
        embedding('fused'),
        gru('fused'),
        layers.dense({ units: 3 }),
        stock.softmax({ axis: -1 }),
      ],
    });
    parted.setWeights(model.getWeights());
    const loaded = await loadKerasModel(await saveKerasModel(model, { format: 'keras' }));
    const found = explain(model, PADDED);
    for (const other of [parted, loaded]) {
      const same = explain(other, PADDED);
      expectClose(same.contributions, found.contributions);
      expectClose(same.prefixProbabilities, found.prefixProbabilities);
      expect(same.output).toBeCloseTo(found.output, 5);
    }
  });

  it('sees through vectors normalized by frequency and dropout of words', () => {
    const frequencies = Float32Array.from({ length: WORDS }, (_, word) => 1 + word);
    const normalized = layers.normalizedEmbedding({
      ...{ inputDim: WORDS, outputDim: 5, inputLength: TIME },
      frequencies,
    });
    const dropped = layers.wordDropout({ rate: 0.5, inputShape: [TIME] });
    const model = sequential({ layers: [dropped, normalized, lstm('fused'), sigmoid()] });
    const plain = withWeights(
      sequential({ layers: [embedding('fused'), lstm('fused'), sigmoid()] }),
    );
    const [table, ...others] = plain.getWeights() as [tf.Tensor, ...tf.Tensor[]];
    const shares = model.getWeights().at(-1)!; // not trained, so the last one
    model.setWeights([table, ...others, shares]);
    const words = tf.expandDims(tf.range(0, WORDS, 1, 'int32'), 0);
    const vectors = tf.squeeze(normalized.apply(words) as tf.Tensor, [0]);
    plain.setWeights([vectors, ...others]);

    expect(explain(model, FULL)).toEqual(explain(plain, FULL));
  });

  it('adds up networks side by side', () => {
    const words = inputOf({ shape: [TIME] });
    const networks = [5, 3].map((outputDim) => {
      const vectors = layers.embedding({ inputDim: WORDS, outputDim }).apply(words);
      const logits = layers.dense({ units: 1 }).apply(lstm('fused').apply(vectors as never));
      return modelOf({ inputs: words, outputs: logits as SymbolicTensor });
    });
    networks.forEach((each, i) => {
      withWeights(each, 3 + i);
    });
    const outputs = stock.average().apply(networks.map((each) => each.outputs[0]!));
    const whole = modelOf({ inputs: words, outputs: outputs as SymbolicTensor });

    const found = explain(whole, PADDED);
    const [one, other] = networks.map((each) => explain(each, PADDED));
    found.contributions.forEach((contribution, i) => {
      const mean = (one!.contributions[i]! + other!.contributions[i]!) / 2;
      expect(contribution).toBeCloseTo(mean, 5);
    });
    expect(found.output).toBeCloseTo((one!.output + other!.output) / 2, 5);
    expect(found.prefixProbabilities.at(-1)).toBeCloseTo(found.output, 5);
  });

  it('leaves no tensors behind, nor the layer other than it was', () => {
    const model = withWeights(sequential(MODELS['an LSTM']!.build('fused')));
    explain(model, FULL);
    const before = tf.memory().numTensors;
    const predict = () => [
      ...tf.tidy(() => model.predict(tf.tensor2d([FULL])) as tf.Tensor).dataSync(),
    ];
    const said = tf.tidy(predict);
    for (const method of ['integratedGradients', 'occlusion', 'gradientTimesInput'] as const) {
      explain(model, FULL, { method });
    }
    expect(tf.tidy(predict)).toEqual(said);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 2);
  });
});

describe('the words of a text', () => {
  beforeEach(() => tf.setBackend('cpu'));

  const tokenizer = (options: ConstructorParameters<typeof Tokenizer>[0] = {}) => {
    const made = new Tokenizer(options);
    made.fitOnTexts(['good film good', 'bad film']);
    return made;
  };
  const of = (text: string, options = {}): Explanation =>
    explain({ model: small(), tokenizer: tokenizer(options) }, text);
  const small = () =>
    withWeights(
      createSentimentLstm({
        vocabularySize: WORDS,
        sequenceLength: 4,
        embeddingDim: 3,
        lstmUnits: 3,
        denseUnits: 3,
        compile: false,
      }),
    );

  it('are all there, and what the model does not read adds nothing', () => {
    const found = of('A good, GOOD film: not bad!');
    expect(found.words).toEqual(['a', 'good', 'good', 'film', 'not', 'bad']);
    expect(found.indices).toEqual([0, 1, 1, 2, 0, 3]);
    expect(found.contributions[0]).toBe(0);
    expect(found.contributions[4]).toBe(0);
    expect(found.prefixProbabilities[4]).toBe(found.prefixProbabilities[3]);
    expect(found.className).toBe('class 1');
  });

  it('are read from the end where there are too many', () => {
    const found = of('film bad bad good good bad');
    expect(found.indices).toEqual([0, 0, 3, 1, 1, 3]);
    expect(found.contributions.slice(0, 2)).toEqual([0, 0]);
  });

  it('are those that the tokenizer finds, whichever way it splits', () => {
    for (const options of [
      { oovToken: '<?>' },
      { numWords: 3 },
      { charLevel: true, numWords: 9 },
      { analyzer: (text: string) => text.split('-') },
      { lower: false, split: '|' },
    ]) {
      const made = tokenizer(options);
      const text = 'good-film bad|Good film zzz';
      const time = 40;
      const wide = withWeights(
        createSentimentLstm({
          vocabularySize: 20,
          sequenceLength: time,
          embeddingDim: 2,
          lstmUnits: 2,
          denseUnits: 2,
          compile: false,
        }),
      );
      const found = explain({ model: wide, tokenizer: made }, text);
      expect(found.indices.filter((index) => index > 0)).toEqual(made.textsToSequences([text])[0]);
    }
  });

  it('of indices are named by the tokenizer, or by themselves', () => {
    const at = tf.tensor2d([[0, 1, 2, 9]], [1, 4], 'int32');
    expect(explain({ model: small(), tokenizer: tokenizer() }, at).words).toEqual([
      'good',
      'film',
      '9',
    ]);
    expect(explain(small(), at).words).toEqual(['1', '2', '9']);
  });

  it('may be none', () => {
    const found = of('nothing that anybody knows');
    expect(found.contributions).toEqual([0, 0, 0, 0]);
    expect(found.completenessError).toBe(0);
    expect(of('').words).toEqual([]);
  });

  it('of a classifier come without tags, and its classes have names', async () => {
    const classifier = await SentimentClassifier.train(
      { texts: ['good film', 'bad film'], labels: [1, 0] },
      {
        sequenceLength: 3,
        embeddingDim: 2,
        lstmUnits: 2,
        denseUnits: 2,
        vocabularySize: 9,
        epochs: 1,
        validationSplit: 0,
        seed: 1,
      },
    );
    const found = explain(classifier, 'good<br />film');
    expect(found.words).toEqual(['good', 'film']);
    expect(found.className).toBe('positive');
    const { probability } = await classifier.predict('good<br />film');
    expect(found.probability).toBeCloseTo(probability, 6);
  });
});

describe('explain refuses', () => {
  beforeEach(() => tf.setBackend('cpu'));
  const model = () => sequential(MODELS['an LSTM']!.build('fused'));

  it.each<[string, () => unknown, string]>([
    [
      'what is no model',
      () => explain({} as never, FULL),
      'the first argument must be a classifier, { model, tokenizer } or a model',
    ],
    ['a text without a tokenizer', () => explain(model(), 'good'), 'Give the tokenizer with it'],
    [
      'several samples',
      () => explain(model(), tf.zeros([2, TIME])),
      'one text, or the indices of its words',
    ],
    ['another length', () => explain(model(), [1, 2]), 'the model takes 7 steps, received 2'],
    [
      'what is no index',
      () => explain(model(), [1, 2, 3.5, 1, 1, 1, 1]),
      'input[2] must be the index of a word',
    ],
    [
      'a class that there is not',
      () => explain(model(), FULL, { classIndex: 1 }),
      'below the number of outputs, 1',
    ],
    ['no steps', () => explain(model(), FULL, { steps: 0 }), 'steps must be a positive integer'],
    [
      'another method',
      () => explain(model(), FULL, { method: 'lime' as never }),
      'method must be "integratedGradients", "occlusion" or',
    ],
    [
      'another option',
      () => explain(model(), FULL, { baseline: 0 } as never),
      'there is no option baseline',
    ],
    [
      'inputs that are numbers',
      () =>
        explain(
          sequential({ layers: [layers.lstm({ units: 2, inputShape: [7, 1] }), sigmoid()] }),
          FULL,
        ),
      'the model must begin with an Embedding',
    ],
    [
      'a label a step',
      () => explain(sequential({ layers: [embedding('fused'), lstm('fused', true)] }), FULL),
      'one output [batch, classes]',
    ],
    [
      'another reader of the input',
      () => {
        const words = inputOf({ shape: [TIME] });
        const read = lstm('fused').apply(embedding('fused').apply(words)) as SymbolicTensor;
        const both = [read, layers.dense({ units: 6 }).apply(words) as SymbolicTensor];
        const outputs = sigmoid().apply(stock.add().apply(both)) as SymbolicTensor;
        return explain(modelOf({ inputs: words, outputs }), FULL);
      },
      'nothing else may read the input, received "Embedding, Dense"',
    ],
    [
      'embeddings of which one masks padding',
      () => {
        const words = inputOf({ shape: [TIME] });
        const all = [embedding('fused'), embedding('fused', true)].map(
          (layer) => lstm('fused').apply(layer.apply(words)) as SymbolicTensor,
        );
        const outputs = sigmoid().apply(stock.add().apply(all)) as SymbolicTensor;
        return explain(modelOf({ inputs: words, outputs }), FULL);
      },
      'must have the same maskZero, received [false, true]',
    ],
    [
      'a layer that remembers the last text',
      () => {
        const remembering = layers.lstm({ units: 2, stateful: true });
        const first = layers.embedding({
          inputDim: WORDS,
          outputDim: 2,
          batchInputShape: [1, TIME],
        });
        return explain(sequential({ layers: [first, remembering, sigmoid()] }), FULL);
      },
      'must not be stateful',
    ],
    [
      'a model for last layer',
      () =>
        explain(
          sequential({
            layers: [
              embedding('fused'),
              lstm('fused'),
              sequential({ layers: [layers.dense({ units: 1, inputShape: [6] })] }),
            ],
          }),
          FULL,
        ),
      'must not be a model',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
