/** The layers of a language model, from tokens to a distribution over the vocabulary, as it is built. */
import { reject } from '../../foundation/errors.js';
import { tfl } from '../../foundation/tensorflow.js';
import { graphOf } from '../../layers/model/graph.js';
import { builtModel, modelOf } from '../../layers/model/run-graph.js';
import { GRU_RESET_AFTER } from '../../kernels/recurrent/cells/gru.js';
import { knownCell, type RnnCell, stackOf } from '../../layers/recurrent/cells.js';
import type { KnownCell } from '../../layers/recurrent/run-cell.js';
import type { StockCell } from '../../layers/stock.js';
import { plainActivation } from './plain-cells.js';

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
  'AlphaDropout',
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
 * The chain of a model.
 *
 * @throws RecurrentError where the model is no chain of layers that write token after token, naming the
 *   layer, and where its output is not a distribution.
 */
export function chainOf(where: string, model: tfl.LayersModel): Chain {
  if (!(model instanceof tfl.LayersModel)) {
    reject({ where, expected: 'model must be a model of TensorFlow.js', received: model });
  }
  const chain: Chain = { embedding: null, parts: [], inputs: 0, outputs: 0 };
  for (const layer of layersOf(where, model)) addLayer(where, chain, layer);
  const { parts } = chain;
  const last = parts.at(-1);
  if (last?.kind !== 'dense' || last.activation !== 'softmax') {
    reject({
      where,
      expected: 'the output of the model must be a distribution over the vocabulary',
      ...(last?.kind === 'dense' && { received: `the activation ${last.activation}` }),
      remedy: "Its last layer is dense({ units: vocabularySize, activation: 'softmax' }).",
    });
  }
  if (!parts.some(({ kind }) => kind === 'cell')) {
    reject({ where, expected: 'the model has no recurrent layer that could remember the prompt' });
  }
  const { embedding } = chain;
  const [shape] = model.inputs.map((input) => input.shape);
  chain.inputs = embedding ? (embedding.getConfig().inputDim as number) : (shape?.[2] ?? 0);
  chain.outputs = model.outputs[0]!.shape.at(-1)!;
  return chain;
}

/** The layers of a model in the order of their calls, those of models within among them. */
function layersOf(where: string, model: tfl.LayersModel): Layer[] {
  const { inputs, calls, outputs } = graphOf(builtModel(model));
  let last = inputs[0]!.tensor;
  const layers = calls.flatMap((call) => {
    const { layer, training } = call;
    if (training) refuse(where, layer, 'it was called with training: true');
    if (call.inputs.length > 1 || call.inputs[0] !== last) refuse(where, layer, NO_CHAIN);
    last = call.outputs[0]!;
    const inner = modelOf(layer);
    return inner ? layersOf(where, inner) : [layer];
  });
  if (inputs.length === 1 && outputs.length === 1 && outputs[0] === last) return layers;
  return reject({
    where,
    expected: NO_CHAIN,
    received: model.name,
  });
}

const NO_CHAIN = 'the model is not one layer after the other, from one input to one output';

function addLayer(where: string, chain: Chain, layer: Layer): void {
  const name = layer.getClassName();
  const { parts } = chain;
  const hidden = layer as unknown as Hidden;
  const isFirst = parts.length === 0 && chain.embedding === null;
  if (NOTHING.has(name)) return;
  if (name === 'Embedding' && isFirst) {
    chain.embedding = layer;
    return;
  }
  if (layer instanceof tfl.RNN) {
    addCells(where, chain, layer);
    return;
  }
  if (name === 'TimeDistributed' && hidden.layer.getClassName() === 'Dense') {
    addLayer(where, chain, hidden.layer);
    return;
  }
  if (name === 'Dense') {
    const activation = hidden.activation.getClassName();
    const isKnown = activation === 'softmax' || plainActivation(activation) !== undefined;
    if (!isKnown) refuse(where, layer, `its activation is ${activation}`);
    parts.push({ kind: 'dense', layer, activation });
    return;
  }
  const last = parts.at(-1);
  const axis = hidden.axis ?? -1;
  if (last?.kind === 'dense' && last.activation === 'linear') {
    const activation = name === 'Activation' ? hidden.activation.getClassName() : '';
    if (activation === 'softmax' || (name === 'Softmax' && (axis === -1 || axis === 2))) {
      last.activation = 'softmax';
      return;
    }
  }
  refuse(where, layer, 'it is none of embedding, recurrent, dropout and dense layers');
}

function addCells(where: string, chain: Chain, layer: tfl.RNN): void {
  const { cell, goBackwards, resetAfter } = layer as unknown as Hidden;
  if (goBackwards) refuse(where, layer, 'goBackwards is true: it begins with the last token');
  for (const one of stackOf(cell) ?? [cell]) {
    const known = knownCell(one);
    if (!known) refuse(where, layer, `its cell is ${one.getClassName()}`);
    // layers.gru keeps what a gruCell keeps in the cell.
    const cell = resetAfter ? GRU_RESET_AFTER : known.cell;
    const stock = one as unknown as StockCell;
    chain.parts.push({ kind: 'cell', stock, known: { ...known, cell } });
  }
}

function refuse(where: string, layer: Layer, why: string): never {
  reject({
    where,
    expected: `the layer ${layer.name} (${layer.getClassName()}) cannot write token after token: ${why}`,
    remedy: 'createLanguageModel builds models that can.',
  });
}
