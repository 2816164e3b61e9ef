import type { tf, tfl } from '../foundation/tensorflow.js';

/** A layer, or the cell of one, with what may change in it besides weights. */
export interface StateHolder {
  name: string;
  randomState?: unknown;
  stateful?: boolean;
  getStates?(): (tf.Tensor | null)[];
  resetStates?(states: tf.Tensor[]): void;
}

/** A layer and where it is: `encoder/lstm_1`, for the layer `lstm_1` of the nested model `encoder`. */
export interface PlacedLayer {
  path: string;
  layer: StateHolder;
}

/** The layers of a model, those inside nested models and wrappers, and cells, in a fixed order. */
export function everyLayer(model: tfl.LayersModel): PlacedLayer[] {
  const found: PlacedLayer[] = [];
  const seen = new Set<unknown>([model]);
  const visit = (layers: readonly unknown[], prefix: string): void => {
    for (const layer of layers) {
      if (typeof layer !== 'object' || layer === null || seen.has(layer)) continue;
      seen.add(layer);
      const holder = layer as StateHolder & Record<string, unknown>;
      const path = `${prefix}${holder.name}`;
      found.push({ path, layer: holder });
      const { layers: inner, layer: wrapped, forwardLayer, backwardLayer, cell, cells } = holder;
      visit([inner, wrapped, forwardLayer, backwardLayer, cell, cells].flat(), `${path}/`);
    }
  };
  visit(model.layers, '');
  return found;
}

/** The state of a layer's random generator, where it shows one as a number. */
export function randomStateOf(layer: StateHolder): number | undefined {
  return typeof layer.randomState === 'number' ? layer.randomState : undefined;
}

/** The states that recurrent layers with `stateful: true` carry from batch to batch. */
export function statefulStates(model: tfl.LayersModel): { path: string; tensor: tf.Tensor }[] {
  return everyLayer(model).flatMap(({ path, layer }) => {
    if (layer.stateful !== true || typeof layer.getStates !== 'function') return [];
    const tensors = layer.getStates().filter((tensor) => tensor !== null);
    return tensors.map((tensor) => ({ path, tensor }));
  });
}

/**
 * The stateful layers of a model that states under these paths belong to. Names of several layers can
 * be equal but for their numbers: those come in the order of the model.
 */
export function holdersOf(
  paths: readonly string[],
  layers: readonly PlacedLayer[],
): Map<string, StateHolder> {
  const free = layers.filter(({ layer }) => layer.stateful === true);
  const holders = new Map<string, StateHolder>();
  for (const path of paths) {
    if (holders.has(path)) continue;
    const place = free.findIndex((each) => sameName(each.path, path));
    if (place >= 0) holders.set(path, free.splice(place, 1)[0]!.layer);
  }
  return holders;
}

/**
 * Whether two names are equal but for the numbers at the ends of their parts, which TensorFlow.js
 * counts up with every model that a process builds: `dense_Dense2/kernel`, `dense_Dense5/kernel`.
 */
export function sameName(a: string, b: string): boolean {
  return a === b || withoutNumbers(a) === withoutNumbers(b);
}

function withoutNumbers(name: string): string {
  return name.replace(/\d+(?=\/|$)/g, '');
}
