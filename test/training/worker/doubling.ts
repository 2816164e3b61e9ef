import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** A layer of a user: what goes in, twice. */
export class Doubling extends tfl.layers.Layer {
  static get className(): string {
    return 'Doubling';
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([inputs].flat()[0]!, 2);
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }
}
