/** Models drawn at random: layers, merges, masks, losses, optimizers and weights of samples. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type Random, seededRandom } from '../../../../src/foundation/random.js';
import * as layers from '../../../../src/layers/layers.js';

type Symbolic = tfl.SymbolicTensor;
type Layer = tfl.layers.Layer;

/** A model with data to train it on. */
export interface Drawn {
  model: tfl.LayersModel;
  inputs: tf.Tensor[];
  labels: tf.Tensor[];
  /** For fit. */
  settings: object;
  /** What was drawn, for messages. */
  told: string;
}

/** Choices by a number. */
export class Draw {
  readonly told: string[] = [];
  /** Whether layers and activations without kernels are drawn, too: for models that only predict. */
  readonly hasOthers: boolean;
  readonly #random: Random;
  #seeds = 0;

  constructor(number: number, { hasOthers = false } = {}) {
    this.#random = seededRandom(number);
    this.hasOthers = hasOthers;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  seed(): number {
    this.#seeds++;
    return Math.floor(this.#random() * 1e6) + this.#seeds;
  }

  values(shape: number[]): tf.Tensor {
    return tf.tidy(() => tf.randomUniform(shape, -1, 1, 'float32', this.seed()));
  }
}

const [SAMPLES, TIME, WORDS] = [4, 5, 9];

const seeded = (draw: Draw) => ({
  kernelInitializer: tfl.initializers.glorotUniform({ seed: draw.seed() }),
});

function recurrentArgs(draw: Draw, returnSequences: boolean) {
  return {
    units: draw.one([2, 3, 5]),
    returnSequences,
    ...seeded(draw),
    recurrentInitializer: tfl.initializers.glorotUniform({ seed: draw.seed() }),
    ...(draw.chance(0.2) && { goBackwards: true }),
    ...(draw.chance(0.2) && { recurrentActivation: 'sigmoid' as const }),
    ...(draw.chance(0.15) && { recurrentRegularizer: tfl.regularizers.l2({ l2: 0.01 }) }),
    ...(draw.chance(0.15) && { kernelConstraint: tfl.constraints.maxNorm({ maxValue: 0.9 }) }),
    ...(draw.chance(0.1) && { kernel: 'composed' as const }),
  };
}

const ACTIVATIONS = ['elu', 'relu', 'hardSigmoid', 'softsign', 'swish', 'gelu', 'softmax'] as const;

/** Activations of a cell that have no kernel. */
function otherActivations(draw: Draw) {
  if (!draw.hasOthers || !draw.chance(0.4)) return {};
  const activation = draw.one(ACTIVATIONS) as 'elu';
  const recurrentActivation = draw.one(['sigmoid', 'relu6', 'softplus', 'tanh'] as const);
  draw.told.push(`${activation} and ${recurrentActivation}`);
  return { activation, recurrentActivation: recurrentActivation as 'sigmoid' };
}

/** A layer that has no kernel, from [batch, time, …] to the same. */
function other(draw: Draw, x: Symbolic): Symbolic {
  const kind = draw.one(['elu', 'relu', 'prelu', 'shared prelu', 'softmax', 'threshold', 'dot']);
  draw.told.push(kind);
  const alphaInitializer = 'glorotNormal';
  switch (kind) {
    case 'elu':
      return tfl.layers.elu({}).apply(x) as Symbolic;
    case 'relu':
      return tfl.layers.reLU({ maxValue: 0.6 }).apply(x) as Symbolic;
    case 'prelu':
      return tfl.layers.prelu({ alphaInitializer }).apply(x) as Symbolic;
    case 'shared prelu':
      return tfl.layers.prelu({ alphaInitializer, sharedAxes: [1] }).apply(x) as Symbolic;
    case 'softmax':
      return tfl.layers.softmax({ axis: 2 }).apply(x) as Symbolic;
    case 'threshold':
      return tfl.layers.thresholdedReLU({ theta: 0.1 }).apply(x) as Symbolic;
    default: {
      const queries = layers.dense({ units: x.shape.at(-1)!, ...seeded(draw) }).apply(x);
      const dot = tfl.layers.dot({ axes: 2, normalize: draw.chance(0.5) }) as Layer;
      return dot.apply([queries as Symbolic, x]) as Symbolic;
    }
  }
}

function recurrent(draw: Draw, returnSequences: boolean): Layer {
  const args = { ...recurrentArgs(draw, returnSequences), ...otherActivations(draw) };
  const { recurrentActivation: _, ...simple } = args;
  const kind = draw.one(['lstm', 'gru', 'gru2', 'simpleRNN', 'bidirectional', 'stock']);
  draw.told.push(kind);
  if (kind === 'lstm') return layers.lstm(args) as Layer;
  if (kind === 'gru') return layers.gru(args) as Layer;
  if (kind === 'gru2') return layers.gru({ ...args, resetAfter: true }) as Layer;
  if (kind === 'simpleRNN') return layers.simpleRNN(simple) as Layer;
  const { kernel: __, ...stock } = args;
  if (kind === 'stock') return tfl.layers.lstm(stock) as Layer;
  return layers.bidirectional({
    layer: layers.lstm({ ...args, goBackwards: false }) as never,
    mergeMode: draw.one(['concat', 'sum', 'ave', 'mul']),
  });
}

/** From [batch, time, …] to the same. */
function overTime(draw: Draw, x: Symbolic): Symbolic {
  const kind = draw.one([
    ...['recurrent', 'recurrent', 'dense', 'timeDistributed', 'conv1d', 'dropout', 'activation'],
    ...['layerNormalization', 'batchNormalization', 'add', 'concatenate', 'multiply', 'average'],
    ...['maxPooling', 'averagePooling', 'shared', 'nested', 'foreign'],
  ]);
  draw.told.push(kind);
  const units = x.shape.at(-1)!;
  const dense = (size = units) =>
    layers.dense({
      units: size,
      activation: draw.one(['linear', 'relu', 'tanh', 'sigmoid', 'softmax', 'elu']),
      ...seeded(draw),
    });
  const apply = (layer: Layer, to: Symbolic | Symbolic[] = x) => layer.apply(to) as Symbolic;
  switch (kind) {
    case 'recurrent':
      return apply(recurrent(draw, true));
    case 'dense':
      return apply(dense(draw.one([3, 4])));
    case 'timeDistributed':
      return apply(tfl.layers.timeDistributed({ layer: dense(3) }));
    case 'conv1d': {
      const padding = draw.one(['same', 'valid'] as const);
      const kernelSize = Math.min(draw.one([1, 2, 3]), x.shape[1]!);
      const activation = draw.one(['linear', 'relu'] as const);
      return apply(
        tfl.layers.conv1d({ filters: 3, kernelSize, padding, activation, ...seeded(draw) }),
      );
    }
    case 'dropout':
      return apply(layers.dropout({ rate: draw.one([0, 0.3]), seed: draw.seed() }));
    case 'activation':
      return apply(tfl.layers.activation({ activation: draw.one(['tanh', 'softmax', 'selu']) }));
    case 'layerNormalization':
      return apply(tfl.layers.layerNormalization({}));
    case 'batchNormalization':
      return apply(tfl.layers.batchNormalization({}));
    case 'add':
      return apply(tfl.layers.add() as Layer, [x, apply(dense()), x]);
    case 'average':
      return apply(tfl.layers.average() as Layer, [x, apply(dense())]);
    case 'multiply':
      return apply(tfl.layers.multiply() as Layer, [apply(dense()), apply(dense())]);
    case 'concatenate':
      return apply(tfl.layers.concatenate() as Layer, [apply(dense(2)), x]);
    case 'maxPooling':
    case 'averagePooling': {
      if (x.shape[1]! < 2) return x;
      const make = kind === 'maxPooling' ? tfl.layers.maxPooling1d : tfl.layers.averagePooling1d;
      return apply(make({ poolSize: 2, strides: draw.one([1, 2]), padding: 'valid' }));
    }
    case 'shared': {
      const layer = dense();
      return apply(tfl.layers.add() as Layer, [apply(layer), apply(layer, apply(layer))]);
    }
    case 'nested': {
      const inside = tfl.input({ shape: x.shape.slice(1) });
      const inner = overTime(draw, dense(3).apply(inside) as Symbolic);
      return apply(tfl.model({ inputs: inside, outputs: inner }));
    }
    default:
      return draw.hasOthers ? other(draw, x) : apply(tfl.layers.leakyReLU({ alpha: 0.2 }));
  }
}

function last(draw: Draw, x: Symbolic): Symbolic {
  const kind = draw.one(['recurrent', 'globalMax', 'globalAverage', 'flatten']);
  draw.told.push(kind);
  const apply = (layer: Layer) => layer.apply(x) as Symbolic;
  if (kind === 'recurrent') return apply(recurrent(draw, false));
  if (kind === 'globalMax') return apply(tfl.layers.globalMaxPooling1d({}));
  if (kind === 'globalAverage') return apply(tfl.layers.globalAveragePooling1d({}));
  return apply(tfl.layers.flatten());
}

/** A loss, an activation of the last layer, and labels that fit both. */
function head(draw: Draw, units: number, shape: number[]) {
  const losses =
    units === 1
      ? ['binaryCrossentropy', 'meanSquaredError', 'meanAbsoluteError', 'logcosh']
      : [
          'categoricalCrossentropy',
          'sparseCategoricalCrossentropy',
          'meanSquaredError',
          'kullbackLeiblerDivergence',
        ];
  const loss = draw.one(losses);
  const isOfClasses = loss.includes('ategorical') || loss.startsWith('kull');
  const activation = isOfClasses ? 'softmax' : loss === 'binaryCrossentropy' ? 'sigmoid' : 'linear';
  const labels = tf.tidy(() => {
    const classes = tf.cast(
      tf.randomUniform(shape, 0, Math.max(2, units), 'float32', draw.seed()),
      'int32',
    );
    if (loss === 'sparseCategoricalCrossentropy')
      return tf.cast(tf.expandDims(classes, -1), 'float32');
    if (isOfClasses) return tf.cast(tf.oneHot(classes, units), 'float32');
    if (loss === 'binaryCrossentropy') return tf.cast(tf.expandDims(classes, -1), 'float32');
    return draw.values([...shape, units]);
  });
  draw.told.push(loss);
  return { loss, activation: activation as 'softmax', labels };
}

/** The model of a number, and the data. */
export function drawModel(draw: Draw): Drawn {
  const inputs: Symbolic[] = [];
  const data: tf.Tensor[] = [];
  const sequences: Symbolic[] = [];
  for (const _ of draw.one([[1], [1], [1, 2]])) {
    const kind = draw.one(['words', 'masked words', 'numbers', 'masked numbers']);
    draw.told.push(kind);
    const isWords = kind.endsWith('words');
    const input = tfl.input({ shape: isWords ? [TIME] : [TIME, 3] });
    inputs.push(input);
    data.push(
      isWords
        ? tf.tidy(() =>
            tf.floor(tf.randomUniform([SAMPLES, TIME], 0, WORDS - 0.01, 'float32', draw.seed())),
          )
        : draw.values([SAMPLES, TIME, 3]),
    );
    const before = isWords
      ? layers.embedding({
          inputDim: WORDS,
          outputDim: 4,
          maskZero: kind.startsWith('masked'),
          embeddingsInitializer: tfl.initializers.randomUniform({ seed: draw.seed() }),
        })
      : kind.startsWith('masked')
        ? tfl.layers.masking({ maskValue: 0 })
        : layers.dense({ units: 4, ...seeded(draw) });
    let x = before.apply(input) as Symbolic;
    for (const __ of draw.one([[], [1], [1, 2], [1, 2, 3]])) x = overTime(draw, x);
    sequences.push(x);
  }
  const ends = sequences.map((x) => last(draw, x));
  const joined = ends.length === 1 ? ends[0]! : (tfl.layers.concatenate().apply(ends) as Symbolic);
  const outputs: Symbolic[] = [];
  const labels: tf.Tensor[] = [];
  const losses: string[] = [];
  const finish = (x: Symbolic, shape: number[]) => {
    const units = draw.one([1, 3]);
    const { loss, activation, labels: own } = head(draw, units, shape);
    const regularizer = draw.chance(0.2) && {
      kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.01, l2: 0.01 }),
    };
    const constraint = draw.chance(0.2) && { kernelConstraint: tfl.constraints.nonNeg() };
    const dense = layers.dense({
      units,
      activation,
      ...seeded(draw),
      ...regularizer,
      ...constraint,
    });
    outputs.push(dense.apply(x) as Symbolic);
    labels.push(own);
    losses.push(loss);
  };
  finish(joined, [SAMPLES]);
  if (draw.chance(0.3)) finish(sequences[0]!, [SAMPLES, sequences[0]!.shape[1]!]);
  const model = tfl.model({ inputs, outputs });
  const optimizer = draw.one([
    'adam',
    'rmsprop',
    'sgd',
    'momentum',
    'adagrad',
    'adadelta',
    'adamax',
  ]);
  draw.told.push(optimizer);
  model.compile({
    optimizer: optimizer === 'momentum' ? tf.train.momentum(0.05, 0.9) : optimizer,
    loss: losses,
    metrics: draw.chance(0.5) && !losses.some((loss) => loss.startsWith('sparse')) ? ['mse'] : [],
  });
  const classWeight = outputs.length === 1 && losses[0] === 'categoricalCrossentropy';
  return {
    model,
    inputs: data,
    labels,
    settings: {
      batchSize: SAMPLES,
      ...(classWeight && { classWeight: { 0: 1, 1: 2, 2: 0.5 } }),
    },
    told: draw.told.join(' · '),
  };
}
