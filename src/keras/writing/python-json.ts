/** JSON as Python writes it, where 1 is an integer and 1.0 is not. */
import type { Json } from './write-objects.js';

/** Settings that are floats in Keras, some of which it refuses as integers. */
const FLOATS: ReadonlySet<string> = new Set([
  // Optimizers and losses
  ...['beta_1', 'beta_2', 'clipnorm', 'clipvalue', 'decay', 'delta', 'ema_momentum', 'epsilon'],
  ...['global_clipnorm', 'initial_accumulator_value', 'label_smoothing', 'learning_rate'],
  ...['loss_weights', 'momentum', 'rho', 'threshold', 'thresholds', 'weight_decay'],
  // Layers
  ...['alpha', 'dropout', 'mask_value', 'max_value', 'negative_slope', 'rate', 'recurrent_dropout'],
  ...['renorm_momentum', 'stddev', 'theta'],
  // Initializers, regularizers and constraints
  ...['gain', 'l1', 'l2', 'max_value', 'maxval', 'mean', 'min_value', 'minval', 'scale', 'value'],
]);

/** `JSON.stringify`, with every float of Keras as one. */
export function pythonJson(value: Json): string {
  return write(value, '');
}

/** @param setting What the value is a value of. */
function write(value: Json, setting: string): string {
  if (Array.isArray(value)) return `[${value.map((one) => write(one, setting)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    // The weights of losses may be by the names of outputs.
    const nameOf = (key: string) => (setting === 'loss_weights' ? setting : key);
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${write(one, nameOf(key))}`).join(',')}}`;
  }
  const text = JSON.stringify(value);
  return typeof value === 'number' && FLOATS.has(setting) && /^-?\d+$/.test(text)
    ? `${text}.0`
    : text;
}
