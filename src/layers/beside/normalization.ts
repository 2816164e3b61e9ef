/** Layer and batch normalization. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { normalize, normalizeGradients } from '../../kernels/normalization/normalize.js';
import type { NormalizeSettings } from '../../kernels/normalization/normalize-forward.js';
import { type Given, singleCall } from '../training-call.js';
import { type LayerKernel, onlyInput, type Weight } from './layer-kernel.js';

interface Normalization {
  gamma?: Weight | null;
  beta?: Weight | null;
  epsilon: number;
}

interface BatchNormalization extends Normalization {
  axis: number;
  momentum: number;
  movingMean: MovingAverage;
  movingVariance: MovingAverage;
}

interface MovingAverage {
  read(): tf.Tensor;
  write(value: tf.Tensor): void;
}

function normalized(
  x: tf.Tensor,
  { gamma, beta, epsilon }: Normalization,
  over: NormalizeSettings['over'],
) {
  const [scales, shifts] = [gamma?.read(), beta?.read()] as (tf.Variable<tf.Rank.R1> | undefined)[];
  const settings = { over, epsilon };
  const inputs = { x, ...(scales && { gamma: scales }), ...(shifts && { beta: shifts }) };
  const { y, mean, variance } = normalize(inputs, settings);
  const call = singleCall(y, (dy) => {
    const d = normalizeGradients(inputs, settings, dy);
    const weights: Record<string, tf.Tensor> = {};
    if (scales) weights[scales.name] = d.gamma!;
    if (shifts) weights[shifts.name] = d.beta!;
    return { input: d.x, weights };
  });
  return { call, mean, variance };
}

const isLast = (axis: number, { rank }: tf.Tensor) => axis === -1 || axis === rank - 1;

export const LAYER_NORMALIZATION: LayerKernel = {
  make: (name) => tfl.layers.layerNormalization({ name }),
  call(layer: Normalization & { axis: number | number[] }, given: Given) {
    const x = onlyInput(given);
    const axes = [layer.axis].flat();
    if (!x || x.rank < 2 || axes.length !== 1 || !isLast(axes[0]!, x)) return null;
    return normalized(x, layer, 'rows').call;
  },
};

export const BATCH_NORMALIZATION: LayerKernel = {
  make: (name) => tfl.layers.batchNormalization({ name }),
  call(layer: BatchNormalization, given: Given, training: boolean) {
    const x = onlyInput(given);
    // Where it predicts, that of tf.layers is no slower.
    if (!training || !x || x.rank < 2 || !isLast(layer.axis, x)) return null;
    const { call, mean, variance } = normalized(x, layer, 'columns');
    moveTowards(layer.movingMean, mean, layer.momentum);
    moveTowards(layer.movingVariance, variance, layer.momentum);
    return call;
  },
};

/** In the operations of tf.layers, and so to the bit. */
function moveTowards(average: MovingAverage, value: tf.Tensor, momentum: number): void {
  tf.tidy(() => {
    const before = average.read();
    average.write(tf.sub(before, tf.mul(tf.sub(before, value), 1 - momentum)));
  });
}
