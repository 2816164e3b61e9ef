/** registerLayers: makes TensorFlow.js build our layers when it loads a model. */
import { openDoor, tf } from '../foundation/tensorflow.js';
import { AdditiveAttentionLayer } from './attention/additive-attention.js';
import { AttentionLayer } from './attention/attention.js';
import { AttentionPooling1dLayer } from './attention/attention-pooling.js';
import { AdamOptimizer } from './optimizers/adam.js';
import { SpatialDropout1dLayer } from './beside/spatial-dropout.js';
import { WordDropoutLayer } from './beside/word-dropout.js';
import { BidirectionalLayer } from './recurrent/bidirectional.js';
import { GruCellClass } from './recurrent/cells.js';
import { DenseLayer } from './core/dense.js';
import { DropoutLayer } from './core/dropout.js';
import { EmbeddingLayer } from './core/embedding.js';
import { GruLayer } from './recurrent/gru.js';
import { kerasOnlyLayers } from './keras-only/all.js';
import { LstmLayer } from './recurrent/lstm.js';
import { followerLayers } from './masks/mask-rule.js';
import { MinGruLayer } from './recurrent/min-gru.js';
import { NormalizedEmbeddingLayer } from './core/normalized-embedding.js';
import { PeepholeLstmLayer } from './recurrent/peephole-lstm.js';
import { RnnLayer } from './recurrent/rnn.js';
import { SampledSoftmaxLayer } from './losses/sampled-softmax.js';
import { SimpleRnnLayer } from './recurrent/simple-rnn.js';

/**
 * Makes `tf.loadLayersModel` build the layers of this library where a saved model
 * has an LSTM, a GRU, a SimpleRNN, an RNN, an Embedding, a Dense, a Dropout or a Bidirectional, and our {@link adam} where it
 * was saved with Adam, so that models saved by anybody speed up. Call it once, before
 * loading; calling it again changes nothing.
 *
 * @example
 * ```ts
 * import { registerLayers } from 'tfjs-recurrent';
 *
 * registerLayers();
 * // const model = await tf.loadLayersModel('https://example.com/model.json');
 * ```
 */
export function registerLayers(): void {
  openDoor();
  const recurrent = [LstmLayer(), GruLayer(), SimpleRnnLayer(), BidirectionalLayer()];
  const layers = [
    ...recurrent,
    RnnLayer(),
    MinGruLayer(),
    PeepholeLstmLayer(),
    GruCellClass(),
    ...followerLayers(),
    ...kerasOnlyLayers(),
    AttentionLayer(),
    AdditiveAttentionLayer(),
    AttentionPooling1dLayer(),
    SampledSoftmaxLayer(),
    EmbeddingLayer(),
    NormalizedEmbeddingLayer(),
    DropoutLayer(),
    SpatialDropout1dLayer(),
    WordDropoutLayer(),
    DenseLayer(),
  ];
  for (const ours of [...layers, AdamOptimizer]) {
    tf.serialization.registerClass(
      ours as unknown as Parameters<typeof tf.serialization.registerClass>[0],
    );
  }
}
