/** registerLayers: makes TensorFlow.js build our layers when it loads a model. */
import { openDoor, tf } from '../foundation/tensorflow.js';
import { BidirectionalLayer } from './bidirectional.js';
import { DropoutLayer } from './dropout.js';
import { EmbeddingLayer } from './embedding.js';
import { LstmLayer } from './lstm.js';

/**
 * Makes `tf.loadLayersModel` build the layers of this library where a saved model
 * has an LSTM, an Embedding, a Dropout or a Bidirectional, so that models saved by
 * anybody speed up. Call it once, before loading; calling it again changes nothing.
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
  for (const layer of [LstmLayer(), EmbeddingLayer(), DropoutLayer(), BidirectionalLayer()]) {
    tf.serialization.registerClass(
      layer as unknown as Parameters<typeof tf.serialization.registerClass>[0],
    );
  }
}
