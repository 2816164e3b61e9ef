/** Which format a file or folder is, by its name, and how a model is read from it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { reject } from '../foundation/errors.js';
import { tfl } from '../foundation/tensorflow.js';
import { kindOfFile } from '../keras/reading/file-kinds.js';
import {
  type LoadKerasOptions,
  type OptionNames,
  readKerasModel,
} from '../keras/reading/load-keras-model.js';
import { fileSystem } from './file-system.js';
import { MODEL_JSON } from './model-json.js';
import { rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';

/** Where a model is, or is to be. */
export interface ModelPlace {
  kind: 'keras' | 'h5' | 'json+h5' | 'tfjs';
  path: string;
  /** What messages call the format. */
  format: string;
  /** The files it consists of, for TensorFlow.js the first that is read. */
  files: string[];
}

const FORMATS: Record<ModelPlace['kind'], string> = {
  keras: 'Keras 3',
  h5: 'Keras HDF5',
  'json+h5': 'Keras JSON and weights',
  tfjs: 'TensorFlow.js',
};

/**
 * Tells the format of a model: `x.keras`, `x.h5`, `x.json+y.h5` (`x.json` alone for the `x.h5`
 * beside it), or a folder for TensorFlow.js. A `model.json` of TensorFlow.js is told by its content.
 */
export async function placeOf(where: string, path: string): Promise<ModelPlace> {
  const place = (kind: ModelPlace['kind'], files: string[], at = path): ModelPlace => {
    return { kind, path: at, format: FORMATS[kind], files };
  };
  const pair = /^(.+\.json)\+(.+\.(?:h5|hdf5))$/i.exec(path);
  if (pair !== null) return place('json+h5', [pair[1]!, pair[2]!]);
  const extension = extname(path).toLowerCase();
  if (await isFolder(path)) await refuseSavedModel(where, path);
  if (extension === '.keras') return place('keras', [path]);
  if (extension === '.h5' || extension === '.hdf5') return place('h5', [path]);
  if (extension === '.json') {
    if (await isOfTensorFlowJs(path)) return place('tfjs', [path], dirname(path));
    return place('json+h5', [path, path.replace(/json$/i, 'h5')]);
  }
  if (extension === '' || /[/\\]$/.test(path) || (await isFolder(path))) {
    return place('tfjs', [join(path, MODEL_JSON)]);
  }
  await refuseOther(where, path);
  return reject({
    where,
    expected: 'the name of a model must end in .keras, .h5 or .json, or be that of a folder',
    received: path,
    remedy: 'See tfjs-recurrent --help.',
    see: 'not-a-model-file',
  });
}

/** What the command calls the options of loadKerasModel. */
export const FLAGS: OptionNames = {
  uncompiled: '--no-compile',
  largerOutputs: '--max-output-size with a larger number',
};

/** A model, and what of its file stays behind, as a sentence. */
export interface ReadModel {
  model: tfl.LayersModel;
  warning?: string | undefined;
}

/** Reads the model at a place. */
export async function readModel(
  where: string,
  place: ModelPlace,
  options: LoadKerasOptions,
): Promise<ReadModel> {
  if (place.kind === 'tfjs') return { model: await tfl.loadLayersModel(fileSystem(place.path)) };
  const [first = '', second = ''] = place.files;
  const bytes = await readBytes(where, first);
  if (place.kind !== 'json+h5') return readKerasModel(bytes, options, FLAGS);
  const weights = await readBytes(where, second);
  return readKerasModel({ json: bytes, weights }, options, FLAGS);
}

async function readBytes(where: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const expected =
      systemCode(error) === 'ENOENT'
        ? `${path} does not exist`
        : `${path} cannot be read (${systemReason(error)})`;
    const remedy = path.endsWith('.h5')
      ? 'The weights of x.json are read from x.h5; name others as in x.json+weights.h5.'
      : 'Check the path.';
    return rejectFile(path, { where, expected, remedy, see: 'unreadable-file' }, error);
  }
}

/** A file of another extension may exist: then its first bytes tell what it is. */
async function refuseOther(where: string, path: string): Promise<void> {
  const kind = kindOfFile(await readFile(path).catch(() => NOT_READ));
  if (kind === undefined) return;
  const { what, remedy } = kind;
  rejectFile(path, {
    where,
    expected: `${path} must be a model and is ${what}`,
    remedy,
    see: 'not-a-model-file',
  });
}

/** Bytes of no kind that is known. */
const NOT_READ = Uint8Array.of(0);

/** What a folder of TensorFlow itself has in it. */
async function refuseSavedModel(where: string, path: string): Promise<void> {
  const names: string[] = await readdir(path).catch(() => []);
  if (names.includes(MODEL_JSON) || !names.includes('saved_model.pb')) return;
  rejectFile(path, {
    where,
    expected: `${path} must be a folder of TensorFlow.js and is a SavedModel of TensorFlow`,
    remedy: "In Python, tf.keras.models.load_model(folder) and model.save('model.h5').",
    see: 'not-a-model-file',
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Keras writes its JSON without `modelTopology`. A file that is missing or no JSON is nobody's. */
async function isOfTensorFlowJs(path: string): Promise<boolean> {
  try {
    return 'modelTopology' in JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return false;
  }
}
