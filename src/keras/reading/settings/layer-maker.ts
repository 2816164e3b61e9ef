/**
 * What makes the layers of a file: those of TensorFlow.js (tensorflow-layers.ts), or those of a
 * predictor, which has no TensorFlow.js. Readers of layers know no other way.
 */
import type { tfl } from '../../../foundation/tensorflow.js';
import type { LayerConfig } from './layer-config.js';

export interface LayerMaker {
  /** A layer without weights, of a class of Keras, by the arguments of tf.layers. */
  layer(className: string, args: object): tfl.layers.Layer;
  /** The initializer under a key, kept for what is saved later. */
  initializer(config: LayerConfig, key: string): object | undefined;
  /** The regularizer under a key. */
  regularizer(config: LayerConfig, key: string): object | undefined;
  /** The constraint under a key. */
  constraint(config: LayerConfig, key: string): object | undefined;
}

/** How a file is read: which Keras wrote it, as keras-version.ts has it, and what is made of it. */
export interface Reading {
  kerasVersion: number;
  maker: LayerMaker;
}
