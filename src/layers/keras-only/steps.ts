/** Layers that pad, crop and repeat along an axis, which Keras has and tf.layers lacks. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { classOf, type LayerClass, onlyTensor } from '../stock.js';
import { once } from './once.js';

type Layer = tfl.layers.Layer;
type LayerArgs = ConstructorParameters<typeof tfl.layers.Layer>[0];
type Tensors = tf.Tensor | tf.Tensor[];

/** Steps at the beginning and at the end. */
export type Ends = [before: number, after: number];

/** What a layer from [batch, time, columns] to other steps of the same columns does. */
interface StepsRule<Name extends string, Setting> {
  className: string;
  /** The name of its only setting. */
  setting: Name;
  steps(x: tf.Tensor3D, setting: Setting): tf.Tensor;
  /** How many steps come out of so many. */
  count(time: number, setting: Setting): number;
}

type StepsArgs<Name extends string, Setting> = LayerArgs & { [key in Name]: Setting };

function stepsLayer<Name extends string, Setting extends number | number[]>(
  rule: StepsRule<Name, Setting>,
): new (
  args: StepsArgs<Name, Setting>,
) => Layer {
  return class extends tfl.layers.Layer {
    static readonly className = rule.className;
    readonly setting: Setting;

    constructor({ [rule.setting]: setting, ...args }: StepsArgs<Name, Setting>) {
      super(args);
      this.setting = setting as Setting;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor(rule.className, inputs) as tf.Tensor3D;
      return tf.tidy(() => rule.steps(x, this.setting));
    }

    override computeOutputShape(shape: tfl.Shape): tfl.Shape {
      const [batch = null, time = null, columns = null] = shape;
      return [batch, time === null ? null : rule.count(time, this.setting), columns];
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), [rule.setting]: this.setting };
    }
  };
}

export const ZeroPadding1dLayer = once(() =>
  stepsLayer<'padding', Ends>({
    className: 'ZeroPadding1D',
    setting: 'padding',
    steps: (x, ends) => tf.pad3d(x, [[0, 0], ends, [0, 0]]),
    count: (time, [before, after]) => time + before + after,
  }),
);

export const Cropping1dLayer = once(() =>
  stepsLayer<'cropping', Ends>({
    className: 'Cropping1D',
    setting: 'cropping',
    steps: (x, [before, after]) => tf.slice(x, [0, before], [-1, x.shape[1] - before - after]),
    count: (time, [before, after]) => time - before - after,
  }),
);

export const UpSampling1dLayer = once(() =>
  stepsLayer<'size', number>({
    className: 'UpSampling1D',
    setting: 'size',
    steps(x, size) {
      const [batch, time, columns] = x.shape;
      const repeated = tf.tile(tf.expandDims(x, 2), [1, 1, size, 1]);
      return tf.reshape(repeated, [batch, time * size, columns]);
    },
    count: (time, size) => time * size,
  }),
);

type CroppingArgs = Parameters<typeof tfl.layers.cropping2D>[0];

/** `tf.layers.cropping2D`, also of a size that is open. */
export const Cropping2dLayer = once((): LayerClass<CroppingArgs, tfl.layers.Layer> => {
  const Stock = classOf<CroppingArgs, { cropping: [Ends, Ends] }>(tfl.layers.cropping2D, {
    cropping: 1,
  });
  return class Cropping2D extends Stock {
    override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
      const left = (size: number | null | undefined, [before, after]: Ends) =>
        size == null ? null : size - before - after;
      const [rows, columns] = this.cropping;
      return [batch!, left(height, rows), left(width, columns), channels!];
    }
  } as unknown as LayerClass<CroppingArgs, tfl.layers.Layer>;
});

/** The classes of this file. */
export function stepsLayers(): LayerClass<never, Layer>[] {
  const steps = [ZeroPadding1dLayer(), Cropping1dLayer(), UpSampling1dLayer()];
  return [...steps, Cropping2dLayer()] as unknown as LayerClass<never, Layer>[];
}
