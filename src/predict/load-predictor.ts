/** loadPredictor: a predictor from what this library, TensorFlow.js or Keras has saved. */
import { complain, RecurrentError, reject } from '../foundation/errors.js';
import { decodeUtf8 } from '../foundation/utf8.js';
import type { Machine } from '../engine/machine.js';
import type { KerasFiles } from '../keras/reading/open-parts.js';
import { buildGraph, type Graph } from './graph.js';
import type { Layer } from './layers/layer.js';
import { newMachine } from './machine.js';
import { Predictor } from './predictor.js';
import type { SavedParts, WeightSpec } from './reading/parts.js';
import { readSavedWords, type SavedWords } from './reading/saved-words.js';
import { joined, savedWeights, weightsBelow } from './reading/saved-weights.js';
import { readTopology } from './reading/topology.js';
import { type NamedWeight, Weights } from './weights.js';

const WHERE = 'loadPredictor';

/** Bytes of a file, or the file itself. */
export type Bytes = Uint8Array | ArrayBuffer | Blob;

/** The files of a model: `model.json` and the bytes of the weights that it names, in its order. */
export interface PredictorFiles {
  /** The text of the JSON, its bytes, or what it says. */
  json: string | Bytes | object;
  weights: Bytes | readonly Bytes[];
}

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
  const graph = whole(() => {
    const read = readTopology(parts.modelTopology);
    build(read, machine, ({ name }) => weightsBelow(weights, name));
    return read;
  });
  const html = words.stripHtml ? await import('../preprocessing/html.js') : null;
  const strip = html?.stripHtmlTags ?? null;
  const { scales } = words;
  if (!scales) return new Predictor(machine, graph, words, strip);
  const { TextPredictor } = await import('./text-predictor.js');
  return new TextPredictor(machine, graph, { ...words, scales }, strip, weights);
}

/** What `read` returns, which trusts that a topology is written as model.save writes it. */
function whole<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RecurrentError) throw cause;
    const expected = `the topology of the model is damaged: ${(cause as Error).message}`;
    const remedy = 'Take it from a copy, or save the model again.';
    throw new RecurrentError(complain({ where: WHERE, expected, remedy }), { cause });
  }
}

const NO_WORDS: SavedWords = { vocabularies: {}, stripHtml: false };

function build(graph: Graph, machine: Machine, weightsOf: (layer: Layer) => NamedWeight[]): void {
  const shapes = graph.inputs.map(({ shape }) => shape);
  buildGraph(graph, shapes, (layer) => new Weights(machine, weightsOf(layer)));
}

type ReadBytes = Uint8Array | ArrayBuffer;

/** {@link PredictorFiles} whose files have been read. */
interface ReadPredictorFiles {
  json: string | ReadBytes | object;
  weights: ReadBytes | readonly ReadBytes[];
}

/** The bytes of what may be files of a page; anything else as it is. */
async function readFiles(source: unknown): Promise<object> {
  if (typeof Blob === 'undefined') return source as object;
  const read = async (value: unknown): Promise<unknown> => {
    if (value instanceof Blob) return value.arrayBuffer();
    return Array.isArray(value) ? Promise.all(value.map(read)) : value;
  };
  const { json, weights } = Object(source) as Partial<PredictorFiles>;
  if (json === undefined || weights === undefined) return (await read(source)) as object;
  return { json: await read(json), weights: await read(weights) };
}

const isBytes = (value: unknown): value is ReadBytes =>
  value instanceof Uint8Array || value instanceof ArrayBuffer;

// What files of HDF5 begin with: a byte, and HDF.
const HDF = [0x89, 0x48, 0x44, 0x46];

/** Whether the weights are those of Keras. */
function isKeras(source: object): boolean {
  const { weights } = Object(source) as Partial<ReadPredictorFiles>;
  if (!isBytes(weights)) return false;
  const first = new Uint8Array(weights instanceof ArrayBuffer ? weights : weights.slice(0, 4));
  return HDF.every((byte, i) => first[i] === byte);
}

function partsOf(source: ReadPredictorFiles | SavedParts): SavedParts {
  if ('modelTopology' in Object(source)) return source as SavedParts;
  const { json, weights } = Object(source) as ReadPredictorFiles;
  const model = modelJson(json);
  const { weightsManifest, ...others } = model;
  if (typeof model.modelTopology !== 'object' || !Array.isArray(weightsManifest)) {
    reject({
      where: WHERE,
      expected: 'json must be the model.json of a model of TensorFlow.js',
      received: json,
      remedy: 'Pass { json, weights } of what model.save has written.',
    });
  }
  const groups = weightsManifest as { weights: WeightSpec[] }[];
  return {
    ...(others as { modelTopology: object }),
    weightSpecs: groups.flatMap((group) => group.weights),
    weightData: weights,
  };
}

function modelJson(json: ReadPredictorFiles['json']): Partial<Record<string, unknown>> {
  const text = isBytes(json) ? decodeUtf8(new Uint8Array(json)) : json;
  if (typeof text !== 'string') return Object(text);
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
