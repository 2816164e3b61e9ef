/** What no architecture of a model may be. */
import { reject } from '../../../foundation/errors.js';

export function refuseArchitecture(expected: string, received?: unknown, remedy?: string): never {
  reject({
    where: 'loadKerasModel',
    expected,
    ...(received !== undefined && { received }),
    remedy: remedy ?? 'The architecture should be what model.to_json() of Keras returns.',
    see: 'unsupported-keras-model',
  });
}

const MOST_LAYERS = 2000;

export function requireFew(layers: readonly unknown[]): void {
  if (layers.length === 0) refuseArchitecture('the architecture must have layers', layers);
  if (layers.length > MOST_LAYERS) {
    refuseArchitecture(`the architecture must have at most ${MOST_LAYERS} layers`, layers.length);
  }
}

export function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    refuseArchitecture('two layers of a model must not have one name', twice);
}
