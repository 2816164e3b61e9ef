/** The layers of Keras that normalize. */
import type { tfl } from '../../../foundation/tensorflow.js';
import type { LayerConfig } from '../settings/layer-config.js';
import { given, type LayerReader, numbered } from '../architecture/layer-plan.js';

/** The only axis, which Keras may write as a list. */
function onlyAxis(config: LayerConfig): number {
  const axis = config.raw('axis') ?? -1;
  const only = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (!Number.isInteger(only)) {
    config.refuse({ expected: 'must normalize along a single axis', received: axis });
  }
  return only as number;
}

/** What BatchNormalization and LayerNormalization share. */
function readNormalization(config: LayerConfig) {
  const axis = onlyAxis(config);
  const center = config.flag('center', true);
  const scale = config.flag('scale', true);
  const along = (inputShape: tfl.Shape): number[] => {
    const size = inputShape.at(axis);
    if (typeof size !== 'number') {
      config.refuse({ expected: `must have an input of known size along axis ${axis}` });
    }
    return [size];
  };
  return {
    args: {
      axis,
      center,
      scale,
      epsilon: config.number('epsilon', 1e-3),
      ...given({
        betaInitializer: config.maker.initializer(config, 'beta_initializer'),
        gammaInitializer: config.maker.initializer(config, 'gamma_initializer'),
        betaRegularizer: config.maker.regularizer(config, 'beta_regularizer'),
        gammaRegularizer: config.maker.regularizer(config, 'gamma_regularizer'),
      }),
    },
    learned: (inputShape: tfl.Shape) => [
      scale && { name: 'gamma', shape: along(inputShape) },
      center && { name: 'beta', shape: along(inputShape) },
    ],
    along,
  };
}

export const readLayerNormalization: LayerReader = (config, common) => {
  config.only('beta_constraint', [null]);
  config.only('gamma_constraint', [null]);
  const { args, learned } = readNormalization(config);
  return {
    masks: 'passes',
    make: () => config.maker.layer('LayerNormalization', { ...common, ...args }),
    weights: (inputShape) => numbered(learned(inputShape)),
  };
};

export const readBatchNormalization: LayerReader = (config, common) => {
  const { args, learned, along } = readNormalization(config);
  const own = given({
    betaConstraint: config.maker.constraint(config, 'beta_constraint'),
    gammaConstraint: config.maker.constraint(config, 'gamma_constraint'),
    movingMeanInitializer: config.maker.initializer(config, 'moving_mean_initializer'),
    movingVarianceInitializer: config.maker.initializer(config, 'moving_variance_initializer'),
  });
  const momentum = config.number('momentum', 0.99);
  return {
    masks: 'passes',
    make: () => config.maker.layer('BatchNormalization', { ...common, ...args, ...own, momentum }),
    weights: (inputShape) =>
      numbered([
        ...learned(inputShape),
        { name: 'moving_mean', shape: along(inputShape), trained: false },
        { name: 'moving_variance', shape: along(inputShape), trained: false },
      ]),
  };
};
