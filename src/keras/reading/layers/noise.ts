/** The layers of Keras that do something while training alone. */
import { given, type LayerReader, noWeights } from '../architecture/layer-plan.js';

export const readDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const noiseShape = config.raw('noise_shape') ?? undefined;
  const known = (size: unknown) =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  if (noiseShape !== undefined && !(Array.isArray(noiseShape) && noiseShape.every(known))) {
    config.refuse({ expected: 'must have a shape as noise_shape', received: noiseShape });
  }
  const seed = config.seed();
  const args = { ...common, rate, ...given({ noiseShape: noiseShape as number[], seed }) };
  return { masks: 'passes', make: () => config.maker.layer('Dropout', args), weights: noWeights };
};

export const readSpatialDropout1d: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const args = { ...common, rate, ...given({ seed: config.seed() }) };
  return {
    masks: 'passes',
    make: () => config.maker.layer('SpatialDropout1D', args),
    weights: noWeights,
  };
};

export const readGaussianNoise: LayerReader = (config, common) => {
  const stddev = config.number('stddev');
  if (stddev < 0) config.refuse({ expected: 'must have a stddev from 0 on', received: stddev });
  const make = () => config.maker.layer('GaussianNoise', { ...common, stddev });
  return { masks: 'passes', make, weights: noWeights };
};

export const readGaussianDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const make = () => config.maker.layer('GaussianDropout', { ...common, rate });
  return { masks: 'passes', make, weights: noWeights };
};

export const readAlphaDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  config.only('noise_shape', [null]);
  const make = () => config.maker.layer('AlphaDropout', { ...common, rate });
  return { masks: 'passes', make, weights: noWeights };
};
