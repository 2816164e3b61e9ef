/**
 * The order of the weights of a layer in files before Keras 3: those that are trained, then the others.
 * It matters for models, whose layers have some of both.
 */
import type { WeightsOfLayers } from './infer-weights.js';
import type { LayerPlan } from '../architecture/layer-plan.js';
import { leavesOf } from '../architecture/nested-models.js';

/** A weight by the layer that has it, and its number there. */
export interface WeightOf {
  leaf: LayerPlan;
  index: number;
}

interface Parts {
  trained: WeightOf[];
  others: WeightOf[];
}

/** All weights of a layer, or of the layers of a model, in that order. */
export function legacyOrder(plan: LayerPlan, weights: WeightsOfLayers): WeightOf[] {
  const { trained, others } = partsOf(plan, weights);
  return [...trained, ...others];
}

// Source: trainable_weights and non_trainable_weights of containers and layers of Keras 2 and 3.
function partsOf(plan: LayerPlan, weights: WeightsOfLayers): Parts {
  const inner = plan.around ? [plan.around] : plan.model?.layers;
  if (!inner) {
    const all = own(plan, weights);
    const isTrained = ({ index }: WeightOf) => weights.get(plan)![index]!.trained !== false;
    return { trained: all.filter(isTrained), others: all.filter((one) => !isTrained(one)) };
  }
  const parts = inner.map((one) => partsOf(one, weights));
  const trained = parts.flatMap((part) => part.trained);
  const others = parts.flatMap((part) => part.others);
  if (plan.trainable) return { trained, others };
  const isKeras3 = plan.place.kerasVersion >= 3;
  const frozen = isKeras3 ? leavesOf(plan).flatMap((leaf) => own(leaf, weights)) : [...trained, ...others]; // biome-ignore format: short
  return { trained: [], others: frozen };
}

function own(leaf: LayerPlan, weights: WeightsOfLayers): WeightOf[] {
  return weights.get(leaf)!.map((_, index) => ({ leaf, index }));
}
