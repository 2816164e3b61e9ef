/** Ours: `ours.ts <backend> <threads> [wide]`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  createSentimentLstm,
  layers,
  padSequences,
  ready,
  SentimentClassifier,
  Tokenizer,
} from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { BATCH, readRows, TIME, VOCABULARY } from '../harness/inputs.js';
import { missing, serve, timed } from './protocol.js';

const [backend, threads, wide] = process.argv.slice(2);
if (!(await tf.setBackend(backend!).catch(missing))) missing(`no backend ${backend}`);
await ready({
  threads: threads === 'auto' ? 'auto' : Number(threads),
  wideVectors: wide === 'wide',
});

let folder = '';
let classifier: SentimentClassifier;
let model: LayersModel; // what is trained
let test: tf.Tensor2D | undefined;
let texts: string[] = [];
let corpus: { train: string[]; test: string[] };

interface LayerArguments {
  units: number;
  time: number;
  runs: number;
  last?: boolean;
}

interface TextLayerArguments {
  folder: string;
  units: number;
  rate: number;
  runs: number;
}

/** A layer with its weights and an input, or a model with a batch. */
const built = new Map<string, () => Promise<unknown>>();

await serve(
  { node: process.version, 'tfjs-core': tf.version_core },
  {
    load: async (args: { folder: string }) => {
      folder = args.folder;
      classifier = await SentimentClassifier.load(fileSystem(join(folder, 'classifier')));
      model = classifier.model;
      texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as string[];
      return { parameters: classifier.model.countParams() };
    },

    /** The model as it begins, in place of the one that was loaded. */
    fresh: ({ seed }: { seed: number }) => {
      model = createSentimentLstm({ seed });
    },

    /** One pass over `steps` batches by model.fit, behind `lead` others that are not timed. */
    fit: async ({ start, steps, lead = 0 }: { start: number; steps: number; lead?: number }) => {
      if (lead > 0) {
        const [x, y] = readRows(folder, 'train', start + steps * BATCH, lead * BATCH);
        await model.fit(x, y, { batchSize: BATCH, epochs: 1, verbose: 0 });
        tf.dispose([x, y]);
      }
      const [x, y] = readRows(folder, 'train', start, steps * BATCH);
      const [ms, { history }] = await timed(() =>
        model.fit(x, y, { batchSize: BATCH, epochs: 1, verbose: 0 }),
      );
      tf.dispose([x, y]);
      return { ms: ms / steps, loss: history.loss![0] as number };
    },

    /** The same batches, cut beforehand, by trainOnBatch. */
    bare: async ({ start, steps }: { start: number; steps: number }) => {
      const batches = cut(start, steps);
      let loss = 0;
      const [ms] = await timed(async () => {
        for (const [x, y] of batches) {
          [loss] = (await model.trainOnBatch(x, y)) as [number];
        }
      });
      tf.dispose(batches);
      return { ms: ms / steps, loss };
    },

    /** The same batches by optimizer.minimize: no metrics, no reading of the loss until the end. */
    minimize: async ({ start, steps }: { start: number; steps: number }) => {
      const batches = cut(start, steps);
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      let loss = tf.scalar(0);
      const [ms] = await timed(async () => {
        for (const [x, y] of batches) {
          loss.dispose();
          loss = model.optimizer.minimize(() => lossOf(model, x, y), true, variables)!;
        }
        await loss.data();
      });
      const [value] = await loss.data();
      tf.dispose([batches, loss] as tf.TensorContainer);
      return { ms: ms / steps, loss: value };
    },

    /** model.predict on the first test reviews. */
    predict: async ({ count }: { count: number }) => {
      if (test?.shape[0] !== count) [test] = readRows(folder, 'test', 0, count);
      const x = test!;
      const [ms, probabilities] = await timed(async () => {
        const y = classifier.model.predict(x, { batchSize: BATCH }) as tf.Tensor;
        const values = await y.data();
        y.dispose();
        return values;
      });
      return { ms, probabilities: [...probabilities.slice(0, 1000)] };
    },

    /** One review a call, text in, probability out. */
    one: (args: { start: number; count: number }) =>
      oneByOne(args, async (text) => (await classifier.predict(text)).probability),

    /** The same without the classifier: tokenizer, padding, model. */
    oneDirect: (args: { start: number; count: number }) =>
      oneByOne(args, (text) => {
        const x = padSequences(classifier.tokenizer.textsToSequences([text]), { maxlen: TIME });
        const y = classifier.model.predict(x) as tf.Tensor;
        const [probability] = y.dataSync();
        tf.dispose([x, y]);
        return probability!;
      }),

    /** Forward and backward of a layer, with the gradient of the input; of all outputs or the last. */
    layer: async ({ units, time, runs, last = false }: LayerArguments) => {
      const work = lookUp(`layer ${units} ${time} ${last}`, () => buildLayer(units, time, last));
      const times: number[] = [];
      let gradients: unknown;
      for (let run = 0; run < runs; run++) {
        const [ms, shapes] = await timed(work);
        times.push(ms);
        gradients = shapes;
      }
      return { ms: times, gradients };
    },

    /** Embedding, dropout and LSTM on a batch of real reviews, forward and backward; of all outputs. */
    textLayer: async ({ folder: from, units, rate, runs }: TextLayerArguments) => {
      const key = `text ${units} ${rate}`;
      const work = lookUp(key, () => buildTextLayer(from, units, rate));
      const times: number[] = [];
      let gradients: unknown;
      for (let run = 0; run < runs; run++) {
        const [ms, shapes] = await timed(work);
        times.push(ms);
        gradients = shapes;
      }
      return { ms: times, gradients };
    },

    /** trainOnBatch of the whole model on sequences of a length. */
    modelStep: async ({ time, runs }: { time: number; runs: number }) => {
      const work = lookUp(`model ${time}`, () => buildModel(time));
      const times: number[] = [];
      for (let run = 0; run < runs; run++) times.push((await timed(work))[0]);
      return { ms: times };
    },

    forget: () => {
      built.clear();
      tf.disposeVariables();
    },

    readTexts: ({ path }: { path: string }) => {
      corpus = JSON.parse(readFileSync(path, 'utf8')) as typeof corpus;
      return [corpus.train.length, corpus.test.length];
    },

    tokenize: async () => {
      const tokenizer = new Tokenizer({ numWords: VOCABULARY });
      const [fit] = await timed(() => tokenizer.fitOnTexts(corpus.train));
      const all = [...corpus.train, ...corpus.test];
      const [number, sequences] = await timed(() => tokenizer.textsToSequences(all));
      const hash = createHash('sha256');
      for (const sequence of sequences) hash.update(`${sequence.join(' ')}\n`);
      return { fit, number, digest: hash.digest('hex') };
    },
  },
);

function cut(start: number, steps: number): [tf.Tensor2D, tf.Tensor2D][] {
  return Array.from({ length: steps }, (_, step) =>
    readRows(folder, 'train', start + step * BATCH, BATCH),
  );
}

function lossOf(model: LayersModel, x: tf.Tensor, y: tf.Tensor2D): tf.Scalar {
  const { model: inner = model } = model as LayersModel & { model?: LayersModel }; // of a Sequential
  const loss = inner.lossFunctions[0]!;
  return tf.tidy(() => tf.mean(loss(y, model.apply(x, { training: true }) as tf.Tensor)));
}

async function oneByOne(
  { start, count }: { start: number; count: number },
  judge: (text: string) => number | Promise<number>,
) {
  const times: number[] = [];
  const probabilities: number[] = [];
  for (const text of texts.slice(start, start + count)) {
    const [ms, probability] = await timed(() => judge(text));
    times.push(ms);
    probabilities.push(probability);
  }
  return { ms: times, probabilities };
}

function lookUp(key: string, build: () => () => Promise<unknown>): () => Promise<unknown> {
  const work = built.get(key) ?? build();
  built.set(key, work);
  return work;
}

function buildLayer(units: number, time: number, last: boolean): () => Promise<unknown> {
  const layer = layers.lstm({
    units,
    recurrentActivation: 'sigmoid',
    returnSequences: !last,
    kernel: 'fused',
  });
  const input = tf.variable(tf.randomNormal([BATCH, time, units], 0, 1, 'float32', 1));
  tf.tidy(() => void layer.apply(input)); // builds the weights
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const run = tf.grads(() => layer.apply(input) as tf.Tensor);
  const dy = tf.ones(last ? [BATCH, units] : [BATCH, time, units]);
  return async () => {
    const gradients = run([input, ...weights], dy);
    const shapes = [gradients[0]!, gradients[2]!].map(({ shape }) => shape);
    tf.dispose(gradients);
    return shapes;
  };
}

function buildTextLayer(from: string, units: number, rate: number): () => Promise<unknown> {
  const embedding = layers.embedding({ inputDim: VOCABULARY, outputDim: units, kernel: 'fused' });
  const dropout = layers.dropout({ rate, seed: 1 });
  const lstm = layers.lstm({
    units,
    recurrentActivation: 'sigmoid',
    returnSequences: true,
    kernel: 'fused',
  });
  const [x] = readRows(from, 'train', 0, BATCH);
  const forward = () => {
    const rows = embedding.apply(x) as tf.Tensor;
    return lstm.apply(rate ? dropout.apply(rows, { training: true })! : rows) as tf.Tensor;
  };
  tf.tidy(() => void forward()); // builds the weights
  const weights = [...embedding.trainableWeights, ...lstm.trainableWeights].map(
    (weight) => weight.read() as tf.Variable,
  );
  const run = tf.grads(forward);
  const dy = tf.ones([BATCH, TIME, units]);
  return async () => {
    const gradients = run(weights, dy);
    const shapes = [gradients[0]!, gradients[2]!].map(({ shape }) => shape);
    tf.dispose(gradients);
    return shapes;
  };
}

function buildModel(time: number): () => Promise<unknown> {
  const model = createSentimentLstm({ sequenceLength: time, seed: 1 });
  const x = tf.randomUniform([BATCH, time], 1, VOCABULARY, 'int32', 1);
  const y = tf.cast(tf.randomUniform([BATCH, 1], 0, 2, 'int32', 3), 'float32');
  return () => model.trainOnBatch(x, y);
}
