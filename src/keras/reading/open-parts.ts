/** The files of a Keras model, however they are laid out, as what they hold. */
import { reject } from '../../foundation/errors.js';
import { decodeUtf8 } from '../../foundation/utf8.js';
import { type Hdf5Object, isHdf5, openHdf5 } from '../hdf5/hdf5-file.js';
import { isZip, openZip } from '../zip.js';
import { kindOfArchive, kindOfFile } from './file-kinds.js';
import { isObject, type JsonObject, parseJsonObject, property, refuseText } from './read-json.js';
import { holdsWeights } from './weights/read-weights.js';

const WHERE = 'loadKerasModel';

/** An architecture, as `model.to_json()` returns it, and weights, as `model.save_weights` writes them. */
export interface KerasFiles {
  /** The text of the JSON, or its bytes. */
  json: string | Uint8Array | ArrayBuffer | Blob;
  /** The bytes of the HDF5 file: `weights.h5` of Keras 2, `.weights.h5` of Keras 3, or a whole `.h5`. */
  weights: Uint8Array | ArrayBuffer | Blob;
}

/** What the files of a model hold. */
export interface Parts {
  model: JsonObject;
  /** Which Keras wrote it, where a file says so. */
  version?: string | undefined;
  /** `training_config` of a whole `.h5`, a text of JSON. */
  training?: string | undefined;
  root: Hdf5Object;
  size: number;
}

/** Opens files, which are told apart by their first bytes. */
export async function openParts(
  given: Uint8Array | ArrayBuffer | Blob | KerasFiles,
): Promise<Parts> {
  const file = await readBlob(given);
  const bytes = asBytes(file);
  if (bytes && isZip(bytes)) return openKeras(bytes);
  if (bytes && isHdf5(bytes)) return openWhole(bytes);
  if (bytes) refuseBytes('the file must be a .keras archive or an HDF5 file', bytes);
  const { json, weights } = (isObject(file) ? file : {}) as Partial<KerasFiles>;
  const weightBytes = asBytes(await readBlob(weights));
  const jsonBytes = asBytes(await readBlob(json));
  if (weightBytes === undefined || (typeof json !== 'string' && jsonBytes === undefined)) {
    reject({
      where: WHERE,
      expected: 'file must be the bytes of a file, or { json, weights }',
      received: file,
      remedy: "In Node: loadKerasModel(await readFile('model.keras')).",
      see: 'not-a-keras-file',
    });
  }
  const text = typeof json === 'string' ? json : decodeUtf8(jsonBytes!);
  if (!isHdf5(weightBytes)) refuseBytes('the weights must be an HDF5 file', weightBytes);
  return {
    model: parseArchitecture(text),
    root: openHdf5(weightBytes),
    size: weightBytes.length,
  };
}

/** What is in a file of a page; anything else as it is. */
async function readBlob<Other>(value: Other | Blob): Promise<Other | ArrayBuffer> {
  const isBlob = typeof Blob !== 'undefined' && value instanceof Blob;
  return isBlob ? value.arrayBuffer() : (value as Other);
}

function parseArchitecture(text: string): JsonObject {
  const model = parseJsonObject('the architecture', text);
  const className = property(model, 'class_name');
  const isOther = className === undefined && property(model, 'layers') === undefined;
  if (!isOther && className !== 'Tokenizer') return model;
  return refuseText('the architecture must be that of a model of Keras', text);
}

const ARCHIVE = { what: 'an archive of zip', remedy: 'If it is a .keras file, pass it alone.' };

/** Throws, and says what the bytes are if they are known. */
function refuseBytes(expected: string, bytes: Uint8Array): never {
  const kind = isZip(bytes) ? ARCHIVE : kindOfFile(bytes);
  if (kind)
    reject({
      where: WHERE,
      expected: `${expected} and is ${kind.what}`,
      remedy: kind.remedy,
      see: 'not-a-keras-file',
    });
  reject({
    where: WHERE,
    expected: `${expected}, which begin otherwise`,
    received: bytes.slice(0, 8).join(' '),
    see: 'not-a-keras-file',
  });
}

function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

async function openKeras(bytes: Uint8Array): Promise<Parts> {
  const zip = openZip(bytes);
  if (!zip.has('model.weights.h5')) {
    const kind = kindOfArchive(zip.names);
    reject({
      where: WHERE,
      expected: `the archive must hold config.json and model.weights.h5 and ${kind ? `is ${kind.what}` : 'does not'}`,
      remedy: kind?.remedy ?? "Save the model as one file in Keras: model.save('model.keras').",
      see: 'not-a-keras-file',
    });
  }
  const config = decodeUtf8(await zip.read('config.json'));
  const weights = await zip.read('model.weights.h5');
  const metadata = zip.has('metadata.json')
    ? parseJsonObject('metadata.json', decodeUtf8(await zip.read('metadata.json')))
    : {};
  return {
    model: parseJsonObject('config.json', config),
    version: textOf(property(metadata, 'keras_version')),
    root: openHdf5(weights),
    size: weights.length,
  };
}

function openWhole(bytes: Uint8Array): Parts {
  const root = openHdf5(bytes);
  const [config] = root.texts('model_config') ?? [];
  if (config === undefined) {
    if (!holdsWeights(root)) {
      reject({
        where: WHERE,
        expected: 'the HDF5 file holds neither a model of Keras nor its weights',
        received: root.names(),
        remedy: "Save the model as one file in Keras: model.save('model.keras').",
        see: 'not-a-keras-file',
      });
    }
    reject({
      where: WHERE,
      expected: 'the HDF5 file holds weights without an architecture',
      remedy: 'Pass { json, weights } with what model.to_json() of Keras returns.',
      see: 'not-a-keras-file',
    });
  }
  const [training] = root.texts('training_config') ?? [];
  return {
    model: parseJsonObject('model_config', config),
    version: root.texts('keras_version')?.[0],
    training,
    root,
    size: bytes.length,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
