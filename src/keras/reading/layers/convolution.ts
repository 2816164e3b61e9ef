/** The convolutions of Keras. */
import type { LayerConfig } from '../settings/layer-config.js';
import { features, given, type LayerReader, numbered } from '../architecture/layer-plan.js';
import { CHANNELS_LAST, readWeighted } from './weighted.js';

type Padding = 'valid' | 'same' | 'causal';

/** How the windows of a convolution lie. */
function readWindows(config: LayerConfig, dimensions: 1 | 2, paddings: readonly Padding[]) {
  config.only('data_format', CHANNELS_LAST);
  config.only('groups', [1]);
  const counts = (key: string, byDefault?: number) =>
    dimensions === 1
      ? [config.countOrList(key, byDefault)]
      : config.pair(key, byDefault === undefined ? undefined : [byDefault, byDefault]);
  const windows = {
    kernelSize: counts('kernel_size'),
    strides: counts('strides', 1),
    padding: config.choice('padding', paddings, 'valid'),
    dilationRate: counts('dilation_rate', 1),
  };
  const isWide = (sizes: number[]) => sizes.some((size) => size > 1);
  if (isWide(windows.strides) && isWide(windows.dilationRate)) {
    config.refuse({ expected: 'must not have strides and a dilation_rate, as in Keras' });
  }
  return windows;
}

/** Conv1D and Conv2D. */
const convolution =
  (dimensions: 1 | 2, paddings: readonly Padding[], className: string): LayerReader =>
  (config, common) => {
    const filters = config.count('filters');
    const windows = readWindows(config, dimensions, paddings);
    const { args, useBias, hardSigmoid } = readWeighted(config);
    const all = { ...common, ...args, ...windows, filters, useBias };
    return {
      masks: 'ignores',
      make: () => config.maker.layer(className, all),
      weights(inputShape) {
        const shape = [...windows.kernelSize, features(config, inputShape), filters];
        const kernel = { name: 'kernel', shape, hardSigmoid };
        return numbered([kernel, useBias && { name: 'bias', shape: [filters], hardSigmoid }]);
      },
    };
  };

export const readConv1d = convolution(1, ['valid', 'same', 'causal'], 'Conv1D');
export const readConv2d = convolution(2, ['valid', 'same'], 'Conv2D');

/** One of the kernels of a convolution in parts. */
function readKernel(config: LayerConfig, name: 'depthwise' | 'pointwise') {
  return given({
    [`${name}Initializer`]: config.maker.initializer(config, `${name}_initializer`),
    [`${name}Regularizer`]: config.maker.regularizer(config, `${name}_regularizer`),
    [`${name}Constraint`]: config.maker.constraint(config, `${name}_constraint`),
  });
}

const separable =
  (dimensions: 1 | 2, className: string): LayerReader =>
  (config, common) => {
    const filters = config.count('filters');
    const depthMultiplier = config.count('depth_multiplier', 1);
    const windows = readWindows(config, dimensions, ['valid', 'same']);
    const { args, useBias } = readWeighted(config, false);
    const kernels = { ...readKernel(config, 'depthwise'), ...readKernel(config, 'pointwise') };
    const own = { filters, depthMultiplier, useBias };
    const all = { ...common, ...args, ...kernels, ...windows, ...own };
    return {
      masks: 'ignores',
      make: () => config.maker.layer(className, all),
      weights(inputShape) {
        const channels = features(config, inputShape);
        const ones = windows.kernelSize.map(() => 1);
        return numbered([
          { name: 'depthwise_kernel', shape: [...windows.kernelSize, channels, depthMultiplier] },
          { name: 'pointwise_kernel', shape: [...ones, channels * depthMultiplier, filters] },
          useBias && { name: 'bias', shape: [filters] },
        ]);
      },
    };
  };

export const readSeparableConv1d = separable(1, 'SeparableConv1D');
export const readSeparableConv2d = separable(2, 'SeparableConv2D');

export const readDepthwiseConv2d: LayerReader = (config, common) => {
  const depthMultiplier = config.count('depth_multiplier', 1);
  const windows = readWindows(config, 2, ['valid', 'same']);
  const { args, useBias } = readWeighted(config, false);
  const kernel = readKernel(config, 'depthwise');
  const all = { ...common, ...args, ...kernel, ...windows, depthMultiplier, useBias };
  return {
    masks: 'ignores',
    make: () => config.maker.layer('DepthwiseConv2D', all),
    weights(inputShape) {
      const channels = features(config, inputShape);
      return numbered([
        { name: 'depthwise_kernel', shape: [...windows.kernelSize, channels, depthMultiplier] },
        useBias && { name: 'bias', shape: [channels * depthMultiplier] },
      ]);
    },
  };
};
