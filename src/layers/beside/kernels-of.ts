/** Which layers are computed by kernels of ours: our own, and those of tf.layers beside them. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { DENSE } from '../core/dense.js';
import { Conv1dLayer } from '../keras-only/convolution.js';
import { FollowerLayer, type FollowerName } from '../masks/mask-rule.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';
import { CONV1D } from './convolution.js';
import type { LayerKernel } from './layer-kernel.js';
import { ADD, AVERAGE, CONCATENATE, MULTIPLY, subtractKernel } from './merges.js';
import { BATCH_NORMALIZATION, LAYER_NORMALIZATION } from './normalization.js';
import {
  AVERAGE_POOLING,
  GLOBAL_AVERAGE_POOLING,
  GLOBAL_MAX_POOLING,
  MAX_POOLING,
} from './pooling.js';
import { ACTIVATION, FLATTEN, REPEAT_VECTOR, RESHAPE } from './shapes.js';
import { timeDistributed } from './time-distributed.js';

type Layer = tfl.layers.Layer;

/**
 * The call of a layer by kernels, with its gradient; null where it has none. For a caller that asks for
 * the gradient or releases the call.
 */
export function callByKernels(layer: Layer, given: Given, training: boolean): TrainingCall | null {
  if (!isUntouched(layer) || given.values.some(({ size }) => size === 0)) return null;
  if (!hasOwnCall(layer)) return kernelOf(layer)?.call(layer as never, given, training) ?? null;
  return layer.hasTrainingCall(given) ? layer.trainingCall(given) : null;
}

/**
 * The outputs of a layer of tf.layers by kernels, where no gradient is recorded; null where it has none.
 * Our own layers have kernels in their `call`.
 */
export function computeByKernels(layer: Layer, given: Given): tf.Tensor[] | null {
  if (hasOwnCall(layer) || !fusedAvailable() || tf.engine().isTapeOn()) return null;
  return callByKernels(layer, given, false)?.outputs ?? null;
}

function hasOwnCall(layer: Layer): layer is Layer & TrainsByCall {
  return 'trainingCall' in layer;
}

/** Whether a layer would be called as it is: nobody hooks into its calls. */
export function isUntouched(layer: Layer): boolean {
  const { _callHook } = layer as unknown as { _callHook: unknown };
  return _callHook === null && !Object.hasOwn(layer, 'call') && !Object.hasOwn(layer, 'apply');
}

const STOCK: readonly LayerKernel[] = [
  ...[ACTIVATION, FLATTEN, RESHAPE, REPEAT_VECTOR],
  ...[ADD, AVERAGE, CONCATENATE, MULTIPLY],
  ...[AVERAGE_POOLING, GLOBAL_AVERAGE_POOLING, GLOBAL_MAX_POOLING, MAX_POOLING],
  ...[CONV1D, DENSE, BATCH_NORMALIZATION, LAYER_NORMALIZATION],
  timeDistributed(callByKernels),
];

const FOLLOWERS: Partial<Record<FollowerName, LayerKernel>> = {
  Add: ADD,
  Average: AVERAGE,
  Concatenate: CONCATENATE,
  GlobalAveragePooling1D: GLOBAL_AVERAGE_POOLING,
  GlobalMaxPooling1D: GLOBAL_MAX_POOLING,
  Multiply: MULTIPLY,
  Subtract: subtractKernel(() => new (FollowerLayer('Subtract'))({})),
};

// What a class computes with; some share a `call`.
const METHODS = ['call', 'mergeFunction', 'poolingFunction'] as const;

type Methods = Partial<Record<(typeof METHODS)[number], unknown>>;

let classes: { prototype: Layer; kernel: LayerKernel }[] | undefined;

const known = new WeakMap<object, { kernel: LayerKernel | undefined }>();

/** The kernels of a layer, whose class computes as that of tf.layers; one of somebody's own has none. */
function kernelOf(layer: Layer): LayerKernel | undefined {
  const prototype = Object.getPrototypeOf(layer) as Layer;
  const before = known.get(prototype);
  if (before) return before.kernel;
  classes ??= classesWithKernels();
  const found = classes.find(
    (one) =>
      Object.prototype.isPrototypeOf.call(one.prototype, layer) &&
      METHODS.every((name) => (one.prototype as Methods)[name] === (prototype as Methods)[name]),
  );
  known.set(prototype, { kernel: found?.kernel });
  return found?.kernel;
}

function classesWithKernels() {
  const stock = STOCK.map((kernel) => {
    return { prototype: Object.getPrototypeOf(kernel.make('kernels')) as Layer, kernel };
  });
  const followers = Object.entries(FOLLOWERS).map(([name, kernel]) => {
    const { prototype } = FollowerLayer(name as FollowerName) as unknown as { prototype: Layer };
    return { prototype, kernel };
  });
  const { prototype: conv1d } = Conv1dLayer() as unknown as { prototype: Layer };
  return [...stock, ...followers, { prototype: conv1d, kernel: CONV1D }];
}
