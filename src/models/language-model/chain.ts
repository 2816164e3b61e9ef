/** The layers of a language model, from tokens to a distribution over the vocabulary, as it is built. */
import { tfl } from '../../foundation/tensorflow.js';
import { graphOf } from '../../layers/model/graph.js';
import { builtModel, modelOf } from '../../layers/model/run-graph.js';
import { GRU_RESET_AFTER } from '../../kernels/recurrent/cells/gru.js';
import { knownCell, type RnnCell, stackOf } from '../../layers/recurrent/cells.js';
import type { KnownCell } from '../../layers/recurrent/run-cell.js';
import type { StockCell } from '../../layers/stock.js';
import { PLAIN_CELLS, plainActivation } from './plain-cells.js';

type Layer = tfl.layers.Layer;

/** A dense layer, and what is applied to its sums. */
export interface DensePart {
  kind: 'dense';
  layer: Layer;
  activation: string;
}

/** A recurrent layer, or one cell of a stack. */
export interface CellPart {
  kind: 'cell';
  stock: StockCell;
  known: KnownCell;
}

/** What a language model is made of. */
export interface Chain {
  /** Its embedding; null where tokens are ones among zeros, [batch, time, vocabularySize]. */
  embedding: Layer | null;
  parts: (DensePart | CellPart)[];
  /** Tokens that it takes, and those that it tells the probabilities of. */
  inputs: number;
  outputs: number;
}

// Layers that do nothing when a model predicts.
const NOTHING = new Set([
  ...['InputLayer', 'Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout'],
  ...['AlphaDropout', 'WordDropout'],
]);

interface Hidden {
  activation: { getClassName(): string };
  cell: RnnCell;
  goBackwards: boolean;
  resetAfter?: boolean;
  layer: Layer;
  axis: number;
}

/**
 * The chain of a model; null where it is none: where layers branch, or have no steps on plain numbers.
 */
export function chainOf(model: tfl.LayersModel): Chain | null {
  const layers = layersOf(model);
  const chain: Chain = { embedding: null, parts: [], inputs: 0, outputs: 0 };
  if (!layers?.every((layer) => addLayer(chain, layer))) return null;
  const { embedding, parts } = chain;
  const last = parts.at(-1);
  if (last?.kind !== 'dense' || !parts.some(({ kind }) => kind === 'cell')) return null;
  // Softmax in the middle has no steps here.
  const softmaxes = parts.filter((part) => part.kind === 'dense' && part.activation === 'softmax');
  if (softmaxes.some((part) => part !== last)) return null;
  const [shape] = model.inputs.map((input) => input.shape);
  chain.inputs = embedding ? (embedding.getConfig().inputDim as number) : (shape?.[2] ?? 0);
  chain.outputs = model.outputs[0]!.shape.at(-1)!;
  return chain;
}

/** Whether the last layer gives probabilities. */
export function endsInSoftmax({ parts }: Chain): boolean {
  const last = parts.at(-1);
  return last?.kind === 'dense' && last.activation === 'softmax';
}

/** The layers of a model in the order of their calls, those of models within among them; null where they branch. */
function layersOf(model: tfl.LayersModel): Layer[] | null {
  const { inputs, calls, outputs } = graphOf(builtModel(model));
  let last = inputs[0]!.tensor;
  const layers: Layer[] = [];
  for (const { layer, training, inputs: given, outputs: made } of calls) {
    if (training || given.length > 1 || given[0] !== last) return null;
    last = made[0]!;
    const within = modelOf(layer);
    const inner = within ? layersOf(within) : [layer];
    if (!inner) return null;
    layers.push(...inner);
  }
  return inputs.length === 1 && outputs.length === 1 && outputs[0] === last ? layers : null;
}

/** Adds a layer to the chain; false for one that has no steps here. */
function addLayer(chain: Chain, layer: Layer): boolean {
  const name = layer.getClassName();
  const { parts } = chain;
  const hidden = layer as unknown as Hidden;
  if (NOTHING.has(name)) return true;
  if (name === 'Embedding' && parts.length === 0 && chain.embedding === null) {
    chain.embedding = layer;
    // A masked step repeats the one before it.
    return layer.getConfig().maskZero !== true;
  }
  if (layer instanceof tfl.RNN) return addCells(chain, layer);
  if (name === 'TimeDistributed' && hidden.layer.getClassName() === 'Dense') {
    return addLayer(chain, hidden.layer);
  }
  if (name === 'Dense') {
    const activation = hidden.activation.getClassName();
    parts.push({ kind: 'dense', layer, activation });
    return activation === 'softmax' || plainActivation(activation) !== undefined;
  }
  const last = parts.at(-1);
  const isSoftmax =
    name === 'Softmax'
      ? [-1, 2].includes(hidden.axis)
      : name === 'Activation' && hidden.activation.getClassName() === 'softmax';
  if (!isSoftmax || last?.kind !== 'dense' || last.activation !== 'linear') return false;
  last.activation = 'softmax';
  return true;
}

function addCells(chain: Chain, layer: tfl.RNN): boolean {
  const { cell, goBackwards, resetAfter } = layer as unknown as Hidden;
  if (goBackwards) return false;
  return (stackOf(cell) ?? [cell]).every((one) => {
    const stock = one as unknown as StockCell;
    const known = knownCell(one);
    const names = [stock.activation, stock.recurrentActivation].flatMap((activation) =>
      activation ? [activation.getClassName()] : [],
    );
    if (!known || names.some((name) => !plainActivation(name))) return false;
    // layers.gru keeps what a gruCell keeps in the cell.
    const ofLayer = resetAfter ? GRU_RESET_AFTER : known.cell;
    chain.parts.push({ kind: 'cell', stock, known: { ...known, cell: ofLayer } });
    return PLAIN_CELLS.includes(ofLayer.name);
  });
}
