/** Every class of layers that can be loaded. */
import { LayerConfig, type LayerPlace, refuseLayer } from './layer-config.js';
import type { Reading } from './layer-maker.js';
import type { Common, LayerPlan, LayerReader, WeightPlan } from '../architecture/layer-plan.js';
import * as activation from '../layers/activation.js';
import * as attention from '../layers/attention.js';
import * as convolution from '../layers/convolution.js';
import * as core from '../layers/core.js';
import * as cudnn from '../layers/cudnn.js';
import * as merge from '../layers/merge.js';
import * as noise from '../layers/noise.js';
import * as normalization from '../layers/normalization.js';
import * as padding from '../layers/padding.js';
import * as pooling from '../layers/pooling.js';
import * as recurrent from '../layers/recurrent.js';
import * as wrappers from '../layers/wrappers.js';
import { isModel, planModel } from '../architecture/nested-models.js';
import { isObject, type JsonObject, property } from '../read-json.js';

const READERS: Readonly<Record<string, LayerReader>> = {
  Activation: activation.readActivation,
  Add: merge.readAdd,
  AdditiveAttention: attention.readAdditiveAttention,
  AlphaDropout: noise.readAlphaDropout,
  Attention: attention.readAttention,
  Average: merge.readAverage,
  AveragePooling1D: pooling.readAveragePooling1d,
  AveragePooling2D: pooling.readAveragePooling2d,
  BatchNormalization: normalization.readBatchNormalization,
  Bidirectional: wrappers.readBidirectional,
  Concatenate: merge.readConcatenate,
  Conv1D: convolution.readConv1d,
  Conv2D: convolution.readConv2d,
  Cropping1D: padding.readCropping1d,
  Cropping2D: padding.readCropping2d,
  CuDNNGRU: cudnn.readCuDnnGru,
  CuDNNLSTM: cudnn.readCuDnnLstm,
  Dense: core.readDense,
  DepthwiseConv2D: convolution.readDepthwiseConv2d,
  Dot: merge.readDot,
  Dropout: noise.readDropout,
  ELU: activation.readELU,
  Embedding: core.readEmbedding,
  Flatten: core.readFlatten,
  GRU: recurrent.readGru,
  GaussianDropout: noise.readGaussianDropout,
  GaussianNoise: noise.readGaussianNoise,
  GlobalAveragePooling1D: pooling.readGlobalAveragePooling1d,
  GlobalAveragePooling2D: pooling.readGlobalAveragePooling2d,
  GlobalMaxPooling1D: pooling.readGlobalMaxPooling1d,
  GlobalMaxPooling2D: pooling.readGlobalMaxPooling2d,
  LSTM: recurrent.readLstm,
  LayerNormalization: normalization.readLayerNormalization,
  LeakyReLU: activation.readLeakyReLU,
  Masking: core.readMasking,
  MaxPooling1D: pooling.readMaxPooling1d,
  MaxPooling2D: pooling.readMaxPooling2d,
  Maximum: merge.readMaximum,
  Minimum: merge.readMinimum,
  Multiply: merge.readMultiply,
  PReLU: activation.readPReLU,
  Permute: core.readPermute,
  ReLU: activation.readReLU,
  RepeatVector: core.readRepeatVector,
  Rescaling: core.readRescaling,
  Reshape: core.readReshape,
  SeparableConv1D: convolution.readSeparableConv1d,
  SeparableConv2D: convolution.readSeparableConv2d,
  SimpleRNN: recurrent.readSimpleRnn,
  Softmax: activation.readSoftmax,
  SpatialDropout1D: noise.readSpatialDropout1d,
  Subtract: merge.readSubtract,
  ThresholdedReLU: activation.readThresholdedReLU,
  TimeDistributed: wrappers.readTimeDistributed,
  UpSampling1D: padding.readUpSampling1d,
  UpSampling2D: padding.readUpSampling2d,
  ZeroPadding1D: padding.readZeroPadding1d,
  ZeroPadding2D: padding.readZeroPadding2d,
};

/** What can be named where a class is not known. */
const CLASSES = [...Object.keys(READERS), 'Functional', 'Sequential'].sort();

/** What TensorFlow.js takes as the name of a weight, which begins with that of its layer. */
const VALID_NAME = /^[A-Za-z0-9][-A-Za-z0-9_./]*$/;

/**
 * Reads the settings of a layer as Keras writes them.
 *
 * @param written `{ class_name, config }`, with whatever else Keras adds.
 * @param parentPath The names of the models and layers around it.
 * @throws RecurrentError naming the layer that TensorFlow.js cannot have as it is.
 */
export function planLayer(
  written: unknown,
  parentPath: string,
  reading: Reading,
  allowed?: readonly string[],
): LayerPlan {
  const object = isObject(written) ? written : {};
  const settings = property(object, 'config');
  const className = String(property(object, 'class_name'));
  // A Sequential was once written as the list of its layers.
  const isList = className === 'Sequential' && Array.isArray(settings);
  const named = isObject(settings)
    ? property(settings, 'name')
    : isList && property(object, 'name');
  const place: LayerPlace = {
    path: `${parentPath}/${String(named)}`,
    className,
    kerasVersion: reading.kerasVersion,
  };
  const reader = property(READERS, className) as LayerReader | undefined;
  const isKnown = reader !== undefined || isModel(className);
  if (!isKnown || (allowed && !allowed.includes(className))) {
    refuseClass(place, allowed ?? CLASSES);
  }
  if (!isObject(settings) && !isList) {
    refuseLayer(place, { expected: 'must have settings', received: settings });
  }
  if (typeof named !== 'string' || !VALID_NAME.test(named)) {
    refuseLayer(place, {
      expected:
        'must have a name that begins with a letter or digit, with no more than these and . _ - / in it',
      received: named,
    });
  }
  refuseForeign(place, object);
  if (isModel(className)) return planModel(object, place, named, reading);
  const config = new LayerConfig(place, settings as JsonObject, reading.maker);
  const common = { name: named, trainable: config.flag('trainable', true) };
  const plan = reader!(config, common, (inner, classes) =>
    planLayer(inner, place.path, reading, classes),
  );
  config.finish();
  return { ...plan, ...common, place, weights: (shape) => frozen(plan.weights(shape), common) };
}

/** The weights of a layer that may be frozen. */
function frozen(weights: WeightPlan[], { trainable }: Common): WeightPlan[] {
  return trainable ? weights : weights.map((weight) => ({ ...weight, trained: false }));
}

function refuseClass(place: LayerPlace, allowed: readonly string[]): never {
  const remedy =
    place.className === 'Lambda'
      ? 'A Lambda holds Python code, which is never run here. Use other layers instead.'
      : `These can: ${allowed.join(', ')}.`;
  refuseLayer(place, { expected: 'is of a class that cannot be loaded here', remedy });
}

/** Keras 3 names where a class comes from: somebody's own Dense is no Dense. */
function refuseForeign(place: LayerPlace, object: JsonObject): void {
  const module = property(object, 'module') ?? 'keras.layers';
  const registered = property(object, 'registered_name') ?? null;
  const known = registered === null || registered === place.className;
  if (typeof module === 'string' && /^(tf_)?keras\b/.test(module) && known) return;
  refuseLayer(place, {
    expected: "is somebody's own class",
    received: `${module}>${registered}`,
    remedy: "Only Keras's own layers can be loaded.",
  });
}
