/** The layers of this library under one name, as `tf.layers` has its own. */
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
export { bidirectional } from './bidirectional.js';
export { gruCell, lstmCell, simpleRNNCell, stackedRNNCells } from './cells.js';
export { dense } from './dense.js';
export { dropout } from './dropout.js';
export { embedding } from './embedding.js';
export { gru } from './gru.js';
export { lstm } from './lstm.js';
export { rnn } from './rnn.js';
export { simpleRNN } from './simple-rnn.js';
