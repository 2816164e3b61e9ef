/** The layers of this library under one name, as `tf.layers` has its own. */
export { additiveAttention } from './attention/additive-attention.js';
export { attention } from './attention/attention.js';
export { attentionPooling1d } from './attention/attention-pooling.js';
export {
  averagePooling1d,
  batchNormalization,
  conv1d,
  globalAveragePooling1d,
  globalMaxPooling1d,
  layerNormalization,
  maxPooling1d,
  timeDistributed,
} from './beside/factories.js';
export { spatialDropout1d } from './beside/spatial-dropout.js';
export { wordDropout } from './beside/word-dropout.js';
export { bidirectional } from './recurrent/bidirectional.js';
export { gruCell, lstmCell, simpleRNNCell, stackedRNNCells } from './recurrent/cells.js';
export { dense } from './core/dense.js';
export { dropout } from './core/dropout.js';
export { embedding } from './core/embedding.js';
export { gru } from './recurrent/gru.js';
export { lstm } from './recurrent/lstm.js';
export { minGRU } from './recurrent/min-gru.js';
export { normalizedEmbedding } from './core/normalized-embedding.js';
export { peepholeLSTM } from './recurrent/peephole-lstm.js';
export { sampledSoftmax } from './losses/sampled-softmax.js';
export { rnn } from './recurrent/rnn.js';
export { simpleRNN } from './recurrent/simple-rnn.js';
