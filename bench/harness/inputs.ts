/**
 * What all contestants work on, written once: the reviews as numbers, the weights of a model that
 * has learned a little, its tokenizer, and some texts.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { padSequences, permutation, SentimentClassifier, stripHtmlTags } from 'tfjs-recurrent';
import { fileSystem, loadImdb } from 'tfjs-recurrent/node';

export const [BATCH, TIME, VOCABULARY, PARAMETERS] = [100, 300, 4000, 145_025];

/** Where the files are, and how many rows they have. */
export interface Inputs {
  /**
   * Holds train.i32 and test.i32 [reviews, 300], train-labels.f32 and test-labels.f32, weights.f32
   * (in the order of Keras), tokenizer.json, texts.json, and all that together in classifier/.
   */
  folder: string;
  train: number;
  test: number;
}

const TEXTS = 1000;

/** Reads the dataset, trains for one epoch and writes the files. */
export async function prepareInputs(data: string, folder: string): Promise<Inputs> {
  await tf.setBackend('cpu');
  const [train, test] = Object.values(await loadImdb(data)).map(mixed);
  const settings = { epochs: 1, validationSplit: 0, seed: 1 };
  const classifier = await SentimentClassifier.train(train!, settings);
  const { model, tokenizer } = classifier;
  await classifier.save(fileSystem(join(folder, 'classifier')));
  writeFileSync(join(folder, 'tokenizer.json'), tokenizer.toJson());
  writeFileSync(join(folder, 'texts.json'), JSON.stringify(test!.texts.slice(0, TEXTS)));
  const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
  const flat = Float32Array.from(weights.flatMap((values) => [...values]));
  writeFileSync(join(folder, 'weights.f32'), flat);

  for (const [part, { texts, labels }] of Object.entries({ train: train!, test: test! })) {
    const x = padSequences(tokenizer.textsToSequences(texts), { maxlen: TIME });
    writeFileSync(join(folder, `${part}.i32`), x.dataSync() as Int32Array);
    writeFileSync(join(folder, `${part}-labels.f32`), Float32Array.from(labels));
    x.dispose();
  }
  const inputs = { folder, train: train!.texts.length, test: test!.texts.length };
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify(inputs));
  return inputs;
}

/** They come positive first, and a batch should have both kinds; tags are no words. */
function mixed({ texts, labels }: { texts: readonly string[]; labels: readonly number[] }) {
  const order = [...permutation(texts.length, 1)];
  return {
    texts: order.map((index) => stripHtmlTags(texts[index]!)),
    labels: order.map((index) => labels[index]!),
  };
}

/** The files that were written before. */
export function openInputs(folder: string): Inputs {
  return JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as Inputs;
}

/** Rows of a part as tensors. */
export function readRows(
  folder: string,
  part: 'train' | 'test',
  start: number,
  count: number,
): [tf.Tensor2D, tf.Tensor2D] {
  const rows = numbers(Int32Array, join(folder, `${part}.i32`), start * TIME, count * TIME);
  const labels = numbers(Float32Array, join(folder, `${part}-labels.f32`), start, count);
  return [tf.tensor2d(rows, [count, TIME], 'int32'), tf.tensor2d(labels, [count, 1])];
}

/** The weights, cut for a model. */
export function readWeights(folder: string, shapes: readonly number[][]): tf.Tensor[] {
  const all = numbers(Float32Array, join(folder, 'weights.f32'));
  let at = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    at += size;
    return tf.tensor(all.subarray(at - size, at), shape);
  });
}

/** Numbers of a file, by default all: only these are held, since a tensor keeps the whole buffer. */
function numbers<Numbers extends Float32Array | Int32Array>(
  Kind: new (length: number) => Numbers,
  path: string,
  first = 0,
  count?: number,
): Numbers {
  const file = openSync(path, 'r');
  try {
    const values = new Kind(count ?? fstatSync(file).size / 4);
    readSync(file, values, 0, values.byteLength, 4 * first);
    return values;
  } finally {
    closeSync(file);
  }
}
