/** Reshape and Flatten of tf.layers, with the shapes that those of Keras can have. */
import { tfl } from '../../foundation/tensorflow.js';
import { classOf, type LayerClass } from '../stock.js';
import { once } from './once.js';

type Layer = tfl.layers.Layer;

interface ReshapeArgs {
  targetShape: (number | null)[];
}

/** `tf.layers.reshape`, whose open size is known as soon as it follows from the others. */
export const ReshapeLayer = once((): LayerClass<ReshapeArgs, tfl.layers.Layer> => {
  const Stock = classOf<ReshapeArgs, ReshapeArgs>(tfl.layers.reshape, { targetShape: [1] });
  return class Reshape extends Stock {
    constructor({ targetShape, ...args }: ReshapeArgs) {
      super({ ...args, targetShape: [...targetShape] });
    }

    override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
      const [batch = null, ...sizes] = inputShape;
      const target = this.targetShape;
      if (sizes.includes(null)) return [batch, ...target];
      const values = product(sizes as number[]);
      const known = product(target.filter((size) => size !== null));
      const fits = target.includes(null) ? values % known === 0 : values === known;
      if (!fits) throw new Error(`${values} values do not fit into [${target}]`);
      return [batch, ...target.map((size) => size ?? values / known)];
    }
  } as unknown as LayerClass<ReshapeArgs, tfl.layers.Layer>;
});

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

/** `tf.layers.flatten`, which leaves what is flat as it is. */
export const FlattenLayer = once((): LayerClass<object, tfl.layers.Layer> => {
  const Stock = classOf<object, object>(tfl.layers.flatten, {});
  return class Flatten extends Stock {
    constructor(args: object) {
      super(args);
      this.inputSpec = [{ minNDim: 2 }] as never;
    }
  } as unknown as LayerClass<object, tfl.layers.Layer>;
});

/** The classes of this file. */
export function reshapeLayers(): LayerClass<never, Layer>[] {
  return [ReshapeLayer(), FlattenLayer()] as unknown as LayerClass<never, Layer>[];
}
