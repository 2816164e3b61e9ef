import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { RecurrentError, SentimentClassifier } from '../../../src/index.js';
import { fileSystem } from '../../../src/node.js';
import { labels, TINY, texts } from '../reviews.js';
import { inMemory } from '../../in-memory.js';

const folder = await mkdtemp(join(tmpdir(), 'damaged-classifier-'));
const { handler, saved } = inMemory();
let classifier: SentimentClassifier;

beforeAll(async () => {
  await tf.setBackend('cpu');
  const options = { ...TINY, vocabularySize: 6, epochs: 1 };
  classifier = await SentimentClassifier.train({ texts, labels }, options);
  await classifier.save(fileSystem(folder));
  await classifier.save(handler);
});
afterAll(() => rm(folder, { recursive: true }));

const flip = (bytes: Uint8Array, bit: number) => {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
};

/** What loading fails with, which must be an error of ours and leave no tensor behind. */
async function failure(from: tf.io.IOHandler, about: string): Promise<string> {
  const before = tf.memory().numTensors;
  const error = await SentimentClassifier.load(from).catch((reason: unknown) => reason);
  expect(error, about).toBeInstanceOf(RecurrentError);
  expect(tf.memory().numTensors, about).toBe(before);
  return reasonOf(error);
}

describe('a single bit that has flipped in the files of a classifier', () => {
  test.each(['model.json', '.bin'])('is noticed, in %s', async (ending) => {
    const name = (await readdir(folder)).find((each) => each.endsWith(ending))!;
    const path = join(folder, name);
    const bytes = await readFile(path);
    for (let bit = 0; bit < 8 * bytes.length; bit += 37) {
      flip(bytes, bit);
      await writeFile(path, bytes);
      flip(bytes, bit);
      expect(await failure(fileSystem(folder), `bit ${bit}`)).toContain(folder);
    }
    await writeFile(path, bytes);
    const loaded = await SentimentClassifier.load(fileSystem(folder));
    expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
  });
});

describe('a single bit that has flipped in what another handler keeps', () => {
  const CHANGED =
    'SentimentClassifier.load: the saved classifier is damaged: it has changed since it was saved. ' +
    'Save it again with SentimentClassifier.save.';

  test('is noticed in the weights, whichever it is', async () => {
    const bytes = new Uint8Array(saved.weights);
    for (let bit = 0; bit < 8 * bytes.length; bit += 11) {
      flip(bytes, bit);
      expect(await failure(handler, `bit ${bit}`)).toBe(CHANGED);
      flip(bytes, bit);
    }
  });

  test('is noticed in the JSON, or is where it says nothing of the classifier', async () => {
    const whole = saved.json;
    const bytes = Buffer.from(whole);
    const passed = new Set<string>();
    for (let bit = 0; bit < 8 * bytes.length; bit += 5) {
      flip(bytes, bit);
      saved.json = bytes.toString();
      flip(bytes, bit);
      if (!isJson(saved.json)) continue; // which is for the handler to say
      const loaded = await SentimentClassifier.load(handler).catch((error: unknown) => error);
      if (loaded instanceof SentimentClassifier) {
        expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
        expect(loaded.tokenizer.toJson()).toBe(classifier.tokenizer.toJson());
        expect(loaded.classNames).toEqual(classifier.classNames);
        expect(loaded.history).toEqual(classifier.history);
        loaded.dispose();
        if (sayTheSame(saved.json, whole)) continue; // one number has several spellings
        const at = bit >> 3;
        passed.add(
          /"[^"]*"(?=:[^:]*$)/.exec(whole.slice(0, whole.indexOf('":', at) + 2))?.[0] ?? '',
        );
      } else expect(loaded, `bit ${bit}`).toBeInstanceOf(RecurrentError);
    }
    saved.json = whole;
    expect([...passed]).toEqual(['"format"', '"generatedBy"', '"convertedBy"']);
  });
});

const sayTheSame = (one: string, other: string): boolean =>
  JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('a classifier whose checksum was taken out, or that never had one, loads', async () => {
  const json = JSON.parse(saved.json);
  delete json.userDefinedMetadata.sentimentClassifier.crc32;
  const loaded = await SentimentClassifier.load({
    load: async () => ({ ...json, weightData: saved.weights }),
  });
  expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
});

test('the order of keys and white space do not count', async () => {
  const turned = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(turned);
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, each]) => [key, turned(each)]));
  };
  const json = JSON.parse(JSON.stringify(turned(JSON.parse(saved.json)), undefined, 2));
  const loaded = await SentimentClassifier.load({
    load: async () => ({ ...json, weightData: saved.weights }),
  });
  expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
});
