import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers as stock, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain, layers, ready } from '../../../src/index.js';
import { ExplainedModel } from '../../../src/inspect/explain/explained-model.js';

const TEXT = [3, 1, 4, 1, 5];
const around = (before: number, behind: number) => [
  ...new Array<number>(before).fill(0),
  ...TEXT,
  ...new Array<number>(behind).fill(0),
];

type Layer = Parameters<ReturnType<typeof sequential>['add']>[0];

/** Any number of steps, so that padding can be left away by hand, too. */
function model(between: Layer[], maskZero = true) {
  const built = sequential({
    layers: [
      layers.embedding({ inputDim: 6, outputDim: 4, batchInputShape: [null, null], maskZero }),
      ...between,
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  built.setWeights(
    built
      .getWeights()
      .map(({ shape }, i) => tf.randomNormal(shape, 0, i === 0 ? 1 : 0.5, 'float32', i + 1)),
  );
  return built;
}

const lstm = (args: object = {}) => layers.lstm({ units: 3, ...args });
const bidirectional = (args: object = {}) =>
  layers.bidirectional({ layer: lstm(args) as never, mergeMode: 'concat' });
const steps = { returnSequences: true };

const FORGET: Record<string, () => Layer[]> = {
  'an LSTM': () => [lstm()],
  'one that reads backwards': () => [lstm({ goBackwards: true })],
  'both directions': () => [bidirectional()],
  'two layers, with what treats each step between them': () => [
    layers.dropout({ rate: 0.5 }),
    bidirectional(steps),
    layers.timeDistributed({ layer: layers.dense({ units: 3 }) as never }),
    layers.layerNormalization(),
    layers.gru({ units: 3 }),
  ],
  'the largest of all steps': () => [lstm(steps), layers.globalMaxPooling1d()],
  'their mean': () => [lstm(steps), layers.globalAveragePooling1d()],
  'their weighted mean': () => [lstm(steps), layers.attentionPooling1d()],
};

const REMEMBER: Record<string, () => Layer[]> = {
  'a convolution in front': () => [
    layers.conv1d({ filters: 3, kernelSize: 2, padding: 'causal' }),
    lstm(),
  ],
  'a mean that knows no masks': () => [lstm(steps), stock.globalAveragePooling1d({})],
  'what comes out in the other order, with the mask in the old one': () => [
    lstm({ ...steps, goBackwards: true }),
    lstm(),
  ],
  'a cell that nobody knows': () => [layers.rnn({ cell: layers.lstmCell({ units: 3 }) })],
  'a layer that ends the mask': () => [
    layers.conv1d({ filters: 3, kernelSize: 1 }),
    layers.globalMaxPooling1d(),
  ],
};

describe('forgetsPadding', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await ready({ threads: 1 });
  });

  describe.each(Object.entries(FORGET))('%s', (_, build) => {
    it.each(['integratedGradients', 'gradientTimesInput', 'occlusion'] as const)(
      'is explained the same with padding and without, by %s',
      (method) => {
        const whole = model(build());
        expect(new ExplainedModel('test', whole).forgetsPadding).toBe(true);
        const bare = explain(whole, TEXT, { method });
        const padded = whole.predict(tf.tensor2d([around(4, 3)], [1, 12], 'int32')) as tf.Tensor;
        expect(bare.probability).toBeCloseTo(padded.dataSync()[0]!, 6);
        for (const [before, behind] of [
          [4, 0],
          [0, 4],
          [2, 3],
        ] as const) {
          const found = explain(whole, around(before, behind), { method });
          expect(found.contributions).toEqual(bare.contributions);
          expect(found.prefixProbabilities).toEqual(bare.prefixProbabilities);
        }
      },
    );
  });

  it.each(Object.entries(REMEMBER))('%s sees it', (_, build) => {
    expect(new ExplainedModel('test', model(build())).forgetsPadding).toBe(false);
  });

  it('where padding is not masked, every layer sees it', () => {
    expect(new ExplainedModel('test', model([lstm()], false)).forgetsPadding).toBe(false);
  });

  it('says of padding alone what it says of nothing', () => {
    const found = explain(model([lstm()]), [0, 0, 0]);
    expect(found.words).toEqual([]);
    expect(found.output).toBe(found.baseline);
  });
});
