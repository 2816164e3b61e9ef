/** The layers that topologies are put together from, with names, initial weights and seeds. */
import { tfl } from '../../foundation/tensorflow.js';
import {
  bidirectional,
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  simpleRNN,
} from '../../layers/layers.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { adam } from '../../layers/optimizers/adam.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import { orthogonal } from '../../layers/orthogonal.js';
import type { Task, TopologySettings } from './options.js';

type Layer = tfl.layers.Layer;

/** Where a layer stands among those of a model. */
interface Place {
  /** Of the first layer of a Sequential, without the batch. */
  inputShape?: (number | null)[];
}

/** A recurrent layer as a topology needs it. */
interface RecurrentPart extends Place {
  units: number;
  returnSequences: boolean;
  /** Whether a second one reads the sequence backwards. */
  isBidirectional?: boolean;
  /** Whether it also returns its states, from which generation goes on. */
  returnState?: boolean;
  /** Whether its states stay from batch to batch. */
  stateful?: boolean;
}

// TensorFlow.js takes a seed of 0 for none, and equal seeds would give equal layers.
const SEEDS_A_MODEL = 8;

// Between the seeds of the layers of a stack, and beyond the seeds that people give.
const SEEDS_APART = 2 ** 40;

/** Makes the layers of one model, named as Keras names them: dense, dense_1 and so on. */
export class Parts {
  readonly #settings: Pick<TopologySettings, 'cell' | 'recurrentActivation' | 'seed'>;
  readonly #counts = new Map<string, number>();

  constructor(settings: Pick<TopologySettings, 'cell' | 'recurrentActivation' | 'seed'>) {
    this.#settings = settings;
  }

  embedding(
    inputDim: number,
    outputDim: number,
    maskZero: boolean,
    inputLength?: number,
    batchSize?: number,
  ): Layer {
    return embedding({
      name: this.#name('embedding'),
      ...{ inputDim, outputDim, maskZero },
      ...(inputLength !== undefined && { inputLength }),
      ...(batchSize !== undefined && { batchSize }),
      embeddingsInitializer: tfl.initializers.randomUniform({
        minval: -0.05,
        maxval: 0.05,
        ...this.#seeded(0),
      }),
    });
  }

  /**
   * @param at 0 behind the inputs, 1 before the outputs.
   * @param layer Tells several of them apart.
   */
  dropout(rate: number, at: 0 | 1, layer = 0): Layer {
    return dropout({ name: this.#name('dropout'), rate, ...this.#seeded(at === 0 ? 3 : 5, layer) });
  }

  recurrent(part: RecurrentPart): Layer {
    const { isBidirectional = false, inputShape, ...own } = part;
    const { cell, recurrentActivation } = this.#settings;
    const layer = this.#count(`recurrent ${cell}`);
    const args = {
      name: numbered(cell === 'simpleRNN' ? 'simple_rnn' : cell, layer),
      ...own,
      kernelInitializer: this.#glorot(1, layer),
      recurrentInitializer: orthogonal(this.#seeded(2, layer)),
      ...zeroOutputs(part),
      ...(inputShape && !isBidirectional && { inputShape }),
    };
    const one =
      cell === 'lstm'
        ? lstm({ ...args, recurrentActivation, unitForgetBias: true })
        : cell === 'gru'
          ? gru({ ...args, recurrentActivation, resetAfter: true })
          : simpleRNN(args);
    if (!isBidirectional) return one;
    return bidirectional({
      name: this.#name('bidirectional'),
      layer: one,
      mergeMode: 'concat',
      ...(inputShape && { inputShape }),
    });
  }

  /** A dense layer between others; `at` tells several of them apart. */
  hidden(units: number, activation: 'relu' | 'tanh', name = this.#name('dense'), at = 0): Layer {
    const seeds = activation === 'relu' ? 4 : 7;
    return dense({ name, units, activation, kernelInitializer: this.#glorot(seeds, at) });
  }

  /** The last layer: probabilities of classes, or numbers. */
  output(units: number, task: Task): Layer {
    const classes = units === 1 ? 'sigmoid' : 'softmax';
    const activation = task === 'regression' ? 'linear' : classes;
    const kernelInitializer = this.#glorot(6);
    return dense({ name: this.#name('dense'), units, activation, kernelInitializer });
  }

  #glorot(offset: number, layer = 0) {
    return tfl.initializers.glorotUniform(this.#seeded(offset, layer));
  }

  #seeded(offset: number, layer = 0): { seed?: number } {
    const { seed } = this.#settings;
    return seed === undefined
      ? {}
      : { seed: seed * SEEDS_A_MODEL + offset + 1 + layer * SEEDS_APART };
  }

  #name(kind: string): string {
    return numbered(kind, this.#count(kind));
  }

  #count(kind: string): number {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return count;
  }
}

/** Steps of padding give what they give in Keras 3. */
function zeroOutputs({ isBidirectional, returnSequences, returnState }: RecurrentPart) {
  if (isBidirectional) return returnSequences ? { zeroOutputForMask: true } : {};
  // Without an initial state it is so anyway.
  return returnState ? ({ zeroOutputForMask: 'untilFirst' } as const) : {};
}

const numbered = (kind: string, count: number) => (count === 0 ? kind : `${kind}_${count}`);

/** How {@link compiled} compiles a model. */
interface Compiling {
  outputs: number;
  task: Task;
  learningRate: number;
  compile: boolean;
}

/** The model, compiled where it is to be, and trained by kernels. */
export function compiled<Model extends tfl.LayersModel>(
  model: Model,
  { outputs, task, learningRate, compile }: Compiling,
): Model {
  if (compile) {
    const ofClasses = outputs === 1 ? 'binaryCrossentropy' : 'sparseCategoricalCrossentropy';
    const isRegression = task === 'regression';
    model.compile({
      optimizer: adam(learningRate),
      loss: isRegression ? 'meanSquaredError' : ofClasses,
      ...(!isRegression && { metrics: ['accuracy'] }),
    });
    ownOptimizer(model);
  }
  return trainByKernels(model);
}
