import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { EluLayer, ReluLayer, SoftmaxLayer } from '../../src/layers/keras-only/activations.js';
import * as layers from '../../src/layers/layers.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { expectSameBitsOnceSaved, saved } from './same-bits.js';

type Layer = tfl.layers.Layer;

beforeAll(() => tf.setBackend('cpu'));

const [SAMPLES, TIME, WIDTH] = [5, 6, 3];
const numbers = (shape = [SAMPLES, TIME, WIDTH]) => tf.randomUniform(shape, -2, 2, 'float32', 1);
/** Words with padding in front, behind, and between. */
const words = () =>
  tf.tensor2d(
    [
      [0, 0, 1, 2, 3, 4],
      [5, 6, 7, 0, 0, 0],
      [1, 0, 3, 0, 5, 0],
      [0, 0, 0, 0, 0, 0],
      [1, 2, 3, 4, 5, 6],
    ],
    undefined,
    'int32',
  );

const input = { inputShape: [TIME, WIDTH] };

// A model with a layer of ours is run by our own code, and so are those of tf.layers in it.
async function checkLayers(...list: unknown[]) {
  const ours = layers.dropout({ rate: 0.5, ...input });
  const model = tfl.sequential({ layers: [ours, ...list] as Layer[] });
  await expectSameBitsOnceSaved(model, [numbers()]);
}

async function checkMasked(...list: unknown[]) {
  const embedding = layers.embedding({
    inputDim: 8,
    outputDim: 4,
    maskZero: true,
    inputLength: TIME,
  });
  const model = tfl.sequential({ layers: [embedding, ...(list as Layer[])] });
  await expectSameBitsOnceSaved(model, [words()]);
}

const ACTIVATIONS = ['elu', 'gelu', 'hardSigmoid', 'linear', 'mish', 'relu', 'relu6', 'selu']
  .concat(['sigmoid', 'softmax', 'softplus', 'softsign', 'swish', 'tanh', 'logSoftmax'])
  .filter((activation) => activation !== 'tanh');

const states = { returnSequences: true } as const;
const RECURRENT: Record<string, (args: object) => unknown> = {
  lstm: (args) => layers.lstm({ units: 5, ...args }),
  'lstm, sigmoid': (args) => layers.lstm({ units: 9, recurrentActivation: 'sigmoid', ...args }),
  'lstm without bias': (args) => layers.lstm({ units: 4, useBias: false, ...args }),
  gru: (args) => layers.gru({ units: 5, ...args }),
  'gru, resetAfter': (args) => layers.gru({ units: 5, resetAfter: true, ...args }),
  simpleRNN: (args) => layers.simpleRNN({ units: 5, ...args }),
  'simpleRNN, relu': (args) => layers.simpleRNN({ units: 5, activation: 'relu', ...args }),
  minGRU: (args) => layers.minGRU({ units: 5, ...args }),
  peepholeLSTM: (args) => layers.peepholeLSTM({ units: 5, ...args }),
  'rnn of a cell': (args) => layers.rnn({ cell: layers.lstmCell({ units: 3 }), ...args }),
  'rnn of a stack': (args) =>
    layers.rnn({
      cell: [layers.gruCell({ units: 3, resetAfter: true }), layers.lstmCell({ units: 4 })],
      ...args,
    }),
};

describe.each(Object.entries(RECURRENT))('%s', (_, make) => {
  test('reads a sequence', () => checkLayers(make({ ...input, ...states }), make({})));
  test('goes backwards', () => checkLayers(make({ ...input, ...states, goBackwards: true })));
  test('leaves masked steps out', () => checkMasked(make(states), make({})));
  test.each([true, 'untilFirst'])('gives zeros for masked steps: %s', (zeroOutputForMask) =>
    checkMasked(
      make({ ...states, zeroOutputForMask, goBackwards: true }),
      make({ zeroOutputForMask }),
    ),
  );
  test.each(['concat', 'sum', 'ave', 'mul'] as const)(
    'in both directions, merged by %s',
    (mergeMode) =>
      checkMasked(
        layers.bidirectional({
          layer: make({ ...states, zeroOutputForMask: true }) as never,
          mergeMode,
        }),
        layers.bidirectional({ layer: make({ zeroOutputForMask: true }) as never, mergeMode }),
      ),
  );
});

test('attention pools steps, with a mask and without', async () => {
  await checkLayers(layers.attentionPooling1d({ units: 5 }));
  await checkMasked(layers.attentionPooling1d());
});

test('an embedding is normalized by the frequencies of its words', async () => {
  const frequencies = [0, 5, 4, 3, 2, 1, 1, 1];
  const words8 = { inputDim: 8, outputDim: 4, inputLength: TIME, maskZero: true, frequencies };
  const model = tfl.sequential({
    layers: [layers.normalizedEmbedding(words8), layers.lstm({ units: 5 })],
  });
  await expectSameBitsOnceSaved(model, [words()]);
});

/** Wider than the block in which the cpu backend sums up. */
const UNITS = 50;

describe.each<[string, (args: object) => unknown]>([
  ['lstm', (args) => layers.lstm({ units: UNITS, ...args })],
  ['gru', (args) => layers.gru({ units: UNITS, ...args })],
  ['gru, resetAfter', (args) => layers.gru({ units: UNITS, resetAfter: true, ...args })],
  [
    'gru without bias',
    (args) => layers.gru({ units: 3, resetAfter: true, useBias: false, ...args }),
  ],
  ['simpleRNN', (args) => layers.simpleRNN({ units: UNITS, ...args })],
  ['peepholeLSTM', (args) => layers.peepholeLSTM({ units: UNITS, ...args })],
])('%s with activations that have no kernel', (name, make) => {
  const [recurrentActivation, other] =
    name === 'simpleRNN'
      ? [{}, {}]
      : [{ recurrentActivation: 'softmax' }, { recurrentActivation: 'relu6' }];
  const relu = { activation: 'elu', ...recurrentActivation };
  test('reads a sequence', () =>
    checkLayers(
      make({ ...input, ...states, ...relu }),
      make({ activation: 'softplus', ...other }),
    ));
  test('leaves masked steps out, in either direction', () =>
    checkMasked(
      make({ ...states, ...relu, goBackwards: true, zeroOutputForMask: true }),
      layers.bidirectional({ layer: make({ ...states, ...relu }) as never }),
      layers.bidirectional({ layer: make(relu) as never, mergeMode: 'mul' }),
    ));
});

test.each(ACTIVATIONS)('a cell with %s', (activation) =>
  checkLayers(
    layers.simpleRNN({ ...input, ...states, units: 4, activation: activation as 'tanh' }),
    layers.rnn({
      cell: [
        layers.lstmCell({ units: 3, activation: activation as 'tanh' }),
        layers.gruCell({ units: 4, recurrentActivation: activation as 'tanh' }),
      ],
    }),
  ),
);

test.each<[string, number[], number[], number | number[]]>([
  ['vectors', [4], [4], 1],
  ['steps of two sequences', [TIME, 60], [3, 60], 2],
  ['features of two sequences', [TIME, 3], [TIME, 4], 1],
  ['a sequence and another one turned round', [TIME, 3], [3, TIME], [2, 1]],
  ['a sequence and a vector', [TIME, WIDTH], [WIDTH], [2, 1]],
  ['a vector and a sequence', [TIME], [TIME, WIDTH], 1],
])('products of %s', async (_, first, second, axes) => {
  for (const normalize of [false, true]) {
    const [a, b] = [first, second].map((shape) => tfl.input({ shape }));
    const product = tfl.layers.dot({ axes: axes as number, normalize });
    const dense = layers.dense({ units: first.at(-1)! }) as Layer;
    const left = dense.apply(a!) as tfl.SymbolicTensor;
    const outputs = (product as Layer).apply([left, b!]) as tfl.SymbolicTensor;
    await expectSameBitsOnceSaved(tfl.model({ inputs: [a!, b!], outputs }), [
      numbers([SAMPLES, ...first]),
      numbers([SAMPLES, ...second]),
    ]);
  }
});

test('states go from layer to layer', async () => {
  const source = tfl.input({ shape: [TIME, WIDTH] });
  const target = tfl.input({ shape: [TIME, WIDTH] });
  const reader = layers.lstm({ units: 4, returnState: true, returnSequences: true });
  const [sequence, h, c] = reader.apply(source) as tfl.SymbolicTensor[];
  const writer = layers.lstm({ units: 4, returnSequences: true });
  const written = writer.apply(target, { initialState: [h!, c!] }) as tfl.SymbolicTensor;
  const context = layers
    .attention({ useScale: true })
    .apply([written, sequence!]) as tfl.SymbolicTensor;
  const added = layers.additiveAttention({}).apply([written, sequence!]) as tfl.SymbolicTensor;
  const joined = tfl.layers.concatenate().apply([written, context, added]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [source, target], outputs: [joined, c!] });
  await expectSameBitsOnceSaved(model, [numbers(), numbers([SAMPLES, TIME, WIDTH])]);
});

test.each([
  ...['elu', 'gelu', 'hardSigmoid', 'linear', 'mish', 'relu', 'relu6', 'selu', 'sigmoid'],
  ...['softmax', 'softplus', 'softsign', 'swish', 'tanh', 'logSoftmax'],
])('%s, behind a product and by itself', (activation) =>
  checkLayers(
    layers.dense({ ...input, units: 7, activation: activation as 'tanh' }),
    tfl.layers.activation({ activation: activation as 'tanh' }),
  ),
);

test.each<[string, () => unknown[]]>([
  [
    'convolution, same',
    () => [
      layers.conv1d({ ...input, filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
    ],
  ],
  [
    'convolution, causal',
    () => [
      layers.conv1d({ ...input, filters: 4, kernelSize: 2, dilationRate: 2, padding: 'causal' }),
    ],
  ],
  [
    'convolution, valid',
    () => [layers.conv1d({ ...input, filters: 4, kernelSize: 3, strides: 2 })],
  ],
  ['max pooling', () => [layers.maxPooling1d({ ...input, poolSize: 2 })]],
  [
    'average pooling',
    () => [layers.averagePooling1d({ ...input, poolSize: 3, strides: 1, padding: 'same' })],
  ],
  ['layer normalization', () => [layers.layerNormalization(input)]],
  [
    'batch normalization',
    () => [
      layers.batchNormalization({
        ...input,
        movingVarianceInitializer: tfl.initializers.constant({ value: 0.3 }),
      }),
    ],
  ],
  ['repeating', () => [layers.lstm({ ...input, units: 3 }), tfl.layers.repeatVector({ n: 4 })]],
  ['permuting', () => [tfl.layers.permute({ ...input, dims: [2, 1] })]],
  [
    'reshaping',
    () => [tfl.layers.reshape({ ...input, targetShape: [2, 9] }), tfl.layers.flatten()],
  ],
  [
    'noise',
    () => [
      tfl.layers.gaussianNoise({ ...input, stddev: 1 }),
      layers.spatialDropout1d({ rate: 0.5 }),
      layers.dropout({ rate: 0.5 }),
    ],
  ],
  ['masking', () => [tfl.layers.masking({ ...input, maskValue: 0 }), layers.gru({ units: 3 })]],
  ['a leaky slope', () => [tfl.layers.leakyReLU({ ...input, alpha: 0.1 })]],
  ['ELU', () => [new (EluLayer())({ ...input, alpha: 0.7 } as object)]],
  ['ReLU', () => [tfl.layers.reLU({ ...input, maxValue: 1.1 })]],
  [
    'ReLU with a slope below a threshold',
    () => [
      new (ReluLayer())({ ...input, threshold: 0.3, negativeSlope: 0.2, maxValue: 1.1 } as object),
    ],
  ],
  ['ReLU above a threshold', () => [tfl.layers.thresholdedReLU({ ...input, theta: 0.4 })]],
  ['PReLU', () => [tfl.layers.prelu({ ...input, alphaInitializer: 'glorotNormal' })]],
  [
    'PReLU that steps share',
    () => [tfl.layers.prelu({ ...input, sharedAxes: [1], alphaInitializer: 'glorotNormal' })],
  ],
  ['softmax', () => [tfl.layers.softmax({ ...input, axis: 2 })]],
  ['softmax over steps', () => [new (SoftmaxLayer())({ ...input, axis: 1 } as object)]],
  [
    'a layer at each step',
    () => [tfl.layers.timeDistributed({ ...input, layer: layers.dense({ units: 4 }) })],
  ],
])('%s', (_, make) => checkLayers(...make()));

test('the largest and the mean of the steps that count', async () => {
  await checkMasked(layers.globalMaxPooling1d({}));
  await checkMasked(layers.globalAveragePooling1d({}));
});

test('models stand as layers, alone and at each step', async () => {
  const step = () =>
    tfl.sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [WIDTH], activation: 'tanh' }) as Layer,
        layers.dense({ units: WIDTH }) as Layer,
      ],
    });
  const whole = tfl.sequential({
    layers: [layers.lstm({ ...input, units: WIDTH, ...states }) as Layer],
  });
  await checkLayers(
    whole,
    tfl.layers.timeDistributed({ layer: step() }),
    layers.lstm({ units: 2 }),
  );
});

test('inputs of other sizes are broadcast', async () => {
  const x = tfl.input({ shape: [TIME, WIDTH] });
  const weight = layers.dense({ units: 1 }).apply(x) as tfl.SymbolicTensor;
  const outputs = (['add', 'average', 'maximum', 'minimum', 'multiply'] as const).map(
    (name) => (tfl.layers[name]() as Layer).apply([x, weight]) as tfl.SymbolicTensor,
  );
  await expectSameBitsOnceSaved(tfl.model({ inputs: x, outputs }), [numbers()]);
});

test('many samples are predicted a few at a time', async () => {
  const model = tfl.sequential({
    layers: [
      layers.embedding({ inputDim: 8, outputDim: 4, inputLength: TIME }),
      layers.lstm({ units: 4 }) as Layer,
    ],
  });
  await expectSameBitsOnceSaved(model, [tf.tile(words(), [70, 1])]);
});

test.each([
  ['uint8', 1],
  ['uint16', 2],
] as const)('weights of %s are those that TensorFlow.js makes of them', async (dtype, bytes) => {
  const { parts, loaded } = await saved(
    tfl.sequential({
      layers: [layers.dense({ units: 4, inputShape: [WIDTH], useBias: false }) as Layer],
    }),
  );
  const quantization = { dtype, scale: 0.013, min: -0.7 };
  const weightSpecs = parts.weightSpecs.map((spec: object) => ({ ...spec, quantization }));
  const weightData = new ArrayBuffer(12 * bytes);
  new Uint8Array(weightData).forEach((_, i, all) => {
    all[i] = 7 * i;
  });
  const quantized = { ...parts, weightSpecs, weightData };
  const model = await tfl.loadLayersModel(tf.io.fromMemory(quantized));
  const x = numbers([SAMPLES, WIDTH]);
  const predictor = await loadPredictor(quantized);
  const { data } = await predictor.predict({ data: x.dataSync() as Float32Array, shape: x.shape });
  expect(data).toEqual((model.predict(x) as tf.Tensor).dataSync());
  loaded.dispose();
});
