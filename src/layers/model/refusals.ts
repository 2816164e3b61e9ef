/** Why a layer cannot run along a stream: what it would have to see that has not come yet. */
import { tfl } from '../../foundation/tensorflow.js';

type Layer = tfl.layers.Layer;

/** The settings of a layer that decide it. */
interface Settings {
  goBackwards?: boolean;
  padding?: string;
  strides?: number | number[];
  axis?: number | number[];
  sharedAxes?: number[] | null;
}

/** What treats each step by itself, however many there are. */
const EACH_STEP = new Set([
  ...['Activation', 'Add', 'AlphaDropout', 'Average', 'Dense', 'Dropout', 'ELU', 'Embedding'],
  ...['GaussianDropout', 'GaussianNoise', 'LeakyReLU', 'Masking', 'Maximum', 'Minimum', 'Multiply'],
  ...['ReLU', 'Rescaling', 'SpatialDropout1D', 'Subtract', 'ThresholdedReLU', 'TimeDistributed'],
  ...['NormalizedEmbedding', 'WordDropout'],
]);

/** What treats single numbers by themselves, so that a step may be one of them. */
const EACH_NUMBER = new Set([
  ...['Dropout', 'Embedding', 'NormalizedEmbedding', 'Rescaling', 'WordDropout'],
]);

const TOGETHER = 'it puts steps together, or puts them elsewhere';
const ALL_STEPS = 'it pools over steps, also over those that are still to come';
const WEIGHS = 'it weighs all steps with one another, also with those that are still to come';

const REASONS: Readonly<Record<string, string>> = {
  Bidirectional: 'it also reads the steps from the last to the first, and a stream has no last one',
  ConvLSTM2D: 'its states are images, and streams carry vectors',
  Flatten: TOGETHER,
  Permute: TOGETHER,
  Reshape: TOGETHER,
  RepeatVector: TOGETHER,
  Cropping1D: TOGETHER,
  UpSampling1D: TOGETHER,
  ZeroPadding1D: TOGETHER,
  AttentionPooling1D: ALL_STEPS,
  GlobalAveragePooling1D: ALL_STEPS,
  GlobalMaxPooling1D: ALL_STEPS,
  AveragePooling1D: ALL_STEPS,
  MaxPooling1D: ALL_STEPS,
  Attention: WEIGHS,
  AdditiveAttention: WEIGHS,
  MultiHeadAttention: WEIGHS,
  Dot: WEIGHS,
};

/**
 * Why a layer cannot take one chunk of steps after another; null where it can.
 *
 * @param rank That of its inputs, [batch, time, …].
 */
export function refusalOf(layer: Layer, rank: number): string | null {
  const name = layer.getClassName();
  const settings = layer as unknown as Settings;
  if (REASONS[name]) return REASONS[name];
  if (settings.goBackwards) {
    return 'goBackwards is true: it begins with the last step, and a stream has no last one';
  }
  if (layer instanceof tfl.RNN) return null;
  if (name === 'Conv1D') return refusalOfConvolution(settings);
  if (rank === 2 && !EACH_NUMBER.has(name)) {
    return 'its inputs are [batch, time], so that it treats all steps of a sample as one vector';
  }
  switch (name) {
    case 'Softmax':
    case 'BatchNormalization':
    case 'LayerNormalization':
    case 'Concatenate': {
      const axes = [settings.axis ?? -1].flat().map((axis) => (axis < 0 ? rank + axis : axis));
      return axes.some((axis) => axis < 2) ? `axis ${axes.join(', ')} runs over steps` : null;
    }
    case 'PReLU':
      return settings.sharedAxes?.includes(1) ? null : 'it has a weight for each step';
  }
  return EACH_STEP.has(name) ? null : 'it is not known to treat each step by itself';
}

function refusalOfConvolution({ padding, strides }: Settings): string | null {
  if (padding !== 'causal') {
    return `padding is '${padding}', and only 'causal' looks at no step that is still to come`;
  }
  return [strides ?? 1].flat().some((stride) => stride !== 1) ? 'strides is not 1' : null;
}
