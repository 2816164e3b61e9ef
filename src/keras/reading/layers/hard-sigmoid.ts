/**
 * The hard_sigmoid of Keras 3, x / 6 + 0.5, by that of Keras 2 and TensorFlow.js, 0.2·x + 0.5: where it
 * follows a weighted sum, weights that are 1.2 times smaller give the same.
 */
import type { LayerConfig } from '../settings/layer-config.js';
import type { ScaledGates } from '../architecture/layer-plan.js';

/** Whether weights must shrink, because the hard_sigmoid of Keras 3 is less steep. */
export function isScaled({ place }: LayerConfig, name: string | undefined): boolean {
  return place.kerasVersion >= 3 && name === 'hardSigmoid';
}

/** The gates to scale, which nothing but the loss may look at. */
export function scaledGates(
  config: LayerConfig,
  gates: number,
  scaled: readonly number[],
): ScaledGates | undefined {
  if (scaled.length === 0) return undefined;
  for (const weight of ['kernel', 'recurrent', 'bias']) {
    for (const kind of ['regularizer', 'constraint']) {
      const key = `${weight}_${kind}`;
      if (config.raw(key) === null || config.raw(key) === undefined) continue;
      config.refuse({
        expected: `has a ${key} and the hard_sigmoid of Keras 3, which TensorFlow.js cannot have together`,
        remedy: "Use 'sigmoid', or leave the one or the other out.",
      });
    }
  }
  return { gates, scaled };
}
