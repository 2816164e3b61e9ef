import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { fileSystem } from '../../src/node.js';

let folder: string;
let json: string;
let weights: string;
let values: number[][];

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-damage-'));
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ name: 'out', units: 1, inputShape: [2], activation: 'relu' })],
  });
  await model.save(fileSystem(folder));
  values = weightsOf(model);
  json = join(folder, 'model.json');
  weights = join(folder, (await readdir(folder)).find((name) => name.endsWith('.bin'))!);
});

afterEach(() => rm(folder, { recursive: true }));

const weightsOf = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => [...weight.dataSync()]);

const load = () => tfl.loadLayersModel(fileSystem(folder));

/** What went wrong, if it is an error of ours. */
async function failure(): Promise<FileError> {
  const error = await fileSystem(folder).load!().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileError);
  return error as FileError;
}

describe('a single bit that has flipped', () => {
  it.each(['model.json', 'weights'])('in %s is noticed, whichever it is', async (which) => {
    const path = which === 'weights' ? weights : json;
    const bytes = await readFile(path);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, bytes);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect((await failure()).message, `bit ${bit}`).toContain(folder);
    }
    await writeFile(path, bytes);
    expect(weightsOf(await load())).toEqual(values);
  });

  it('in the weights is told from one in model.json', async () => {
    const remedy =
      'Take it from a copy, or save the model again with model.save(fileSystem(directory)).';
    for (const [path, find, replace] of [
      [json, 'relu', 'selu'],
      [json, '"sha256"', '"sha255"'],
      [weights, '', ''],
    ] as const) {
      const whole = await readFile(path);
      const altered = Buffer.from(whole.toString('latin1').replace(find, replace), 'latin1');
      if (find === '') altered[3]! ^= 1;
      await writeFile(path, altered);
      const error = await failure();
      expect(reasonOf(error)).toBe(`fileSystem: ${path} has changed since it was saved. ${remedy}`);
      expect(error.path).toBe(path);
      await writeFile(path, whole);
    }
  });
});

it('weights of another model of the same size are not taken', async () => {
  const bytes = await readFile(weights);
  await writeFile(weights, new Uint8Array(bytes.length));
  expect((await failure()).path).toBe(weights);
});

it('a model.json changed on purpose loads when the weights have another name', async () => {
  const text = await readFile(json, 'utf8');
  await rename(weights, join(folder, 'mine.bin'));
  const changed = text.replace('relu', 'selu').replace(/weights-[0-9a-f]+\.bin/, 'mine.bin');
  await writeFile(json, changed);
  const model = await load();
  expect(weightsOf(model)).toEqual(values);
  expect(model.layers[0]!.getConfig().activation).toBe('selu');
});

describe('a folder of before model.json had a digest', () => {
  /** The names of weights were digests of weights alone. */
  async function makeOld(): Promise<void> {
    const { weightsManifest, ...rest } = JSON.parse(await readFile(json, 'utf8'));
    const digest = createHash('sha256')
      .update(await readFile(weights))
      .digest('hex');
    const name = `weights-${digest.slice(0, 16)}.bin`;
    await rename(weights, join(folder, name));
    weights = join(folder, name);
    const group = { paths: [name], weights: weightsManifest[0].weights };
    await writeFile(json, JSON.stringify({ ...rest, weightsManifest: [group] }));
  }

  it('loads', async () => {
    await makeOld();
    expect(weightsOf(await load())).toEqual(values);
  });

  it('has whole weights or an error that names them', async () => {
    await makeOld();
    const bytes = await readFile(weights);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(weights, bytes);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect((await failure()).path).toBe(weights);
    }
  });

  it('is cleared by the next save', async () => {
    await makeOld();
    const model = await load();
    await model.save(fileSystem(folder));
    expect(await readdir(folder)).toHaveLength(2);
    expect(weightsOf(await load())).toEqual(values);
  });
});
