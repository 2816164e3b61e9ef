/** What losses and metrics of ours are in Keras, so that a model that has them can be saved again. */
import { smoothingOf } from '../../layers/losses/smoothed.js';
import type { Json } from '../writing/write-objects.js';

/** A loss or a metric as Keras writes it. */
export interface Described {
  className: string;
  config: { [key: string]: Json };
}

const descriptions = new WeakMap<object, Described>();

/** The function, whose meaning in Keras is known from now on. */
export function describe<Function extends object>(
  compute: Function,
  description: Described,
): Function {
  descriptions.set(compute, description);
  return compute;
}

/** What a function of ours is in Keras; undefined for one of somebody else. */
export function descriptionOf(compute: unknown): Described | undefined {
  if (typeof compute !== 'function') return undefined;
  return descriptions.get(compute) ?? descriptionOfSmoothed(compute);
}

function descriptionOfSmoothed(loss: object): Described | undefined {
  const { className, labelSmoothing } = smoothingOf(loss) ?? {};
  return className && { className, config: { label_smoothing: labelSmoothing! } };
}
