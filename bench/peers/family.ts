/** Ours, any model of harness/family.ts: `family.ts <backend> <threads> [wide]`. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { layers as stock, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { adam, layers, ready, registerLayers } from 'tfjs-recurrent';
import type { FamilyModel } from '../harness/family.js';
import { missing, serve, timed } from './protocol.js';

const [backend, threads, wide] = process.argv.slice(2);
if (!(await tf.setBackend(backend!).catch(missing))) missing(`no backend ${backend}`);
await ready({
  threads: threads === 'auto' ? 'auto' : Number(threads),
  wideVectors: wide === 'wide',
});
registerLayers();

interface Built {
  plan: FamilyModel;
  model: LayersModel;
  x: tf.Tensor;
  y: tf.Tensor;
}

const LOSSES = {
  'binary crossentropy': 'binaryCrossentropy',
  crossentropy: 'sparseCategoricalCrossentropy',
  'mean squared error': 'meanSquaredError',
};
const ACTIVATIONS = {
  'binary crossentropy': 'sigmoid',
  crossentropy: 'softmax',
  'mean squared error': 'linear',
} as const;

const built = new Map<string, Built>();

await serve(
  { node: process.version, 'tfjs-core': tf.version_core },
  {
    /** Builds a model with batches for a turn; how many parameters it has. */
    build: async ({ plan }: { plan: FamilyModel }) => {
      const model = modelOf(plan);
      const { batch, time, words, steps, outputs } = plan;
      const rows = batch * steps;
      const x = words
        ? tf.randomUniform([rows, time], 1, words.vocabulary, 'int32', 1)
        : tf.randomNormal([rows, time, 1], 0, 1, 'float32', 1);
      const shape = plan.labels === 'a step' ? [rows, time, 1] : [rows, 1];
      const y =
        plan.loss === 'mean squared error'
          ? tf.randomNormal(shape, 0, 1, 'float32', 2)
          : tf.cast(tf.randomUniform(shape, 0, Math.max(2, outputs), 'int32', 2), 'float32');
      built.set(plan.name, { plan, model, x, y });
      return { parameters: model.countParams() };
    },

    train: async ({ name }: { name: string }) => {
      const { plan, model, x, y } = built.get(name)!;
      const [ms, { history }] = await timed(() =>
        model.fit(x, y, { batchSize: plan.batch, epochs: 1, verbose: 0 }),
      );
      return { ms: ms / plan.steps, loss: history.loss![0] as number };
    },

    predict: async ({ name }: { name: string }) => {
      const { plan, model, x } = built.get(name)!;
      const [ms] = await timed(async () => {
        const y = model.predict(x, { batchSize: plan.batch }) as tf.Tensor;
        await y.data();
        y.dispose();
      });
      return { ms: ms / plan.steps };
    },
  },
);

function modelOf(plan: FamilyModel): LayersModel {
  const { words, time, units, cell, bidirectional, labels, outputs, loss } = plan;
  const model = sequential();
  if (words) {
    const { vocabulary: inputDim, width: outputDim, masked: maskZero } = words;
    model.add(layers.embedding({ inputDim, outputDim, inputLength: time, maskZero }));
  } else {
    model.add(stock.inputLayer({ inputShape: [time, 1] }));
  }
  units.forEach((n, i) => {
    const options = {
      units: n,
      returnSequences: labels === 'a step' || i < units.length - 1,
    };
    const layer =
      cell === 'lstm'
        ? layers.lstm({ ...options, recurrentActivation: 'sigmoid' })
        : cell === 'gru'
          ? layers.gru({ ...options, recurrentActivation: 'sigmoid', resetAfter: true })
          : layers.simpleRNN(options);
    model.add(bidirectional ? layers.bidirectional({ layer, mergeMode: 'concat' }) : layer);
  });
  model.add(layers.dense({ units: outputs, activation: ACTIVATIONS[loss] }));
  model.compile({ optimizer: adam(0.001), loss: LOSSES[loss] });
  return model;
}
