import { reasonOf } from '../foundation/errors.js';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { tf } from '../foundation/tensorflow.js';
import { disposeSavedModel, loadSavedModel } from '../models/saving/load-saved-model.js';
import { findChange } from './model-digests.js';
import { rejectFile, systemCode, systemReason } from '../foundation/reject-file.js';

/** The file that names all others of a saved model. */
export const MODEL_JSON = 'model.json';

const SAVE = 'model.save(fileSystem(directory))';
const REMEDY = `Save the model again with ${SAVE}.`;

/** Reads `model.json` of a folder and the weights that it names, and holds the one to the other. */
export async function loadModel(where: string, directory: string): Promise<tf.io.ModelArtifacts> {
  const path = join(directory, MODEL_JSON);
  let json = await readModelJson(where, directory, path);
  for (;;) {
    const model = parseModelJson(where, path, json.toString());
    try {
      return await withWeights(where, directory, path, json, model);
    } catch (error) {
      // A save that finished since model.json was read has replaced the weights that it named.
      const now = await readModelJson(where, directory, path);
      if (now.equals(json)) throw error;
      json = now;
    }
  }
}

async function readModelJson(where: string, directory: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const expected =
      systemCode(error) === 'ENOENT'
        ? `there is no ${MODEL_JSON} in ${directory}`
        : `${path} cannot be read (${systemReason(error)})`;
    const remedy = 'Pass the folder to which a model was saved.';
    return rejectFile(path, { where, expected, remedy, see: 'unreadable-file' }, error);
  }
}

function parseModelJson(where: string, path: string, text: string): tf.io.ModelJSON {
  let json: Partial<tf.io.ModelJSON> | null;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return rejectFile(
      path,
      { where, expected: `${path} is not JSON`, remedy: REMEDY, see: 'not-a-model-file' },
      error,
    );
  }
  const missing = ['modelTopology', 'weightsManifest'].find((key) => !isObject(json, key));
  if (missing !== undefined || !isManifest(json?.weightsManifest)) {
    const what = missing === undefined ? 'a weightsManifest that can be read' : missing;
    rejectFile(path, {
      where,
      expected: `${path} is not a TensorFlow.js model: it must have ${what}`,
      remedy: REMEDY,
      see: 'not-a-model-file',
    });
  }
  return json as tf.io.ModelJSON;
}

function isObject(json: unknown, key: string): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const value = (json as Record<string, unknown>)[key];
  return typeof value === 'object' && value !== null;
}

function isManifest(manifest: unknown): manifest is tf.io.WeightsManifestConfig {
  if (!Array.isArray(manifest)) return false;
  return manifest.every(
    (group) =>
      Array.isArray(group?.paths) &&
      group.paths.every((path: unknown) => typeof path === 'string') &&
      Array.isArray(group.weights) &&
      group.weights.every((spec: Partial<tf.io.WeightsManifestEntry> | null) =>
        Array.isArray(spec?.shape),
      ),
  );
}

async function withWeights(
  where: string,
  directory: string,
  path: string,
  json: Buffer,
  model: tf.io.ModelJSON,
): Promise<tf.io.ModelArtifacts> {
  const { weightsManifest, ...rest } = model;
  const files: Buffer[] = [];
  for (const group of weightsManifest) {
    const shards = await Promise.all(
      group.paths.map((name) => readWeights(where, directory, path, name)),
    );
    const received = shards.reduce((bytes, shard) => bytes + shard.length, 0);
    const expected = bytesOf(group.weights);
    if (expected !== undefined && received !== expected) {
      const names = group.paths.map((name) => join(directory, name)).join(', ');
      rejectFile(join(directory, group.paths[0] ?? ''), {
        where,
        expected: `${names} must have ${expected} bytes, as ${MODEL_JSON} says`,
        received,
        remedy: `It is truncated or belongs to another model. ${REMEDY}`,
        see: 'damaged-file',
      });
    }
    files.push(...shards);
  }
  const weights = Buffer.concat(files);
  const change = findChange(json, weightsManifest, weights);
  if (change === 'json' || change === 'weights') {
    const changed =
      change === 'json' ? path : join(directory, weightsManifest[0]?.paths[0] ?? MODEL_JSON);
    rejectFile(changed, {
      where,
      expected: `${changed} has changed since it was saved`,
      remedy: `Take it from a copy, or save the model again with ${SAVE}.`,
      see: 'damaged-file',
    });
  }
  const artifacts: tf.io.ModelArtifacts = {
    ...rest,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length),
  };
  if (change === 'unknown' && !isGraph(artifacts)) await requireLoadable(where, path, artifacts);
  return artifacts;
}

/** Whether it is for tf.loadGraphModel. */
function isGraph({ format, modelTopology }: tf.io.ModelArtifacts): boolean {
  return format === 'graph-model' || 'node' in modelTopology!;
}

/**
 * Loads a model without a digest once more than tf.loadLayersModel will, whose errors name no file
 * and leave tensors behind.
 */
async function requireLoadable(
  where: string,
  path: string,
  artifacts: tf.io.ModelArtifacts,
): Promise<void> {
  try {
    disposeSavedModel(await loadSavedModel(artifacts));
  } catch (error) {
    const expected = `the model of ${path} cannot be loaded: ${reasonOf(error)}`;
    const remedy = `If it has layers of your own, call tf.serialization.registerClass first. ${REMEDY}`;
    rejectFile(path, { where, expected, remedy, see: 'damaged-file' }, error);
  }
}

async function readWeights(
  where: string,
  directory: string,
  path: string,
  name: string,
): Promise<Buffer> {
  if (posix.isAbsolute(name) || name.split(/[/\\]/).includes('..') || /^[a-z]:/i.test(name)) {
    const expected = `${path} names weights outside its folder (${name})`;
    rejectFile(path, { where, expected, remedy: REMEDY, see: 'damaged-file' });
  }
  const weights = join(directory, name);
  try {
    return await readFile(weights);
  } catch (error) {
    const expected =
      systemCode(error) === 'ENOENT'
        ? `${weights} is missing, which ${MODEL_JSON} names`
        : `${weights} cannot be read (${systemReason(error)})`;
    return rejectFile(weights, { where, expected, remedy: REMEDY, see: 'unreadable-file' }, error);
  }
}

const BYTES: Record<string, number> = {
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  float32: 4,
  int32: 4,
  complex64: 8,
};

/** The length of weights by their specifications; undefined where strings leave it open. */
function bytesOf(specs: readonly tf.io.WeightsManifestEntry[]): number | undefined {
  let bytes = 0;
  for (const spec of specs) {
    const each = BYTES[spec.quantization?.dtype ?? spec.dtype];
    if (each === undefined) return undefined;
    bytes += each * spec.shape.reduce((size, dimension) => size * dimension, 1);
  }
  return bytes;
}
