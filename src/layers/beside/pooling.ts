/** Pooling over time. */
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { globalPool, globalPoolGradient } from '../../kernels/pooling/global-pool.js';
import type { GlobalPoolMode } from '../../kernels/pooling/global-pool-forward.js';
import { pool1d, pool1dGradient } from '../../kernels/pooling/pool1d.js';
import type { Pool1dSettings } from '../../kernels/pooling/pool1d-forward.js';
import { type Given, singleCall } from '../training-call.js';
import { type LayerKernel, onlyInput } from './layer-kernel.js';

interface Pooling {
  poolSize: number[];
  strides: number[];
  padding: 'valid' | 'same';
}

const pooling = (mode: Pool1dSettings['mode'], make: LayerKernel['make']): LayerKernel => ({
  make,
  call({ poolSize, strides, padding }: Pooling, given: Given) {
    const x = onlyInput(given, 3) as tf.Tensor3D | undefined;
    const settings = { mode, size: poolSize[0]!, strides: strides[0]!, padding };
    if (!x || (padding === 'valid' && x.shape[1] < settings.size)) return null;
    return singleCall(pool1d(x, settings), (dy) => ({ input: pool1dGradient(x, settings, dy) }));
  },
});

export const MAX_POOLING = pooling('max', (name) => tfl.layers.maxPooling1d({ name, poolSize: 2 }));

export const AVERAGE_POOLING = pooling('average', (name) =>
  tfl.layers.averagePooling1d({ name, poolSize: 2 }),
);

/** Only layers that are told a rule heed masks, as those of Keras do. */
interface GlobalPooling {
  maskRule?: unknown;
}

const globalPooling = (mode: GlobalPoolMode, make: LayerKernel['make']): LayerKernel => ({
  make,
  call({ maskRule = null }: GlobalPooling, given: Given) {
    const x = onlyInput(given, 3) as tf.Tensor3D | undefined;
    if (!x) return null;
    const mask = maskRule === null ? null : ([given.mask].flat()[0] ?? null);
    const inputs = { x, ...(mask && { mask: mask as tf.Tensor2D }) };
    return singleCall(globalPool(inputs, mode), (dy) => ({
      input: globalPoolGradient(inputs, mode, dy),
    }));
  },
});

export const GLOBAL_MAX_POOLING = globalPooling('max', (name) =>
  tfl.layers.globalMaxPooling1d({ name }),
);

export const GLOBAL_AVERAGE_POOLING = globalPooling('average', (name) =>
  tfl.layers.globalAveragePooling1d({ name }),
);
