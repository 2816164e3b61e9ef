/** Layers of two inputs that tf.layers lacks or has in part. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { classOf, type LayerClass } from '../stock.js';
import { once } from './once.js';

type Layer = tfl.layers.Layer;

/** The first input less the second: the class is that of `tf.layers.add` with another sign. */
export const SubtractLayer = once((): LayerClass<object, tfl.layers.Layer> => {
  const Add = classOf<object, object>(tfl.layers.add as never, {});
  return class Subtract extends Add {
    static override readonly className: string = 'Subtract';

    mergeFunction(inputs: tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => tf.sub(inputs[0]!, inputs[1]!));
    }
  } as unknown as LayerClass<object, tfl.layers.Layer>;
});

type DotArgs = Parameters<typeof tfl.layers.dot>[0];

/** `tf.layers.dot` with axes that are counted from the end. */
export const DotLayer = once((): LayerClass<DotArgs, tfl.layers.Layer> => {
  const Stock = classOf<DotArgs, { axes: number | [number, number] }>(tfl.layers.dot, { axes: 1 });
  return class Dot extends Stock {
    /** The axes of both inputs, counted from the batch. */
    interpretAxes(first: tfl.Shape, second: tfl.Shape): [number, number] {
      const [a, b] = Array.isArray(this.axes) ? this.axes : [this.axes, this.axes];
      const axes: [number, number] = [counted(a, first), counted(b, second)];
      if (axes.some((axis) => axis < 1)) throw new Error('the axes must be behind the batch');
      return axes;
    }
  } as unknown as LayerClass<DotArgs, tfl.layers.Layer>;
});

function counted(axis: number, { length }: tfl.Shape): number {
  return axis < 0 ? axis + length : axis;
}

/** The classes of this file; Subtract is among those that follow masks. */
export function mergeLayers(): LayerClass<never, Layer>[] {
  return [DotLayer()] as unknown as LayerClass<never, Layer>[];
}
