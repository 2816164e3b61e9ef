/** Arguments that a layer takes when it is called, besides its inputs, a mask, states and `training`. */
import type { tfl } from '../foundation/tensorflow.js';

/** A layer with such arguments. A graph remembers them, and its calls are made with them. */
export interface TakesArguments {
  readonly argumentsOfCall: readonly string[];
}

/** Arguments by their names. */
export type OwnArguments = Readonly<Record<string, unknown>>;

const NONE: OwnArguments = {};

/** Those that a layer takes, out of what a call was made with. */
export function ownArguments(
  layer: tfl.layers.Layer,
  given: object | null | undefined,
): OwnArguments {
  if (given == null || !('argumentsOfCall' in layer)) return NONE;
  const { argumentsOfCall: names } = layer as tfl.layers.Layer & TakesArguments;
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
}
