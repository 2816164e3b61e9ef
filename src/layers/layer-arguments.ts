/** The arguments of our layers: those that are read, and the error for any other. */
import { reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';

const OF_EVERY_LAYER = [
  ...['name', 'trainable', 'dtype', 'weights'],
  ...['inputShape', 'batchInputShape', 'batchSize', 'inputDType'],
];

const OF_INPUTS_ALONE = [
  ...['units', 'useBias', 'kernelInitializer', 'biasInitializer'],
  ...['kernelRegularizer', 'biasRegularizer', 'kernelConstraint', 'biasConstraint'],
  ...['dropout', 'recurrentDropout', 'dropoutFunc'],
];

const OF_EVERY_CELL = [
  ...[...OF_INPUTS_ALONE, 'activation'],
  ...['recurrentInitializer', 'recurrentRegularizer', 'recurrentConstraint'],
];

const OF_CELLS = [...OF_EVERY_CELL, ...OF_EVERY_LAYER];

const OF_TIME = [
  'unroll',
  ...['returnSequences', 'returnState', 'goBackwards', 'stateful', 'inputDim', 'inputLength'],
  'zeroOutputForMask',
  ...OF_EVERY_LAYER,
  'kernel',
];

const OF_SEQUENCES = ['cell', ...OF_TIME];

const OF_RECURRENT_LAYERS = [...OF_EVERY_CELL, ...OF_SEQUENCES];

const OF_EMBEDDINGS = [
  ...['inputDim', 'outputDim', 'embeddingsInitializer', 'embeddingsRegularizer'],
  ...['activityRegularizer', 'embeddingsConstraint', 'maskZero', 'inputLength'],
  ...OF_EVERY_LAYER,
  'kernel',
];

/** By the names of the functions, the argument that comes first in Keras first. */
export const LAYER_ARGUMENTS = {
  lstm: [...OF_RECURRENT_LAYERS, 'recurrentActivation', 'unitForgetBias', 'implementation'],
  gru: [...OF_RECURRENT_LAYERS, 'recurrentActivation', 'resetAfter', 'implementation'],
  simpleRNN: OF_RECURRENT_LAYERS,
  minGRU: [...OF_INPUTS_ALONE, ...OF_TIME],
  peepholeLSTM: [
    ...OF_RECURRENT_LAYERS,
    ...['recurrentActivation', 'unitForgetBias', 'implementation'],
  ],
  dense: [
    ...['units', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer'],
    ...['kernelRegularizer', 'biasRegularizer', 'activityRegularizer'],
    ...['kernelConstraint', 'biasConstraint', 'inputDim'],
    ...OF_EVERY_LAYER,
    'kernel',
  ],
  embedding: OF_EMBEDDINGS,
  normalizedEmbedding: [...OF_EMBEDDINGS, 'frequencies'],
  dropout: ['rate', 'noiseShape', 'seed', ...OF_EVERY_LAYER, 'kernel'],
  lstmCell: [...OF_CELLS, 'recurrentActivation', 'unitForgetBias', 'implementation'],
  gruCell: [...OF_CELLS, 'recurrentActivation', 'resetAfter', 'implementation'],
  simpleRNNCell: OF_CELLS,
  stackedRNNCells: ['cells', ...OF_EVERY_LAYER],
  rnn: OF_SEQUENCES,
  timeDistributed: ['layer', ...OF_EVERY_LAYER],
  conv1d: [
    ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate', 'activation'],
    ...['useBias', 'kernelInitializer', 'biasInitializer', 'kernelRegularizer', 'biasRegularizer'],
    ...['activityRegularizer', 'kernelConstraint', 'biasConstraint', ...OF_EVERY_LAYER],
  ],
  maxPooling1d: ['poolSize', 'strides', 'padding', ...OF_EVERY_LAYER],
  averagePooling1d: ['poolSize', 'strides', 'padding', ...OF_EVERY_LAYER],
  globalMaxPooling1d: ['maskRule', ...OF_EVERY_LAYER],
  globalAveragePooling1d: ['maskRule', ...OF_EVERY_LAYER],
  attention: ['useScale', 'scoreMode', 'dropout', 'seed', ...OF_EVERY_LAYER, 'kernel'],
  additiveAttention: ['useScale', 'dropout', 'seed', ...OF_EVERY_LAYER, 'kernel'],
  attentionPooling1d: ['units', 'seed', ...OF_EVERY_LAYER, 'kernel'],
  sampledSoftmax: ['classes', 'numSampled', 'seed', ...OF_EVERY_LAYER],
  spatialDropout1d: ['rate', 'seed', ...OF_EVERY_LAYER, 'kernel'],
  wordDropout: ['rate', 'replaceWith', 'drawPer', 'seed', ...OF_EVERY_LAYER],
  layerNormalization: [
    ...['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'],
    ...['betaRegularizer', 'gammaRegularizer', ...OF_EVERY_LAYER],
  ],
  batchNormalization: [
    ...['axis', 'momentum', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'],
    ...['movingMeanInitializer', 'movingVarianceInitializer', 'betaConstraint', 'gammaConstraint'],
    ...['betaRegularizer', 'gammaRegularizer', ...OF_EVERY_LAYER],
  ],
  bidirectional: ['layer', 'mergeMode', ...OF_EVERY_LAYER],
} as const satisfies Record<string, readonly string[]>;

// Names of Keras without a namesake here. Those that differ in their underscores find their way.
const REMEDIES: Readonly<Record<string, string>> = {
  backward_layer:
    'The layer that reads backwards is made from layer, as its mirror image. Leave it out.',
  backwardLayer:
    'The layer that reads backwards is made from layer, as its mirror image. Leave it out.',
  batch_shape: 'Write batchInputShape.',
  batchShape: 'Write batchInputShape.',
  input_shape: 'Write inputShape.',
  shape: 'Write inputShape, which leaves out the batch.',
  time_major: 'Inputs are [batch, time, features]: transpose them before.',
  use_cudnn: "Write kernel: 'fused' or 'composed', or leave it out for the fastest there is.",
};

// Written by getConfig of recurrent layers and cells of TensorFlow.js, as null, and read by none.
const ONLY_NULL = 'activityRegularizer';

/**
 * Rejects arguments that a layer does not have, naming the one that is written otherwise here. Only
 * for those whom people call: what was saved by any TensorFlow.js goes to the class itself.
 *
 * @param name Of the function in `layers`.
 * @param args What it was given.
 */
export function requireLayerArguments(name: keyof typeof LAYER_ARGUMENTS, args: unknown): void {
  const isRecurrent = /^(lstm|gru|simpleRNN|minGRU|peepholeLSTM)(Cell)?$/.test(name);
  const where = `layers.${name}`;
  const known = LAYER_ARGUMENTS[name];
  if (args === undefined) {
    reject({
      where,
      expected: 'arguments must be an object',
      received: args,
      remedy: `Give them by name, as in { ${known[0]}: … }.`,
    });
  }
  const read = isRecurrent ? withoutNull(args) : args;
  requireKnownOptions(where, read, known, REMEDIES, 'argument');
}

function withoutNull(args: unknown): unknown {
  if (!Object.hasOwn(Object(args), ONLY_NULL)) return args;
  const { [ONLY_NULL]: value, ...others } = args as Record<string, unknown>;
  return value == null ? others : args;
}
