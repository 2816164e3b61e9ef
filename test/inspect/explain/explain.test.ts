import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  input as inputOf,
  layers as stock,
  model as modelOf,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ExplainMethod,
  explain,
  layers,
  loadKerasModel,
  ready,
  saveKerasModel,
} from '../../../src/index.js';
import {
  FULL,
  MODELS,
  PADDED,
  type Rule,
  THE_END,
  THREE_POINTS,
  TIME,
  WORDS,
  embedding,
  expectClose,
  gru,
  logitsOfTwin,
  lstm,
  read,
  sigmoid,
  twin,
  withWeights,
} from './small-models.js';

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
