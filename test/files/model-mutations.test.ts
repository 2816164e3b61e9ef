import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecurrentError } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { fileSystem, layers, SentimentClassifier } from '../../src/node.js';
import { labels, TINY, texts } from '../models/reviews.js';
import { mutate } from './mutations.js';

const MUTATIONS = 600;

let folder: string;
let path: string;

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-mutations-'));
  path = join(folder, 'model.json');
  vi.spyOn(console, 'warn').mockImplementation(() => undefined); // of TensorFlow.js, about names
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** By name: which of them are trained decides on their order. */
const weightsOf = (model: tfl.LayersModel) =>
  Object.fromEntries(
    model.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]),
  );

/** The text of model.json, without anything by which damage shows. */
async function withoutDigests(): Promise<string> {
  const weights = (await readdir(folder)).find((name) => name.endsWith('.bin'))!;
  await rename(join(folder, weights), join(folder, 'mine.bin'));
  const json = JSON.parse((await readFile(path, 'utf8')).replace(weights, 'mine.bin'));
  delete json.weightsManifest[0].sha256;
  delete json.userDefinedMetadata?.sentimentClassifier?.crc32;
  return JSON.stringify(json);
}

/** Loads each mutation, which must end in a model with the same weights or in an error of ours. */
async function loadEach<Loaded>(
  text: string,
  load: () => Promise<Loaded>,
  check: (loaded: Loaded) => void,
): Promise<void> {
  let errors = 0;
  for (let number = 0; number < MUTATIONS; number++) {
    await writeFile(path, mutate(text, number));
    const before = tf.memory().numTensors;
    try {
      check(await load());
    } catch (error) {
      expect(error, `mutation ${number}`).toBeInstanceOf(RecurrentError);
      errors++;
    }
    expect(tf.memory().numTensors, `mutation ${number}`).toBe(before);
  }
  expect(errors).toBeGreaterThan(MUTATIONS / 3);
  expect(errors).toBeLessThan(MUTATIONS);
}

describe('a damaged model.json without a digest is an error of ours, or the same weights', () => {
  it.each([
    ['a sequential model', sequential],
    ['a functional model', functional],
  ])('%s', { timeout: 120_000 }, async (_, build) => {
    const model = build();
    const expected = weightsOf(model);
    await model.save(fileSystem(folder), { includeOptimizer: true });
    const text = await withoutDigests();
    await loadEach(
      text,
      () => tfl.loadLayersModel(fileSystem(folder)),
      (loaded) => {
        expect(weightsOf(loaded)).toEqual(expected);
        const { optimizer } = loaded as { optimizer?: tf.Optimizer };
        loaded.dispose();
        optimizer?.dispose();
      },
    );
  });

  it('a classifier', { timeout: 120_000 }, async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    await classifier.save(fileSystem(folder), { includeOptimizer: true });
    const expected = weightsOf(classifier.model);
    const text = await withoutDigests();
    await loadEach(
      text,
      () => SentimentClassifier.load(fileSystem(folder)),
      (loaded) => {
        expect(weightsOf(loaded.model)).toEqual(expected);
        loaded.dispose();
      },
    );
  });
});

function sequential(): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4 }),
      layers.bidirectional({ layer: layers.lstm({ units: 2, returnSequences: true }) }),
      layers.gru({ units: 2 }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  return model;
}

function functional(): tfl.LayersModel {
  const input = tfl.input({ shape: [5, 2] });
  const steps = tfl.layers.lstm({ units: 3, returnSequences: true }).apply(input);
  const pooled = tfl.layers.globalMaxPooling1d({}).apply(steps) as tfl.SymbolicTensor;
  const last = tfl.layers.simpleRNN({ units: 3 }).apply(steps) as tfl.SymbolicTensor;
  const both = tfl.layers.concatenate().apply([pooled, last]);
  const output = tfl.layers.dense({ units: 2 }).apply(both) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}
