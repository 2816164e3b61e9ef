/** The layers that can be written, with the settings that TensorFlow.js and Keras 3 share under one name. */

const RECURRENT = [
  ...['return_sequences', 'return_state', 'go_backwards', 'stateful', 'unroll', 'units'],
  ...['activation', 'use_bias', 'kernel_initializer', 'recurrent_initializer'],
  ...['bias_initializer', 'kernel_regularizer', 'recurrent_regularizer', 'bias_regularizer'],
  ...['activity_regularizer', 'kernel_constraint', 'recurrent_constraint', 'bias_constraint'],
  ...['dropout', 'recurrent_dropout', 'seed'],
];

const BIASED = [
  ...['activation', 'use_bias', 'bias_initializer', 'bias_regularizer', 'bias_constraint'],
  'activity_regularizer',
];
const WEIGHTED = [...BIASED, 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint'];
const WINDOWS = ['kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate'];
const DEPTHWISE = ['depthwise_initializer', 'depthwise_regularizer', 'depthwise_constraint'];
const POINTWISE = ['pointwise_initializer', 'pointwise_regularizer', 'pointwise_constraint'];
const SEPARABLE = [
  ...['filters', ...WINDOWS, ...BIASED, ...DEPTHWISE, ...POINTWISE],
  'depth_multiplier',
];
const POOLING = ['pool_size', 'strides', 'padding', 'data_format'];

const NORMALIZATION = [
  ...['axis', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_initializer'],
  ...['beta_regularizer', 'gamma_regularizer'],
];

export const LAYER_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  Activation: ['activation'],
  Add: [],
  AdditiveAttention: ['use_scale', 'dropout', 'seed'],
  AlphaDropout: ['rate', 'noise_shape'],
  Attention: ['use_scale', 'score_mode', 'dropout', 'seed'],
  Average: [],
  AveragePooling1D: POOLING,
  AveragePooling2D: POOLING,
  BatchNormalization: [
    ...NORMALIZATION,
    ...['momentum', 'moving_mean_initializer', 'moving_variance_initializer'],
    ...['beta_constraint', 'gamma_constraint'],
  ],
  Bidirectional: ['merge_mode'],
  Concatenate: ['axis'],
  Conv1D: ['filters', ...WINDOWS, ...WEIGHTED],
  Conv2D: ['filters', ...WINDOWS, ...WEIGHTED],
  Cropping1D: ['cropping'],
  Cropping2D: ['cropping', 'data_format'],
  Dense: ['units', ...WEIGHTED],
  DepthwiseConv2D: [...WINDOWS, ...BIASED, ...DEPTHWISE, 'depth_multiplier'],
  Dot: ['axes', 'normalize'],
  Dropout: ['rate', 'noise_shape', 'seed'],
  ELU: ['alpha'],
  Embedding: [
    ...['input_dim', 'output_dim', 'embeddings_initializer', 'embeddings_regularizer'],
    ...['activity_regularizer', 'embeddings_constraint', 'mask_zero'],
  ],
  Flatten: ['data_format'],
  GRU: [...RECURRENT, 'recurrent_activation', 'reset_after'],
  GaussianDropout: ['rate'],
  GaussianNoise: ['stddev'],
  GlobalAveragePooling1D: [],
  GlobalAveragePooling2D: ['data_format'],
  GlobalMaxPooling1D: [],
  GlobalMaxPooling2D: ['data_format'],
  LSTM: [...RECURRENT, 'recurrent_activation', 'unit_forget_bias'],
  LayerNormalization: NORMALIZATION,
  LeakyReLU: ['alpha'],
  Masking: ['mask_value'],
  MaxPooling1D: POOLING,
  MaxPooling2D: POOLING,
  Maximum: [],
  Minimum: [],
  Multiply: [],
  PReLU: ['alpha_initializer', 'alpha_regularizer', 'alpha_constraint', 'shared_axes'],
  Permute: ['dims'],
  ReLU: ['max_value', 'negative_slope', 'threshold'],
  RepeatVector: ['n'],
  Rescaling: ['scale', 'offset'],
  Reshape: ['target_shape'],
  SeparableConv1D: SEPARABLE,
  SeparableConv2D: SEPARABLE,
  SimpleRNN: RECURRENT,
  Softmax: ['axis'],
  SpatialDropout1D: ['rate', 'seed'],
  Subtract: [],
  ThresholdedReLU: ['theta'],
  TimeDistributed: [],
  UpSampling1D: ['size'],
  UpSampling2D: ['size', 'data_format', 'interpolation'],
  ZeroPadding1D: ['padding'],
  ZeroPadding2D: ['padding', 'data_format'],
};
