/** Models with constraints and regularizers that real Keras trained: test/golden/generate_constraints.py. */
import { readFileSync } from 'node:fs';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { fitWithSeed, layers } from '../../../src/index.js';

interface Values {
  shape: number[];
  values: number[];
}

type Spec = { class: string; layer?: Spec } & Record<string, unknown>;

/** A model, what it is trained on, and what Keras makes of it. */
export interface TrainedCase {
  name: string;
  /** One behind the other; 'shared' for the model that calls one layer twice. */
  layers: Spec[] | 'shared';
  inputs: Values;
  labels: Values;
  /** Weights before training. */
  initial: Values[];
  lossBefore: number;
  losses: number[];
  weights: Values[];
  lossAfter: number;
}

interface TrainingFile {
  batch: number;
  epochs: number;
  learningRate: number;
  shared: Spec;
  constraints: TrainedCase[];
  regularizers: TrainedCase[];
}

const folder = new URL('../../golden/', import.meta.url);

export const KERAS: TrainingFile = JSON.parse(
  readFileSync(new URL('constraints.json', folder), 'utf8'),
);

/** A file of test/golden/constraints. */
export function constrainedFile(name: string): Uint8Array {
  return readFileSync(new URL(`constraints/${name}`, folder));
}

export function tensorOf({ shape, values }: Values, dtype: tf.DataType = 'float32'): tf.Tensor {
  return tf.tensor(values, shape, dtype);
}

type Maker = (args: object) => tfl.layers.Layer;
type Objects = Record<string, (config: object) => unknown>;

function layerOf({ class: name, layer, ...settings }: Spec): tfl.layers.Layer {
  const args = Object.entries(settings).map(([key, value]) => {
    const objects = key.endsWith('Constraint') ? tfl.constraints : tfl.regularizers;
    if (!/(Constraint|Regularizer)$/.test(key)) return [key, value];
    const [kind, config] = value as [string, object];
    return [key, (objects as unknown as Objects)[kind]!(config)];
  });
  const makers = { ...tfl.layers, ...layers } as unknown as Record<string, Maker>;
  return makers[name]!({ ...Object.fromEntries(args), ...(layer && { layer: layerOf(layer) }) });
}

/** The model of a case, with the weights that Keras began with, compiled. */
export function modelOf({ layers: specs, inputs, initial }: TrainedCase): tfl.LayersModel {
  const model = specs === 'shared' ? sharedModel() : tfl.sequential();
  if (specs !== 'shared') {
    const inputShape = inputs.shape.slice(1);
    const sequential = model as tfl.Sequential;
    sequential.add(tfl.layers.inputLayer({ inputShape }));
    for (const spec of specs) sequential.add(layerOf(spec));
  }
  // Keras lists the weights of a model by layers; so does TensorFlow.js, unless some are frozen.
  const places = model.layers.flatMap((layer) => layer.weights);
  model.setWeights(model.weights.map((weight) => tensorOf(initial[places.indexOf(weight)]!)));
  model.compile({ optimizer: tf.train.sgd(KERAS.learningRate), loss: 'meanSquaredError' });
  return model;
}

/** The weights by layers, as Keras lists them. */
export function weightsOf(model: tfl.LayersModel): Float32Array[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map((weight) => weight.read().dataSync<'float32'>()),
  );
}

function sharedModel(): tfl.LayersModel {
  const x = tfl.input({ shape: [4, 3] });
  const last = layers.lstm({ units: 3, recurrentActivation: 'sigmoid' }).apply(x);
  const shared = layerOf(KERAS.shared);
  const once = shared.apply(last) as tfl.SymbolicTensor;
  const twice = shared.apply(once) as tfl.SymbolicTensor;
  const joined = tfl.layers.add().apply([once, twice]);
  const outputs = layers.dense({ units: 1 }).apply(joined) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs });
}

type Train = (model: tfl.LayersModel, x: tf.Tensor, y: tf.Tensor) => Promise<number[]>;

/** Ways to train as `fit` of Keras does with shuffle=False; each gives the loss of every epoch. */
export const WAYS: Record<string, Train> = {
  async fit(model, x, y) {
    const { batch: batchSize, epochs } = KERAS;
    const settings = { batchSize, epochs, shuffle: false, verbose: 0 as const };
    return (await model.fit(x, y, settings)).history.loss as number[];
  },

  async fitWithSeed(model, x, y) {
    const { batch: batchSize, epochs } = KERAS;
    const { history } = await fitWithSeed(model, x, y, { batchSize, epochs, shuffle: false });
    return history.loss!;
  },

  async fitDataset(model, x, y) {
    const batches = async function* () {
      for (const [xs, ys] of batchesOf(x, y)) yield { xs, ys };
    };
    const dataset = { size: x.shape[0]! / KERAS.batch, iterator: async () => batches() };
    const settings = { epochs: KERAS.epochs, verbose: 0 as const };
    return (await model.fitDataset(dataset as never, settings)).history.loss as number[];
  },

  async trainOnBatch(model, x, y) {
    const losses: number[] = [];
    for (let epoch = 0; epoch < KERAS.epochs; epoch++) {
      const batches = batchesOf(x, y);
      let sum = 0;
      for (const [xs, ys] of batches) sum += (await model.trainOnBatch(xs, ys)) as number;
      losses.push(sum / batches.length);
    }
    return losses;
  },
};

function batchesOf(x: tf.Tensor, y: tf.Tensor): [tf.Tensor, tf.Tensor][] {
  return Array.from({ length: x.shape[0]! / KERAS.batch }, (_, i) => [
    tf.slice(x, [i * KERAS.batch], [KERAS.batch]),
    tf.slice(y, [i * KERAS.batch], [KERAS.batch]),
  ]);
}
