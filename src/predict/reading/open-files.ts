/** The files of a model in all forms that a predictor takes. */
import { reject } from '../../foundation/errors.js';
import { decodeUtf8 } from '../../foundation/utf8.js';
import type { SavedParts, WeightSpec } from './parts.js';

const WHERE = 'loadPredictor';

/** Bytes of a file, or the file itself. */
export type Bytes = Uint8Array | ArrayBuffer | Blob;

/** The files of a model: `model.json` and the bytes of the weights that it names, in its order. */
export interface PredictorFiles {
  /** The text of the JSON, its bytes, or what it says. */
  json: string | Bytes | object;
  weights: Bytes | readonly Bytes[];
}

/** Bytes that have been read. */
export type ReadBytes = Uint8Array | ArrayBuffer;

/** {@link PredictorFiles} whose files have been read. */
export interface ReadPredictorFiles {
  json: string | ReadBytes | object;
  weights: ReadBytes | readonly ReadBytes[];
}

/** The bytes of what may be files of a page; anything else as it is. */
export async function readFiles(source: unknown): Promise<object> {
  if (typeof Blob === 'undefined') return source as object;
  const read = async (value: unknown): Promise<unknown> => {
    if (value instanceof Blob) return value.arrayBuffer();
    return Array.isArray(value) ? Promise.all(value.map(read)) : value;
  };
  const { json, weights } = Object(source) as Partial<PredictorFiles>;
  if (json === undefined || weights === undefined) return (await read(source)) as object;
  return { json: await read(json), weights: await read(weights) };
}

/** Whether a value is bytes. */
export const isBytes = (value: unknown): value is ReadBytes =>
  value instanceof Uint8Array || value instanceof ArrayBuffer;

// What files of HDF5 begin with: a byte, and HDF.
const HDF = [0x89, 0x48, 0x44, 0x46];

/** Whether the weights are those of Keras. */
export function isKeras(source: object): boolean {
  const { weights } = Object(source) as Partial<ReadPredictorFiles>;
  if (!isBytes(weights)) return false;
  const first = new Uint8Array(weights instanceof ArrayBuffer ? weights : weights.slice(0, 4));
  return HDF.every((byte, i) => first[i] === byte);
}

/** The parts of a model of TensorFlow.js; refuses what is none. */
export function partsOf(source: ReadPredictorFiles | SavedParts): SavedParts {
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
      see: 'not-a-model-file',
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
