/** Every class of layers that a predictor knows, but for those around other layers. */
import { ActivationLayer, Dense, Embedding, Masking } from './core.js';
import { Attention, AttentionPooling } from './attention.js';
import { AdvancedActivation, Prelu, Softmax } from './advanced-activations.js';
import { Bidirectional } from './bidirectional.js';
import { Dot } from './dot.js';
import { Concatenate, Merge } from './merges.js';
import { type Layer, refuseLayer, type Settings } from './layer.js';
import { BatchNormalization, LayerNormalization } from './normalization.js';
import { Conv1d, GlobalPooling, Pooling1d, Steps } from './over-time.js';
import { NormalizedEmbedding } from './normalized-embedding.js';
import { Recurrent } from './recurrent.js';
import { Flatten, Identity, Permute, RepeatVector, Reshape } from './arrangement.js';

type Class = new (className: string, settings: Settings) => Layer;

const CLASSES: Readonly<Record<string, Class>> = {
  ...{ Activation: ActivationLayer, Dense, Embedding, Masking, NormalizedEmbedding },
  ...{ AdditiveAttention: Attention, Attention, AttentionPooling1D: AttentionPooling },
  ...{ Bidirectional, GRU: Recurrent, LSTM: Recurrent, MinGRU: Recurrent },
  ...{ PeepholeLSTM: Recurrent, RNN: Recurrent, SimpleRNN: Recurrent },
  ...{ Add: Merge, Average: Merge, Concatenate, Maximum: Merge, Minimum: Merge },
  ...{ Dot, Multiply: Merge, Subtract: Merge },
  ...{ ELU: AdvancedActivation, LeakyReLU: AdvancedActivation, ReLU: AdvancedActivation },
  ...{ PReLU: Prelu, Softmax, ThresholdedReLU: AdvancedActivation },
  ...{ BatchNormalization, LayerNormalization },
  ...{ AveragePooling1D: Pooling1d, Conv1D: Conv1d, Cropping1D: Steps, MaxPooling1D: Pooling1d },
  ...{ GlobalAveragePooling1D: GlobalPooling, GlobalMaxPooling1D: GlobalPooling },
  ...{ UpSampling1D: Steps, ZeroPadding1D: Steps },
  ...{ Flatten, Permute, RepeatVector, Reshape },
  ...{ AlphaDropout: Identity, Dropout: Identity, GaussianDropout: Identity },
  ...{ GaussianNoise: Identity, SpatialDropout1D: Identity },
};

/** Makes a layer without weights; refuses a class that is not known. */
export function makeLayer(className: string, settings: Settings): Layer {
  if (Object.hasOwn(CLASSES, className)) return new CLASSES[className]!(className, settings);
  return refuseLayer({ className, name: String(settings.name) }, 'is of a class without kernels');
}
