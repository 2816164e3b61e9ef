/** loadPredictor: a predictor from what this library, TensorFlow.js or Keras has saved. */
import { reasonOf, RecurrentError, reject } from '../foundation/errors.js';
import type { Machine } from '../engine/machine.js';
import type { KerasFiles } from '../keras/reading/open-parts.js';
import { buildGraph, type Graph } from './graph.js';
import type { Layer } from './layers/layer.js';
import { newMachine } from './machine.js';
import { Predictor } from './predictor.js';
import {
  type Bytes,
  isBytes,
  isKeras,
  partsOf,
  type PredictorFiles,
  type ReadBytes,
  type ReadPredictorFiles,
  readFiles,
} from './reading/open-files.js';
import type { SavedParts } from './reading/parts.js';
import { NO_WORDS, readSavedWords } from './reading/saved-words.js';
import { joined, savedWeights, weightsBelow } from './reading/saved-weights.js';
import { readTopology } from './reading/topology.js';
import { type NamedWeight, Weights } from './weights.js';

const WHERE = 'loadPredictor';

/**
 * Loads a saved model for predicting alone, without TensorFlow.js.
 *
 * Opens what `model.save`, `SentimentClassifier.save`, `TextClassifier.save` and `saveWithVocabularies` write, and
 * the files of Keras that `loadKerasModel` opens. The layers that it knows are those with kernels of this library:
 * Embedding, LSTM, GRU, SimpleRNN, minGRU, peepholeLSTM, RNN around their cells, Bidirectional, Dense,
 * TimeDistributed, Conv1D, pooling over time, attention, normalization of the last axis, merges, masks,
 * dropout, and those that arrange values; in Sequential and functional models, and models inside models.
 *
 * @param source The bytes of a `.keras` or `.h5` file; `{ json, weights }`, which are `model.json` and the
 *   bytes of the files that it names, in its order, or an architecture of Keras and its weights as
 *   HDF5; or what a handler of `model.save` is given.
 * @returns A predictor whose numbers are, to the bit, those of the model that this library loads from the
 *   same files, on the cpu backend of TensorFlow.js.
 * @throws RecurrentError for what is no saved model, a damaged one, weights that do not fit, a layer
 *   or a setting that has no kernel, which is named, and where WebAssembly with SIMD is missing.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createSentimentLstm, saveKerasModel } from 'tfjs-recurrent';
 * import { loadPredictor } from 'tfjs-recurrent/predict';
 *
 * const settings = { vocabularySize: 50, sequenceLength: 6, lstmUnits: 4, denseUnits: 4 };
 * const bytes = await saveKerasModel(createSentimentLstm(settings));
 *
 * const predictor = await loadPredictor(bytes);
 * const { data, shape } = await predictor.predict([[0, 0, 1, 2, 3, 4], [0, 0, 0, 0, 5, 6]]);
 * console.log(shape, data.every((probability) => probability > 0 && probability < 1));
 * // [ 2, 1 ] true
 * ```
 */
export async function loadPredictor(
  source: Bytes | PredictorFiles | SavedParts,
): Promise<Predictor> {
  const machine = await newMachine();
  const files = await readFiles(source);
  if (isBytes(files) || isKeras(files)) {
    const { readKeras } = await import('./reading/keras.js');
    const { graph, weightsOf } = await readKeras(files as ReadBytes | KerasFiles);
    build(graph, machine, weightsOf);
    return new Predictor(machine, graph, NO_WORDS, null);
  }
  const parts = partsOf(files as ReadPredictorFiles | SavedParts);
  const bytes = joined(parts.weightData);
  const words = readSavedWords(parts, bytes);
  const weights = savedWeights(parts.weightSpecs, bytes);
  const graph = graphOf(machine, parts, weights);
  const html = words.stripHtml ? await import('../preprocessing/html.js') : null;
  const strip = html?.stripHtmlTags ?? null;
  const { mixture } = words;
  if (!mixture) return new Predictor(machine, graph, words, strip);
  const { TextPredictor } = await import('./text-predictor.js');
  return new TextPredictor(machine, graph, words, mixture, strip, weights);
}

/** The graph of a model of TensorFlow.js, with its weights in the memory of a machine. */
export function graphOf(
  machine: Machine,
  { modelTopology }: SavedParts,
  weights: ReadonlyMap<string, NamedWeight>,
): Graph {
  return whole(() => {
    const read = readTopology(modelTopology);
    build(read, machine, ({ name }) => weightsBelow(weights, name));
    return read;
  });
}

/** What `read` returns, which trusts that a topology is written as model.save writes it. */
function whole<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RecurrentError) throw cause;
    const expected = `the topology of the model is damaged: ${reasonOf(cause)}`;
    const remedy = 'Take it from a copy, or save the model again.';
    return reject({ where: WHERE, expected, remedy, see: 'damaged-model' }, cause);
  }
}

function build(graph: Graph, machine: Machine, weightsOf: (layer: Layer) => NamedWeight[]): void {
  const shapes = graph.inputs.map(({ shape }) => shape);
  buildGraph(graph, shapes, (layer) => new Weights(machine, weightsOf(layer)));
}
