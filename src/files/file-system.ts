import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileError, reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import {
  inUse,
  sweepTemporaries,
  syncDirectory,
  temporaryName,
  writeFileAtomic,
  writeFlushed,
} from './atomic.js';
import { loadModel, MODEL_JSON } from './model-json.js';
import { WEIGHTS, writeModelJson } from './model-digests.js';
import { rejectFile, systemReason } from '../foundation/reject-file.js';

const WHERE = 'fileSystem';

/**
 * Saves models to a folder and loads them again, in Node.js without native bindings.
 *
 * The folder holds `model.json` and a file of weights, as every loader of TensorFlow.js expects
 * them. The weights are named after the content of both (`weights-0123456789abcdef.bin`) and come
 * first; renaming `model.json` into place is the moment at which the new model counts. A process
 * killed before that leaves the old model whole, and the next save clears what it left. Only one
 * process at a time may save to a folder; saves within a process wait for one another.
 *
 * A single bit that has changed in either file since is found when they are loaded. To load a
 * `model.json` that you have changed on purpose, give the weights another name, there too. Such
 * models, and those of others, are built once to see that they are whole: weights that are missing
 * or too many are an error, with `strict: false` too.
 *
 * @param directory The folder, made by `save` when it is missing.
 * @returns What `model.save` and `tf.loadLayersModel` take. `load` throws a FileError naming the
 *   file that is missing, altered, or not a model.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-layers';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { fileSystem } from 'tfjs-recurrent/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'model-'));
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
 * await model.save(fileSystem(folder));
 * const loaded = await tf.loadLayersModel(fileSystem(folder));
 * console.log(loaded.countParams());
 * // 8
 * await rm(folder, { recursive: true });
 * ```
 */
export function fileSystem(directory: string): tf.io.IOHandler {
  if (typeof directory !== 'string' || directory === '') {
    reject({
      where: WHERE,
      expected: 'directory must be the path of a folder',
      received: directory,
      remedy: "For example fileSystem('runs/imdb').",
    });
  }
  return {
    save: (artifacts) => inTurn(resolve(directory), () => save(directory, artifacts)),
    load: () => loadModel(WHERE, directory),
  };
}

const lastSave = new Map<string, Promise<unknown>>();

/** Runs the saves to one folder one after another. */
async function inTurn<Result>(folder: string, run: () => Promise<Result>): Promise<Result> {
  const before = lastSave.get(folder) ?? Promise.resolve();
  const turn = before.then(run, run);
  const settled = turn.catch(() => undefined);
  lastSave.set(folder, settled);
  void settled.then(() => {
    if (lastSave.get(folder) === settled) lastSave.delete(folder);
  });
  return turn;
}

async function save(directory: string, artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
  const { modelTopology, weightSpecs, weightData } = artifacts;
  if (modelTopology === undefined || weightSpecs === undefined || weightData === undefined) {
    reject({
      where: WHERE,
      expected: 'a model must come with its topology and its weights',
      remedy: 'Call model.save(fileSystem(directory)) with a whole model.',
      see: 'not-a-model',
    });
  }
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const { weightData: _data, weightSpecs: _specs, getWeightStream: _stream, ...rest } = artifacts;
  const { json, name } = writeModelJson(rest, weightSpecs, weights);
  const temporary = temporaryName(name);
  inUse.add(temporary);
  try {
    await mkdir(directory, { recursive: true });
    await writeFlushed(join(directory, temporary), weights);
    await rename(join(directory, temporary), join(directory, name));
    await syncDirectory(directory);
    await writeFileAtomic(join(directory, MODEL_JSON), json);
    await removeStale(directory, name);
  } catch (error) {
    if (error instanceof FileError) throw error;
    rejectFile(
      directory,
      {
        where: WHERE,
        expected: `the model cannot be saved to ${directory} (${systemReason(error)})`,
        remedy: 'Check that the folder can be written to and that the disk is not full.',
        see: 'unwritable-file',
      },
      error,
    );
  } finally {
    await rm(join(directory, temporary), { force: true }).catch(() => undefined);
    inUse.delete(temporary);
  }
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function removeStale(directory: string, current: string): Promise<void> {
  await sweepTemporaries(directory, (target) => WEIGHTS.test(target));
  for (const name of await readdir(directory)) {
    if (WEIGHTS.test(name) && name !== current) await rm(join(directory, name), { force: true });
  }
}
