/** The layers of Keras that are around another one. */
import type { LayerConfig } from '../settings/layer-config.js';
import type { LayerReader, WeightPlan } from '../architecture/layer-plan.js';
import { isObject, property } from '../read-json.js';

/** What can go inside a TimeDistributed: all but layers of several inputs. */
const PER_STEP = [
  ...['Activation', 'AlphaDropout', 'AveragePooling1D', 'AveragePooling2D', 'BatchNormalization'],
  ...['Bidirectional', 'Conv1D', 'Conv2D', 'Cropping1D', 'Cropping2D', 'CuDNNGRU', 'CuDNNLSTM'],
  ...['Dense', 'DepthwiseConv2D', 'Dropout', 'ELU', 'Embedding', 'Flatten', 'Functional', 'GRU'],
  ...['GaussianDropout', 'GaussianNoise', 'GlobalAveragePooling1D', 'GlobalAveragePooling2D'],
  ...['GlobalMaxPooling1D', 'GlobalMaxPooling2D', 'LSTM', 'LayerNormalization', 'LeakyReLU'],
  ...['Masking', 'MaxPooling1D', 'MaxPooling2D', 'Model', 'PReLU', 'Permute', 'ReLU'],
  ...['RepeatVector', 'Rescaling', 'Reshape', 'SeparableConv1D', 'SeparableConv2D', 'Sequential'],
  ...['SimpleRNN', 'Softmax', 'SpatialDropout1D', 'ThresholdedReLU', 'TimeDistributed'],
  ...['UpSampling1D', 'UpSampling2D', 'ZeroPadding1D', 'ZeroPadding2D'],
];
const RECURRENT = ['GRU', 'LSTM', 'SimpleRNN'];

/** Weights of an inner layer under the name that the outer one gives it. */
function below(prefix: string, weights: WeightPlan[]): WeightPlan[] {
  return weights.map((weight) => ({ ...weight, store: `${prefix}/${weight.store}` }));
}

export const readBidirectional: LayerReader = (config, common, readInner) => {
  const { kerasVersion } = config.place;
  const written = config.raw('layer');
  const inner = readInner(forwardOf(written, kerasVersion), RECURRENT);
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
    make: () => config.maker.layer('Bidirectional', { layer: inner.make(), mergeMode, ...common }),
    weights: (inputShape) => [
      ...below('forward_layer', inner.weights(inputShape)),
      ...below('backward_layer', inner.weights(inputShape)),
    ],
  };
};

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
    expected:
      'has a backward_layer with other settings than its layer, which TensorFlow.js cannot have',
  });
}

export const readTimeDistributed: LayerReader = (config, common, readInner) => {
  const inner = readInner(config.raw('layer'), PER_STEP);
  if (inner.masks === 'makes' && config.place.kerasVersion < 3) {
    config.refuse({
      expected: 'is around a layer that makes a mask, which Keras 2 joins over steps',
    });
  }
  const isBlind = !inner.model && ['passes', 'ignores', 'makes'].includes(inner.masks);
  return {
    // Keras takes a mask apart for an inner layer that heeds one.
    masks: isBlind ? 'passes' : 'refuses',
    ...(inner.model && { around: inner }),
    make: (model) =>
      config.maker.layer('TimeDistributed', { ...common, layer: model ?? inner.make() }),
    weights: ([batch = null, , ...step]) => below('layer', inner.weights([batch, ...step])),
  };
};
