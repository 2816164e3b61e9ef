import { beforeAll, describe, expect, it } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import type { DropoutLayerArgs } from '../../../src/layers/core/dropout.js';
import { BACKENDS, inTidy, useBackend } from '../../kernels/kernels.js';

const apply = (layer: tfl.layers.Layer, shape: number[], training: boolean) =>
  inTidy(() =>
    (layer.apply(tf.ones(shape), { training }) as tf.Tensor).dataSync<'float32'>().slice(),
  );

const masks = (args: DropoutLayerArgs, calls = 3) => {
  const layer = layers.dropout(args);
  return Array.from({ length: calls }, () => apply(layer, [6, 50], true));
};

describe.each(BACKENDS)('layers.dropout on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('changes nothing but while training', () => {
    const layer = layers.dropout({ rate: 0.5 });
    expect(new Set(apply(layer, [6, 50], false))).toEqual(new Set([1]));
    expect(new Set(apply(layer, [6, 50], true))).toEqual(new Set([0, 2]));
    expect(new Set(apply(layers.dropout({ rate: 0 }), [6, 50], true))).toEqual(new Set([1]));
  });

  it('repeats its sequence of masks with a seed; no two masks of it are alike', () => {
    const [first, ...others] = masks({ rate: 0.5, seed: 4 });
    expect(masks({ rate: 0.5, seed: 4 })).toEqual([first, ...others]);
    for (const other of others) expect(other).not.toEqual(first);
    expect(masks({ rate: 0.5, seed: 5 })[0]).not.toEqual(first);
    expect(masks({ rate: 0.5 })[0]).not.toEqual(masks({ rate: 0.5 })[0]);
  });

  it('has the same masks by the fused kernel and by operations', () => {
    const [fused, composed] = (['fused', 'composed'] as const).map((kernel) =>
      masks({ rate: 0.3, seed: 2, kernel }),
    );
    expect(fused).toEqual(composed);
  });

  it('drops along the axes that a noiseShape leaves, the same for the others', () => {
    const layer = layers.dropout({ rate: 0.5, noiseShape: [1, 1, 40], seed: 1 });
    const values = apply(layer, [3, 5, 40], true);
    const first = values.subarray(0, 40);
    expect(new Set(first)).toEqual(new Set([0, 2]));
    for (let row = 1; row < 15; row++)
      expect(values.subarray(40 * row, 40 * row + 40)).toEqual(first);
  });

  it('goes on with its sequence where randomState is put back', () => {
    const layer = layers.dropout({ rate: 0.5 }) as tfl.layers.Layer & { randomState: number };
    apply(layer, [6, 50], true);
    const state = layer.randomState;
    const next = apply(layer, [6, 50], true);
    layer.randomState = state;
    expect(apply(layer, [6, 50], true)).toEqual(next);
  });

  it('hands a gradient to what it kept, and only to that', () => {
    const layer = layers.dropout({ rate: 0.5, seed: 8 });
    const [output, gradient] = inTidy(() => {
      let kept: Float32Array | undefined;
      const gradients = tf.grad((x) => {
        const y = layer.apply(x, { training: true }) as tf.Tensor;
        kept = y.dataSync<'float32'>().slice();
        return tf.sum(y);
      })(tf.ones([6, 50]));
      return [kept!, gradients.dataSync<'float32'>().slice()];
    });
    expect(gradient).toEqual(output);
  });
});
