/** Layers of TensorFlow.js and of this library, made of what a file of Keras says. */
import { tfl } from '../../../foundation/tensorflow.js';
import { additiveAttention } from '../../../layers/attention/additive-attention.js';
import { attention } from '../../../layers/attention/attention.js';
import { dense } from '../../../layers/core/dense.js';
import { dropout } from '../../../layers/core/dropout.js';
import { embedding } from '../../../layers/core/embedding.js';
import {
  EluLayer,
  PreluLayer,
  ReluLayer,
  SoftmaxLayer,
} from '../../../layers/keras-only/activations.js';
import {
  Conv1dLayer,
  DepthwiseConv2dLayer,
  SeparableConv1dLayer,
  SeparableConv2dLayer,
} from '../../../layers/keras-only/convolution.js';
import { DotLayer } from '../../../layers/keras-only/merge.js';
import { FlattenLayer, ReshapeLayer } from '../../../layers/keras-only/reshape.js';
import {
  Cropping1dLayer,
  Cropping2dLayer,
  UpSampling1dLayer,
  ZeroPadding1dLayer,
} from '../../../layers/keras-only/steps.js';
import { type FollowerName, maskFollower } from '../../../layers/masks/mask-rule.js';
import { bidirectional } from '../../../layers/recurrent/bidirectional.js';
import { gru } from '../../../layers/recurrent/gru.js';
import { lstm } from '../../../layers/recurrent/lstm.js';
import { simpleRNN } from '../../../layers/recurrent/simple-rnn.js';
import type { LayerMaker } from './layer-maker.js';
import { constraint, type Initializer, initializer, regularizer, standIn } from './objects.js';

type Layer = tfl.layers.Layer;
// Readers know which arguments a class takes.
type Make = (args: never) => Layer;

const classOf =
  (layerClass: () => new (args: never) => Layer): Make =>
  (args) =>
    new (layerClass())(args);

const follower =
  (name: FollowerName): Make =>
  (args: object) =>
    maskFollower(name, args);

/** Matrices that are orthogonal take time, and weights come from the file. */
const recurrent =
  (make: Make): Make =>
  (args: { recurrentInitializer?: Initializer }) => {
    const recurrentInitializer =
      args.recurrentInitializer ?? standIn(tfl.initializers.orthogonal({}));
    return make({ ...args, recurrentInitializer } as never);
  };

interface Direction {
  cell: { kernelInitializer: Initializer; recurrentInitializer: Initializer };
}

function bothDirections(args: { trainable: boolean }): Layer {
  const layer = bidirectional(args as never);
  const both = layer as unknown as Record<'forwardLayer' | 'backwardLayer', Direction>;
  for (const { cell } of [both.forwardLayer, both.backwardLayer]) {
    // The stock layer copies its layer by its settings, initializers that take time too.
    cell.kernelInitializer = standIn(cell.kernelInitializer);
    cell.recurrentInitializer = standIn(cell.recurrentInitializer);
  }
  // The stock layer forgets it while it is made.
  layer.trainable = args.trainable;
  return layer;
}

const MAKERS: Readonly<Record<string, Make>> = {
  Activation: tfl.layers.activation,
  Add: follower('Add'),
  AdditiveAttention: additiveAttention,
  AlphaDropout: tfl.layers.alphaDropout,
  Attention: attention,
  Average: follower('Average'),
  AveragePooling1D: tfl.layers.averagePooling1d,
  AveragePooling2D: tfl.layers.averagePooling2d,
  BatchNormalization: tfl.layers.batchNormalization,
  Bidirectional: bothDirections,
  Concatenate: follower('Concatenate'),
  Conv1D: classOf(Conv1dLayer),
  Conv2D: tfl.layers.conv2d,
  Cropping1D: classOf(Cropping1dLayer),
  Cropping2D: classOf(Cropping2dLayer),
  Dense: dense,
  DepthwiseConv2D: classOf(DepthwiseConv2dLayer),
  Dot: classOf(DotLayer),
  Dropout: dropout,
  ELU: classOf(EluLayer),
  Embedding: embedding,
  Flatten: classOf(FlattenLayer),
  GRU: recurrent(gru as Make),
  GaussianDropout: tfl.layers.gaussianDropout,
  GaussianNoise: tfl.layers.gaussianNoise,
  GlobalAveragePooling1D: follower('GlobalAveragePooling1D'),
  GlobalAveragePooling2D: tfl.layers.globalAveragePooling2d,
  GlobalMaxPooling1D: tfl.layers.globalMaxPooling1d,
  GlobalMaxPooling2D: tfl.layers.globalMaxPooling2d,
  LSTM: recurrent(lstm as Make),
  LayerNormalization: tfl.layers.layerNormalization,
  LeakyReLU: tfl.layers.leakyReLU,
  Masking: tfl.layers.masking,
  MaxPooling1D: tfl.layers.maxPooling1d,
  MaxPooling2D: tfl.layers.maxPooling2d,
  Maximum: follower('Maximum'),
  Minimum: follower('Minimum'),
  Multiply: follower('Multiply'),
  PReLU: classOf(PreluLayer),
  Permute: tfl.layers.permute,
  ReLU: classOf(ReluLayer),
  RepeatVector: tfl.layers.repeatVector,
  Rescaling: tfl.layers.rescaling,
  Reshape: classOf(ReshapeLayer),
  SeparableConv1D: classOf(SeparableConv1dLayer as never),
  SeparableConv2D: classOf(SeparableConv2dLayer as never),
  SimpleRNN: recurrent(simpleRNN as Make),
  Softmax: classOf(SoftmaxLayer),
  SpatialDropout1D: tfl.layers.spatialDropout1d,
  Subtract: follower('Subtract'),
  ThresholdedReLU: tfl.layers.thresholdedReLU,
  TimeDistributed: tfl.layers.timeDistributed,
  UpSampling1D: classOf(UpSampling1dLayer),
  UpSampling2D: tfl.layers.upSampling2d,
  ZeroPadding1D: classOf(ZeroPadding1dLayer),
  ZeroPadding2D: tfl.layers.zeroPadding2d,
};

export const TENSORFLOW_LAYERS: LayerMaker = {
  layer: (className, args) => MAKERS[className]!(args as never),
  initializer,
  regularizer,
  constraint,
};
