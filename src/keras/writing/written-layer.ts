/** A layer as it is written, with the layers inside it. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { KerasObject } from './write-objects.js';

export interface WrittenLayer {
  layer: tfl.layers.Layer;
  object: KerasObject;
  /** Of a model: its layers, in the order in which Keras has them. */
  layers?: WrittenLayer[];
  /** Of a TimeDistributed: what it applies to each step. */
  inner?: WrittenLayer;
}

/** A model whose layers are written. */
export interface WrittenModel extends WrittenLayer {
  layer: tfl.LayersModel;
  layers: WrittenLayer[];
}
