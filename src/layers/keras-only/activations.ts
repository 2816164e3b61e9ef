/** Layers that are an activation, with the settings of Keras that those of tf.layers lack. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { classOf, type LayerClass, onlyTensor } from '../stock.js';
import { once } from './once.js';

type Layer = tfl.layers.Layer;
type Tensors = tf.Tensor | tf.Tensor[];

interface EluArgs {
  alpha?: number;
}

/** x, or alpha·(e^x - 1) below 0: that of tf.layers takes no alpha but 1. */
export const EluLayer = once((): LayerClass<EluArgs, tfl.layers.Layer> => {
  const Stock = classOf<object, { alpha: number }>(tfl.layers.elu, {});
  return class ELU extends Stock {
    constructor({ alpha = 1, ...args }: EluArgs) {
      super(args);
      this.alpha = alpha;
      this.supportsMasking = true;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('ELU', inputs);
      return tf.tidy(() => tf.add(tf.mul(tf.elu(tf.minimum(x, 0)), this.alpha), tf.relu(x)));
    }
  } as unknown as LayerClass<EluArgs, tfl.layers.Layer>;
});

interface ReluArgs {
  maxValue?: number | null;
  negativeSlope?: number;
  threshold?: number;
}

/** `tf.layers.reLU` with a slope below a threshold. */
export const ReluLayer = once((): LayerClass<ReluArgs, tfl.layers.Layer> => {
  const Stock = classOf<object, { maxValue?: number }>(tfl.layers.reLU, {});
  return class ReLU extends Stock {
    readonly negativeSlope: number;
    readonly threshold: number;

    constructor({ negativeSlope = 0, threshold = 0, maxValue, ...args }: ReluArgs) {
      super({ ...args, ...(typeof maxValue === 'number' && { maxValue }) });
      this.negativeSlope = negativeSlope;
      this.threshold = threshold;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('ReLU', inputs);
      const { maxValue, negativeSlope: slope, threshold } = this;
      return tf.tidy(() => {
        const above = threshold === 0 ? tf.relu(x) : tf.mul(x, tf.cast(tf.greater(x, threshold), 'float32')); // biome-ignore format: short
        const clipped = maxValue == null ? above : tf.clipByValue(above, 0, maxValue);
        return slope === 0
          ? clipped
          : tf.sub(clipped, tf.mul(tf.relu(tf.sub(threshold, x)), slope));
      });
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { negativeSlope, threshold } = this;
      return { ...super.getConfig(), negativeSlope, threshold };
    }
  } as unknown as LayerClass<ReluArgs, tfl.layers.Layer>;
});

type PreluArgs = Parameters<typeof tfl.layers.prelu>[0] & object;

/**
 * x, or alpha·x below 0. TensorFlow.js's kernel for wasm takes a learned alpha for one of the last
 * axis, whatever axes share it.
 */
export const PreluLayer = once((): LayerClass<PreluArgs, tfl.layers.Layer> => {
  const Stock = classOf<PreluArgs, { alpha: { read(): tf.Tensor } }>(tfl.layers.prelu, {});
  return class PReLU extends Stock {
    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('PReLU', inputs);
      return tf.tidy(() => tf.sub(tf.relu(x), tf.mul(this.alpha.read(), tf.relu(tf.neg(x)))));
    }
  } as unknown as LayerClass<PreluArgs, tfl.layers.Layer>;
});

interface SoftmaxArgs {
  axis?: number | number[];
}

/** A softmax over any axis or several: TensorFlow.js has it for the last one. */
export const SoftmaxLayer = once((): LayerClass<SoftmaxArgs, tfl.layers.Layer> => {
  const Stock = classOf<SoftmaxArgs, { axis: number | number[] }>(tfl.layers.softmax, {});
  return class Softmax extends Stock {
    constructor(args: SoftmaxArgs) {
      super({ axis: -1, ...args });
      this.supportsMasking = true;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('Softmax', inputs);
      const axes = [this.axis].flat().map((axis) => (axis < 0 ? x.rank + axis : axis));
      return tf.tidy(() => {
        if (axes.length === 1 && axes[0] === x.rank - 1) return tf.softmax(x);
        const powers = tf.exp(tf.sub(x, tf.max(x, axes, true)));
        return tf.div(powers, tf.sum(powers, axes, true));
      });
    }
  } as unknown as LayerClass<SoftmaxArgs, tfl.layers.Layer>;
});

/** The classes of this file. */
export function activationLayers(): LayerClass<never, Layer>[] {
  const made = [EluLayer(), ReluLayer(), PreluLayer(), SoftmaxLayer()];
  return made as unknown as LayerClass<never, Layer>[];
}
