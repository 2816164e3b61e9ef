import '@tensorflow/tfjs-backend-cpu';
import { type Random, seededRandom } from '../../../src/foundation/random.js';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers as ours } from '../../../src/index.js';

openDoor();
const theirs = tfl.layers;
type Layer = tfl.layers.Layer;
type Recurrent = Parameters<typeof theirs.bidirectional>[0]['layer'];

const VOCABULARY = 23;
const STEPS = 7;

/** What the random models are put together from, each reading [batch, time, features]. */
const WITHIN: Record<string, (random: Random, units: number) => Layer> = {
  lstm: (random, units) =>
    ours.lstm({ units, returnSequences: true, recurrentActivation: gate(random) }),
  gru: (random, units) =>
    theirs.gru({ units, returnSequences: true, recurrentActivation: gate(random) }),
  simpleRNN: (random, units) =>
    theirs.simpleRNN({
      units,
      returnSequences: true,
      activation: pick(random, ['tanh', 'hardSigmoid']),
    }),
  bidirectional: (random, units) =>
    ours.bidirectional({
      layer: pick(random, [ours.lstm, theirs.gru, theirs.simpleRNN])({
        units,
        returnSequences: true,
      }) as Recurrent,
      mergeMode: pick(random, ['concat', 'sum', 'mul', 'ave'] as const),
    }),
  conv1d: (random, filters) =>
    theirs.conv1d({
      filters,
      kernelSize: 2,
      padding: pick(random, ['same', 'valid'] as const),
      activation: pick(random, ['relu', 'elu', 'hardSigmoid']),
    }),
  maxPooling1d: () => theirs.maxPooling1d({ poolSize: 2, strides: 1, padding: 'same' }),
  batchNormalization: () => theirs.batchNormalization({}),
  layerNormalization: () => theirs.layerNormalization({}),
  timeDistributed: (_random, units) =>
    theirs.timeDistributed({ layer: theirs.dense({ units, activation: 'softplus' }) }),
  dropout: () => ours.dropout({ rate: 0.3, seed: 5 }),
  spatialDropout1d: () => theirs.spatialDropout1d({ rate: 0.3 }),
  activation: (random) =>
    theirs.activation({ activation: pick(random, ['selu', 'softsign', 'relu6', 'mish', 'gelu']) }),
};

/** What turns [batch, time, features] into [batch, features]. */
const ENDS: Record<string, (random: Random, units: number) => Layer> = {
  lstm: (random, units) => theirs.lstm({ units, recurrentActivation: gate(random) }),
  gru: (random, units) =>
    theirs.gru({ units, activation: pick(random, ['tanh', 'hardSigmoid']), goBackwards: true }),
  bidirectional: (_random, units) =>
    theirs.bidirectional({ layer: theirs.lstm({ units }) as Recurrent, mergeMode: 'concat' }),
  flatten: () => theirs.flatten(),
  globalMaxPooling1d: () => theirs.globalMaxPooling1d({}),
  globalAveragePooling1d: () => theirs.globalAveragePooling1d({}),
};

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

function gate(random: Random): 'sigmoid' | 'hardSigmoid' {
  return pick(random, ['sigmoid', 'hardSigmoid']);
}

/** A Sequential of about ten layers, and whether every layer that there is has been used. */
export function randomSequential(seed: number): tfl.Sequential {
  const random = seededRandom(seed);
  const model = tfl.sequential();
  model.add(ours.embedding({ inputDim: VOCABULARY, outputDim: 5, inputLength: STEPS }));
  const names = Object.keys(WITHIN);
  for (let count = 0; count < 6; count++) {
    // The seed chooses the first, so that a row of seeds goes through all of them.
    const name = count === 0 ? names[seed % names.length]! : pick(random, names);
    model.add(WITHIN[name]!(random, 3 + Math.floor(random() * 4)));
  }
  model.add(pick(random, Object.values(ENDS))(random, 4));
  model.add(theirs.dense({ units: 6, activation: pick(random, ['relu', 'swish', 'hardSigmoid']) }));
  model.add(
    theirs.dense({
      units: 2,
      activation: pick(random, ['softmax', 'sigmoid', 'logSoftmax' as never]),
    }),
  );
  randomizeWeights(model, random);
  return model;
}

/** A functional model with branches of equal layers, a shared layer, initial states and two outputs. */
export function branchedModel(seed: number): tfl.LayersModel {
  const random = seededRandom(seed, 1);
  const words = tfl.input({ shape: [STEPS], name: 'words' });
  const state = tfl.input({ shape: [4], name: 'state' });
  const embedded = theirs.embedding({ inputDim: VOCABULARY, outputDim: 5 }).apply(words);
  const shared = theirs.dense({ units: 5, activation: 'tanh', name: 'shared' });
  const left = theirs.lstm({ units: 4 }).apply(shared.apply(embedded));
  const right = theirs.lstm({ units: 4 }).apply(embedded);
  const [decoded, hidden, cell] = theirs
    .lstm({ units: 4, returnState: true })
    .apply([
      shared.apply(shared.apply(embedded)),
      state,
      left,
    ] as tfl.SymbolicTensor[]) as tfl.SymbolicTensor[];
  const joined = theirs
    .concatenate()
    .apply([right, left, decoded, hidden, cell] as tfl.SymbolicTensor[]);
  const repeated = theirs.repeatVector({ n: 3 }).apply(joined);
  const sequence = theirs
    .timeDistributed({ layer: theirs.dense({ units: 2 }) })
    .apply(repeated) as tfl.SymbolicTensor;
  const flat = theirs
    .dense({ units: 1, activation: 'sigmoid' })
    .apply(joined) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [words, state], outputs: [flat, sequence] });
  randomizeWeights(model, random);
  return model;
}

/** Masked by the embedding or by a Masking layer, up to layers in which Keras and TensorFlow.js agree. */
export function maskedModel(seed: number): tfl.Sequential {
  const random = seededRandom(seed, 2);
  const model = tfl.sequential();
  if (seed % 2 === 0) {
    const embedding = { inputDim: VOCABULARY, outputDim: 4, inputLength: STEPS, maskZero: true };
    model.add(theirs.embedding(embedding));
  } else {
    model.add(theirs.masking({ maskValue: 1, inputShape: [STEPS, 3] }));
  }
  model.add(theirs.gru({ units: 4, returnSequences: true }));
  // Keras shows other outputs for masked steps, which the next recurrent layer does not look at.
  model.add(
    theirs.bidirectional({
      layer: theirs.gru({ units: 3, returnSequences: true }) as Recurrent,
      mergeMode: 'concat',
    }),
  );
  model.add(theirs.dense({ units: 3, activation: 'tanh' }));
  model.add(
    theirs.bidirectional({ layer: ours.lstm({ units: 3 }) as Recurrent, mergeMode: 'concat' }),
  );
  model.add(theirs.dense({ units: 3, trainable: false }));
  model.add(theirs.batchNormalization({ trainable: false }));
  randomizeWeights(model, random);
  return model;
}

/** The same as a functional model, where Keras passes masks along by itself. */
export function maskedFunctional(seed: number): tfl.LayersModel {
  const { inputs, outputs } = maskedModel(seed);
  return tfl.model({ inputs, outputs });
}

/** Weights that a trained model might have, variances above zero. */
function randomizeWeights(model: tfl.LayersModel, random: Random): void {
  const before = model.getWeights();
  const names = model.weights.map(({ originalName }) => originalName);
  const after = before.map((weight, index) => {
    const positive = names[index]!.includes('variance');
    const values = Float32Array.from({ length: weight.size }, () =>
      positive ? 0.5 + random() : random() * 1.2 - 0.6,
    );
    return tf.tensor(values, weight.shape);
  });
  model.setWeights(after);
  tf.dispose(after);
}

/** Five inputs that fit a model: token indices, or numbers among which some are ones. */
export function inputsFor(model: tfl.LayersModel, seed: number): tf.Tensor[] {
  const random = seededRandom(seed, 3);
  return model.inputs.map((input) => {
    const shape = [5, ...input.shape.slice(1)] as number[];
    const size = shape.reduce((product, length) => product * length, 1);
    const tokens = input.shape.length === 2 && input.name !== 'state';
    const values = Float32Array.from({ length: size }, (_, index) => {
      if (tokens) return Math.floor(random() * VOCABULARY);
      return Math.floor(index / 3) % 4 === 1 ? 1 : random() * 2 - 1;
    });
    return tf.tensor(values, shape);
  });
}
