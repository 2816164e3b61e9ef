/** Convolutions with what Keras has and those of tf.layers lack. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { applyActivation } from '../core/apply-activation.js';
import { classOf, type LayerClass, onlyTensor } from '../stock.js';
import { once } from './once.js';

type Layer = tfl.layers.Layer;
type Tensors = tf.Tensor | tf.Tensor[];
type Weight = { read(): tf.Tensor };
type Activation = { apply(x: tf.Tensor): tf.Tensor; getClassName(): string };
type Serializable = tf.serialization.Serializable;
type ConfigDict = tf.serialization.ConfigDict;

/** What convolutions have in common, as far as we use it. */
interface Convolution {
  kernelSize: number[];
  strides: number[];
  dilationRate: number[];
  padding: 'valid' | 'same' | 'causal';
  dataFormat: 'channelsFirst' | 'channelsLast';
  activation: Activation | null;
  bias: Weight | null;
  getConfig(): ConfigDict;
}

function finish({ bias, activation }: Convolution, product: tf.Tensor): tf.Tensor {
  const sum = bias ? tf.add(product, bias.read()) : product;
  return activation ? applyActivation(activation, sum) : sum;
}

type Conv1dArgs = Parameters<typeof tfl.layers.conv1d>[0];

/** `tf.layers.conv1d` with causal padding: a step of the output sees no later step of the input. */
export const Conv1dLayer = once((): LayerClass<Conv1dArgs, tfl.layers.Layer> => {
  const Stock = classOf<Conv1dArgs, Convolution & { kernel: Weight }>(tfl.layers.conv1d, {
    filters: 1,
    kernelSize: 1,
  });
  return class Conv1D extends Stock {
    override call(inputs: Tensors, kwargs: Parameters<Layer['call']>[1]): Tensors {
      if (this.padding !== 'causal') return super.call(inputs, kwargs);
      const x = onlyTensor('Conv1D', inputs) as tf.Tensor3D;
      const [stride, dilation, size] = [
        this.strides[0]!,
        this.dilationRate[0]!,
        this.kernelSize[0]!,
      ];
      return tf.tidy(() => {
        const padded = tf.pad3d(x, [[0, 0], [dilation * (size - 1), 0], [0, 0]]); // biome-ignore format: short
        const kernel = this.kernel.read() as tf.Tensor3D;
        return finish(this, tf.conv1d(padded, kernel, stride, 'valid', 'NWC', dilation));
      });
    }

    override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
      const shape = super.computeOutputShape(inputShape) as tfl.Shape;
      const [batch = null, time = null] = inputShape;
      if (this.padding !== 'causal' || time === null) return shape;
      return [batch, Math.ceil(time / this.strides[0]!), shape[2]!];
    }
  } as unknown as LayerClass<Conv1dArgs, tfl.layers.Layer>;
});

type DepthwiseArgs = Parameters<typeof tfl.layers.depthwiseConv2d>[0];

interface Depthwise extends Convolution {
  depthwiseKernel: Weight;
  depthMultiplier: number;
  depthwiseConstraint: Serializable | null;
}

/** `tf.layers.depthwiseConv2d`, which forgets its dilation and saves a regularizer as its constraint. */
export const DepthwiseConv2dLayer = once((): LayerClass<DepthwiseArgs, tfl.layers.Layer> => {
  const Stock = classOf<DepthwiseArgs, Depthwise>(tfl.layers.depthwiseConv2d, { kernelSize: 1 });
  return class DepthwiseConv2D extends Stock {
    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('DepthwiseConv2D', inputs) as tf.Tensor4D;
      const { strides, padding, dilationRate } = this;
      return tf.tidy(() => {
        const kernel = this.depthwiseKernel.read() as tf.Tensor4D;
        const product = tf.depthwiseConv2d(
          x,
          kernel,
          strides as [number, number],
          padding as 'same',
          'NHWC',
          dilationRate as [number, number],
        );
        return finish(this, product);
      });
    }

    override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
      const lengths = [height, width].map((size, axis) => windows(this, size ?? null, axis));
      return [batch!, ...lengths, channels! * this.depthMultiplier];
    }

    override getConfig(): ConfigDict {
      return { ...super.getConfig(), depthwiseConstraint: saved(this.depthwiseConstraint) };
    }
  } as unknown as LayerClass<DepthwiseArgs, tfl.layers.Layer>;
});

/** How many windows fit along an axis. */
function windows(
  { kernelSize, dilationRate, ...layer }: Convolution,
  size: number | null,
  axis: number,
) {
  if (size === null) return null;
  const span = layer.padding === 'valid' ? dilationRate[axis]! * (kernelSize[axis]! - 1) : 0;
  return Math.ceil((size - span) / layer.strides[axis]!);
}

function saved(object: Serializable | null): ConfigDict | null {
  return object && { className: object.getClassName(), config: object.getConfig() };
}

type SeparableArgs = Parameters<typeof tfl.layers.separableConv2d>[0] & {
  pointwiseInitializer?: Serializable;
};

interface Separable extends Convolution {
  depthMultiplier: number;
  depthwiseKernel: Weight;
  pointwiseKernel: Weight;
  pointwiseInitializer: Serializable;
}

type SeparableClass = LayerClass<SeparableArgs, Separable>;

const stockSeparable = once(() =>
  classOf<SeparableArgs, Separable>(tfl.layers.separableConv2d, { filters: 1, kernelSize: 1 }),
);

/** `tf.layers.separableConv2d`, which takes one initializer for both kernels and does not save all. */
export const SeparableConv2dLayer = once((): SeparableClass => {
  return class SeparableConv2D extends stockSeparable() {
    constructor(args: SeparableArgs) {
      super(args);
      if (args.pointwiseInitializer) this.pointwiseInitializer = args.pointwiseInitializer;
    }

    override getConfig(): ConfigDict {
      return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
    }
  } as unknown as SeparableClass;
});

/** The separable convolution over steps, whose class tf.layers keeps to itself and does not finish. */
export const SeparableConv1dLayer = once((): SeparableClass => {
  const Stock2d = Object.getPrototypeOf(stockSeparable()) as { prototype: object };
  const Base = Object.getPrototypeOf(Stock2d.prototype).constructor as new (
    rank: number,
    args: SeparableArgs,
  ) => Layer & Separable;
  class SeparableConv1D extends Base {
    static readonly className = 'SeparableConv1D';

    constructor(args: SeparableArgs) {
      super(1, args);
      if (args.pointwiseInitializer) this.pointwiseInitializer = args.pointwiseInitializer;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('SeparableConv1D', inputs); // [batch, time, channels]
      const [stride, dilation] = [this.strides[0]!, this.dilationRate[0]!];
      return tf.tidy(() => {
        const product = tf.separableConv2d(
          tf.expandDims(x, 1) as tf.Tensor4D,
          tf.expandDims(this.depthwiseKernel.read(), 0) as tf.Tensor4D,
          tf.expandDims(this.pointwiseKernel.read(), 0) as tf.Tensor4D,
          [stride, stride],
          this.padding as 'same',
          [1, dilation],
        );
        return finish(this, tf.squeeze(product, [1]));
      });
    }

    override getConfig(): ConfigDict {
      return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
    }
  }
  return SeparableConv1D as unknown as SeparableClass;
});

/** The classes of this file. */
export function convolutionLayers(): LayerClass<never, Layer>[] {
  const two = [Conv1dLayer(), DepthwiseConv2dLayer()];
  const separable = [SeparableConv1dLayer(), SeparableConv2dLayer()];
  return [...two, ...separable] as unknown as LayerClass<never, Layer>[];
}
