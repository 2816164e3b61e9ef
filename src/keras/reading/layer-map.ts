/** Every layer of Keras that can be loaded, and the two that are around another one. */
import { tfl } from '../../foundation/tensorflow.js';
import { bidirectional } from '../../layers/bidirectional.js';
import * as activations from './layers/activation.js';
import * as images from './layers/image.js';
import { LayerConfig, type LayerPlace, refuseLayer } from './layer-config.js';
import type { LayerPlan, LayerReader, WeightPlan } from './layer-plan.js';
import * as merges from './layers/merge.js';
import { isModel, planModel } from './nested-models.js';
import { type Initializer, standIn } from './objects.js';
import { eachStep } from './output-sizes.js';
import * as plain from './layers/plain.js';
import * as reshaping from './layers/reshaping.js';
import { isObject, type JsonObject, property } from './read-json.js';
import { readCuDnnGru, readCuDnnLstm } from './layers/cudnn.js';
import { readGru, readLstm, readSimpleRnn } from './layers/recurrent.js';

const READERS: Readonly<Record<string, LayerReader>> = {
  Activation: plain.readActivation,
  Add: merges.readAdd,
  AlphaDropout: activations.readAlphaDropout,
  Average: merges.readAverage,
  AveragePooling1D: plain.readAveragePooling1d,
  AveragePooling2D: images.readAveragePooling2d,
  BatchNormalization: plain.readBatchNormalization,
  Bidirectional: readBidirectional,
  Concatenate: plain.readConcatenate,
  Conv1D: plain.readConv1d,
  Conv2D: images.readConv2d,
  Cropping1D: reshaping.readCropping1d,
  Cropping2D: images.readCropping2d,
  CuDNNGRU: readCuDnnGru,
  CuDNNLSTM: readCuDnnLstm,
  Dense: plain.readDense,
  Dot: merges.readDot,
  Dropout: plain.readDropout,
  ELU: activations.readELU,
  Embedding: plain.readEmbedding,
  Flatten: plain.readFlatten,
  GRU: readGru,
  GaussianDropout: activations.readGaussianDropout,
  GaussianNoise: activations.readGaussianNoise,
  GlobalAveragePooling1D: plain.readGlobalAveragePooling1d,
  GlobalAveragePooling2D: images.readGlobalAveragePooling2d,
  GlobalMaxPooling1D: plain.readGlobalMaxPooling1d,
  GlobalMaxPooling2D: images.readGlobalMaxPooling2d,
  LSTM: readLstm,
  LayerNormalization: plain.readLayerNormalization,
  LeakyReLU: activations.readLeakyReLU,
  Masking: plain.readMasking,
  MaxPooling1D: plain.readMaxPooling1d,
  MaxPooling2D: images.readMaxPooling2d,
  Maximum: merges.readMaximum,
  Minimum: merges.readMinimum,
  Multiply: merges.readMultiply,
  PReLU: activations.readPReLU,
  Permute: reshaping.readPermute,
  ReLU: activations.readReLU,
  RepeatVector: plain.readRepeatVector,
  Reshape: reshaping.readReshape,
  SimpleRNN: readSimpleRnn,
  Softmax: activations.readSoftmax,
  SpatialDropout1D: plain.readSpatialDropout1d,
  Subtract: merges.readSubtract,
  ThresholdedReLU: activations.readThresholdedReLU,
  TimeDistributed: readTimeDistributed,
  UpSampling1D: reshaping.readUpSampling1d,
  UpSampling2D: images.readUpSampling2d,
  ZeroPadding1D: reshaping.readZeroPadding1d,
  ZeroPadding2D: images.readZeroPadding2d,
};

/** What can go inside a TimeDistributed: layers that treat each step alone, and recurrent ones. */
const PER_STEP = [
  ...['Activation', 'AlphaDropout', 'AveragePooling1D', 'AveragePooling2D', 'BatchNormalization'],
  ...['Conv1D', 'Conv2D', 'Cropping1D', 'Cropping2D', 'Dense', 'Dropout', 'ELU', 'Flatten', 'GRU'],
  ...['GaussianDropout', 'GaussianNoise', 'GlobalAveragePooling1D', 'GlobalAveragePooling2D'],
  ...['GlobalMaxPooling1D', 'GlobalMaxPooling2D', 'LSTM', 'LayerNormalization', 'LeakyReLU'],
  ...['MaxPooling1D', 'MaxPooling2D', 'PReLU', 'Permute', 'ReLU', 'RepeatVector', 'Reshape'],
  ...['SimpleRNN', 'Softmax', 'ThresholdedReLU', 'UpSampling1D', 'UpSampling2D'],
  ...['ZeroPadding1D', 'ZeroPadding2D', 'Sequential', 'Functional', 'Model'],
];
const RECURRENT = ['GRU', 'LSTM', 'SimpleRNN'];

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
  kerasVersion: number,
  allowed?: readonly string[],
): LayerPlan {
  const object = isObject(written) ? written : {};
  const settings = property(object, 'config');
  const className = String(property(object, 'class_name'));
  const name = String(isObject(settings) ? property(settings, 'name') : undefined);
  const place: LayerPlace = { path: `${parentPath}/${name}`, className, kerasVersion };
  const reader = property(READERS, className) as LayerReader | undefined;
  const isKnown = reader !== undefined || isModel(className);
  if (!isKnown || (allowed && !allowed.includes(className))) {
    refuseClass(place, allowed ?? Object.keys(READERS));
  }
  if (!isObject(settings))
    refuseLayer(place, { expected: 'must have settings', received: settings });
  if (typeof property(settings, 'name') !== 'string' || !VALID_NAME.test(name)) {
    refuseLayer(place, {
      expected:
        'must have a name that begins with a letter or digit, with no more than these and . _ - / in it',
      received: property(settings, 'name'),
    });
  }
  refuseForeign(place, object);
  const common = { name, trainable: property(settings, 'trainable') !== false };
  if (isModel(className)) return { place, name, ...planModel(object, place, common) };
  const config = new LayerConfig(place, settings);
  const plan = reader!(config, { name, trainable: config.flag('trainable', true) });
  config.finish();
  return { place, name, ...plan };
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

/** Weights of an inner layer under the name that the outer one gives it. */
function below(prefix: string, weights: WeightPlan[]): WeightPlan[] {
  return weights.map((weight) => ({ ...weight, store: `${prefix}/${weight.store}` }));
}

function readBidirectional(
  config: LayerConfig,
  common: { name: string; trainable: boolean },
): ReturnType<LayerReader> {
  const { path, kerasVersion } = config.place;
  const written = config.raw('layer');
  const inner = planLayer(forwardOf(written, kerasVersion), path, kerasVersion, RECURRENT);
  requireMirrored(config, written, config.raw('backward_layer'));
  const mode = config.raw('merge_mode');
  if (mode !== null && mode !== undefined) {
    config.choice('merge_mode', ['concat', 'sum', 'mul', 'ave']);
  }
  const mergeMode = (mode === undefined ? 'concat' : mode) as 'concat';
  return {
    masks: 'uses',
    sequences: mergeMode === null ? 2 * inner.sequences! : inner.sequences!,
    unrolled: inner.unrolled!,
    unrolledZeroes: inner.unrolled! && inner.sequences! > 0 && kerasVersion > 2,
    make: () => {
      const layer = bidirectional({ layer: inner.make() as tfl.RNN, mergeMode, ...common });
      for (const { cell } of directions(layer)) {
        // The stock layer copies its layer by its settings, initializers that take time too.
        cell.kernelInitializer = standIn(cell.kernelInitializer);
        cell.recurrentInitializer = standIn(cell.recurrentInitializer);
      }
      // The stock layer forgets it while it is made.
      layer.trainable = common.trainable;
      return layer;
    },
    weights: (inputShape) => [
      ...below('forward_layer', inner.weights(inputShape)),
      ...below('backward_layer', inner.weights(inputShape)),
    ],
  };
}

interface Direction {
  cell: { kernelInitializer: Initializer; recurrentInitializer: Initializer };
}

function directions(layer: tfl.layers.Layer): Direction[] {
  const both = layer as unknown as Record<'forwardLayer' | 'backwardLayer', Direction>;
  return [both.forwardLayer, both.backwardLayer];
}

/**
 * The inner layer. Keras 3 writes it as `forward_lstm`; TensorFlow.js puts the prefix there itself.
 * Since TensorFlow 2, it zeroes masked steps where it returns sequences, whatever it says itself.
 */
function forwardOf(written: unknown, kerasVersion: number): unknown {
  const config = isObject(written) ? property(written, 'config') : undefined;
  if (!isObject(config)) return written;
  const name = property(config, 'name');
  const returnsSequences = property(config, 'return_sequences') === true;
  const settings = {
    ...config,
    ...(typeof name === 'string' && { name: name.replace(/^forward_/, '') }),
    zero_output_for_mask: returnsSequences && kerasVersion > 2,
  };
  return { ...(written as object), config: settings };
}

/** Throws unless the backward layer, where it is written, is the forward one turned round. */
function requireMirrored(config: LayerConfig, forward: unknown, backward: unknown): void {
  if (backward === undefined || backward === null) return;
  const essence = (layer: unknown, turned: boolean) =>
    JSON.stringify(layer, (key, value) => {
      // What differs from object to object of the same kind.
      if (['name', 'shared_object_id', 'seed', 'build_config'].includes(key)) return undefined;
      return key === 'go_backwards' && turned ? !value : value;
    });
  if (essence(forward, false) === essence(backward, true)) return;
  config.refuse({
    expected: 'has a backward_layer with other settings than its layer, which TensorFlow.js cannot',
  });
}

function readTimeDistributed(
  config: LayerConfig,
  common: { name: string; trainable: boolean },
): ReturnType<LayerReader> {
  const { path, kerasVersion } = config.place;
  const inner = planLayer(config.raw('layer'), path, kerasVersion, PER_STEP);
  return {
    masks: ['passes', 'ignores'].includes(inner.masks) ? 'passes' : 'refuses',
    make: (limits) => tfl.layers.timeDistributed({ ...common, layer: inner.make(limits) }),
    weights: ([batch = null, , ...step]) => below('layer', inner.weights([batch, ...step])),
    inside() {
      const inside = inner.inside?.();
      return inside && { ...inside, shapesOf: (given) => inside.shapesOf(given.map(eachStep)) };
    },
  };
}
