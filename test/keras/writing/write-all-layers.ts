/** Models in which every class of layers is that Keras has and we read, each class often in several ways. */
import '@tensorflow/tfjs-backend-cpu';
import { seededRandom } from '../../../src/foundation/random.js';
import { openDoor, tfl } from '../../../src/foundation/tensorflow.js';
import { layers as ours, registerLayers } from '../../../src/index.js';
import {
  EluLayer,
  PreluLayer,
  ReluLayer,
  SoftmaxLayer,
} from '../../../src/layers/keras-only/activations.js';
import {
  Conv1dLayer,
  DepthwiseConv2dLayer,
  SeparableConv1dLayer,
  SeparableConv2dLayer,
} from '../../../src/layers/keras-only/convolution.js';
import { DotLayer } from '../../../src/layers/keras-only/merge.js';
import { FlattenLayer, ReshapeLayer } from '../../../src/layers/keras-only/reshape.js';
import {
  Cropping1dLayer,
  Cropping2dLayer,
  UpSampling1dLayer,
  ZeroPadding1dLayer,
} from '../../../src/layers/keras-only/steps.js';
import { maskFollower } from '../../../src/layers/masks/mask-rule.js';
import { giveWeights } from './write-masked-models.js';

openDoor();
registerLayers();
const theirs = tfl.layers;
type Layer = tfl.layers.Layer;
type Symbolic = tfl.SymbolicTensor;

const { l1l2 } = tfl.regularizers;
const { maxNorm } = tfl.constraints;

/** Layers from [batch, 6, 4]. */
const OF_STEPS: (() => unknown)[] = [
  () => theirs.leakyReLU({ alpha: 0.2 }),
  () => theirs.elu(),
  () => new (EluLayer())({ alpha: 0.4 }),
  () => theirs.reLU({ maxValue: 0.5 }),
  () => new (ReluLayer())({ negativeSlope: 0.3, threshold: 0.2, maxValue: 0.6 }),
  () => theirs.thresholdedReLU({ theta: 0.3 }),
  () => theirs.prelu({ sharedAxes: [1] }),
  () => new (PreluLayer())({ alphaRegularizer: l1l2({ l1: 0.1, l2: 0.2 }) }),
  () => theirs.softmax({ axis: -1 }),
  () => new (SoftmaxLayer())({ axis: [1, 2] }),
  () => theirs.rescaling({ scale: 0.5, offset: 1 }),
  () => theirs.gaussianNoise({ stddev: 1 }),
  () => theirs.gaussianDropout({ rate: 0.5 }),
  () => theirs.alphaDropout({ rate: 0.5 }),
  () => theirs.permute({ dims: [2, 1] }),
  () => theirs.reshape({ targetShape: [8, 3] }),
  () => new (ReshapeLayer())({ targetShape: [2, null, 2] }),
  () => new (FlattenLayer())({}),
  () => theirs.averagePooling1d({ poolSize: 2, padding: 'same', strides: 1 }),
  () => theirs.maxPooling1d({ poolSize: 3 }),
  () => theirs.globalAveragePooling1d({}),
  () => new (ZeroPadding1dLayer())({ padding: [1, 2] }),
  () => new (Cropping1dLayer())({ cropping: [2, 1] }),
  () => new (UpSampling1dLayer())({ size: 2 }),
  () => new (Conv1dLayer())({ filters: 2, kernelSize: 2, padding: 'causal', dilationRate: 2 }),
  () => new (SeparableConv1dLayer())({ filters: 3, kernelSize: 2, depthMultiplier: 2 }),
  () => theirs.batchNormalization({ betaConstraint: maxNorm({}) }),
  () => theirs.layerNormalization({ epsilon: 0.01 }),
  () => ours.gru({ units: 2, resetAfter: true, recurrentActivation: 'sigmoid' }),
  () => ours.lstm({ units: 2, returnSequences: true, recurrentActivation: 'sigmoid' }),
  () => theirs.timeDistributed({ layer: theirs.leakyReLU() as Layer }),
  () => theirs.timeDistributed({ layer: theirs.reshape({ targetShape: [2, 2] }) }),
  () => theirs.timeDistributed({ layer: theirs.batchNormalization({}) }),
];

/** Layers from [batch, 6, 5, 3]. */
const OF_PICTURES: (() => unknown)[] = [
  () => theirs.conv2d({ filters: 2, kernelSize: [3, 2], strides: 2, padding: 'same' }),
  () => theirs.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, activation: 'hardSigmoid' }),
  () => theirs.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, activation: 'relu' }),
  () => new (DepthwiseConv2dLayer())({ kernelSize: 2, dilationRate: 2, depthwiseConstraint: maxNorm({}) }), // biome-ignore format: short
  () => theirs.separableConv2d({ filters: 4, kernelSize: 2, useBias: false }),
  () => new (SeparableConv2dLayer())({ filters: 2, kernelSize: 2, activation: 'tanh' }),
  () => theirs.maxPooling2d({ poolSize: 2 }),
  () => theirs.averagePooling2d({ poolSize: [2, 3], strides: 1, padding: 'same' }),
  () => theirs.globalAveragePooling2d({}),
  () => theirs.globalMaxPooling2d({}),
  () => theirs.zeroPadding2d({ padding: [[1, 0], [2, 1]] }), // biome-ignore format: short
  () => theirs.cropping2D({ cropping: [[1, 0], [2, 1]] }), // biome-ignore format: short
  () => new (Cropping2dLayer())({ cropping: 1 }),
  () => theirs.upSampling2d({ size: [2, 3] }),
  () => theirs.batchNormalization({}),
  () => theirs.timeDistributed({ layer: theirs.conv1d({ filters: 2, kernelSize: 2 }) }),
  () => theirs.timeDistributed({ layer: ours.gru({ units: 2 }) }),
  () => theirs.timeDistributed({ layer: theirs.globalMaxPooling1d({}) as Layer }),
];

function each(shape: number[], makers: readonly (() => unknown)[]): tfl.LayersModel {
  const input = tfl.input({ shape });
  const outputs = makers.map((make) => (make() as Layer).apply(input) as Symbolic);
  return tfl.model({ inputs: input, outputs });
}

function merges(): tfl.LayersModel {
  const [a, b] = [tfl.input({ shape: [4, 3] }), tfl.input({ shape: [4, 3] })];
  const c = theirs.dense({ units: 5 }).apply(b) as Symbolic;
  const flat = theirs.globalMaxPooling1d({}).apply(a) as Symbolic;
  const joins: [Layer, Symbolic[]][] = [
    [theirs.add() as Layer, [a, b, a]],
    [theirs.average() as Layer, [a, b]],
    [theirs.maximum() as Layer, [a, b]],
    [theirs.minimum() as Layer, [a, b]],
    [theirs.multiply() as Layer, [a, b]],
    [maskFollower('Subtract', {}), [a, b]],
    [maskFollower('Multiply', { maskRule: 'keras3' }), [a, b]],
    [theirs.concatenate({ axis: 2 }) as Layer, [a, c]],
    [theirs.dot({ axes: 1 }) as Layer, [a, c]],
    [new (DotLayer())({ axes: [-1, -1], normalize: true }), [a, b]],
    [theirs.dot({ axes: -1, normalize: true }) as Layer, [flat, flat]],
  ];
  const outputs = joins.map(([layer, inputs]) => layer.apply(inputs) as Symbolic);
  return tfl.model({ inputs: [a, b], outputs });
}

/** Models in models: Sequential in functional in Sequential, twice, frozen in part, with two inputs and outputs. */
function inside(): tfl.LayersModel {
  const deepest = tfl.sequential({
    name: 'deepest',
    layers: [
      theirs.dense({ units: 3, inputShape: [3], activation: 'tanh', trainable: false }),
      theirs.batchNormalization({}),
      theirs.dense({ units: 3 }),
    ],
  });
  const [a, b] = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
  const sum = theirs.add().apply([deepest.apply(a) as Symbolic, b]) as Symbolic;
  const middle = tfl.model({
    name: 'middle',
    inputs: [a, b],
    outputs: [theirs.dense({ units: 3 }).apply(sum) as Symbolic, sum],
  });
  const x = tfl.input({ shape: [3], name: 'x' });
  const [first, second] = middle.apply([x, x]) as Symbolic[];
  const [third] = middle.apply([first!, second!]) as Symbolic[];
  const frozen = tfl.sequential({
    layers: [theirs.dense({ units: 2, inputShape: [3] }), theirs.batchNormalization({})],
  });
  frozen.trainable = false;
  const last = frozen.apply(third!) as Symbolic;
  return tfl.model({ inputs: x, outputs: [last, second!, deepest.apply(x) as Symbolic] });
}

function insideSequential(): tfl.LayersModel {
  const input = tfl.input({ shape: [4, 3] });
  const output = ours.lstm({ units: 3, returnSequences: true, recurrentActivation: 'sigmoid' }).apply(input) as Symbolic; // biome-ignore format: short
  const functional = tfl.model({ inputs: input, outputs: output });
  const perStep = tfl.sequential({
    layers: [
      theirs.dense({ units: 2, inputShape: [3], activation: 'relu' }),
      theirs.dense({ units: 2 }),
    ],
  });
  return tfl.sequential({
    layers: [
      tfl.sequential({ layers: [theirs.dense({ units: 3, inputShape: [4, 3] })] }),
      functional,
      theirs.timeDistributed({ layer: perStep as Layer }),
      theirs.flatten(),
      theirs.dense({ units: 2 }),
    ],
  });
}

const MODELS: Record<string, () => tfl.LayersModel> = {
  'every-layer-of-steps': () => each([6, 4], OF_STEPS),
  'every-layer-of-pictures': () => each([6, 5, 3], OF_PICTURES),
  'every-merge': merges,
  'models-inside': inside,
  'models-inside-sequential': insideSequential,
};

/** The models, each with weights of its own. */
export const ALL_LAYERS: Record<string, (seed: number) => tfl.LayersModel> = Object.fromEntries(
  Object.entries(MODELS).map(([name, make]) => [
    name,
    (seed: number) => {
      const model = make();
      giveWeights(model, seededRandom(seed, 5));
      return model;
    },
  ]),
);
