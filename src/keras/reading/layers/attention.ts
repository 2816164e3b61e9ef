/** The layers of attention. */
import type { LayerConfig } from '../settings/layer-config.js';
import { features, given, type LayerReader, numbered } from '../architecture/layer-plan.js';

function readCommon(config: LayerConfig, scaledByDefault: boolean) {
  const useScale = config.flag('use_scale', scaledByDefault);
  const dropout = config.rate('dropout', 0);
  if (dropout === 1) config.refuse({ expected: 'must have a dropout below 1', received: dropout });
  return { useScale, dropout, ...given({ seed: config.seed() }) };
}

export const readAttention: LayerReader = (config, common) => {
  const args = { ...common, ...readCommon(config, false) };
  const scoreMode = config.choice('score_mode', ['dot', 'concat'], 'dot');
  return {
    masks: 'attends',
    make: () => config.maker.layer('Attention', { ...args, scoreMode }),
    weights: () =>
      numbered([
        args.useScale && { name: 'scale', shape: [] },
        scoreMode === 'concat' && { name: 'concat_score_weight', shape: [] },
      ]),
  };
};

export const readAdditiveAttention: LayerReader = (config, common) => {
  const args = { ...common, ...readCommon(config, true) };
  return {
    masks: 'attends',
    make: () => config.maker.layer('AdditiveAttention', args),
    weights: (query) =>
      numbered([args.useScale && { name: 'scale', shape: [features(config, query)] }]),
  };
};
