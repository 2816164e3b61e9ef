/**
 * The classes of tf.layers that ours extend. tfjs-layers exports functions that
 * make layers, not the classes; a layer knows its class.
 */
import { reject } from '../foundation/errors.js';
import { openDoor, type tf, tfl } from '../foundation/tensorflow.js';
import { installExecution } from './model/execution.js';
import { markAsOurs } from './model/ours.js';

/** The arguments of `tf.layers.lstm`. */
export type LstmArgs = Parameters<typeof tfl.layers.lstm>[0];
/** The arguments of `tf.layers.gru`. */
export type GruArgs = Parameters<typeof tfl.layers.gru>[0];
/** The arguments of `tf.layers.simpleRNN`. */
export type SimpleRnnArgs = Parameters<typeof tfl.layers.simpleRNN>[0];
/** The arguments of `tf.layers.embedding`. */
export type EmbeddingArgs = Parameters<typeof tfl.layers.embedding>[0];
/** The arguments of `tf.layers.dense`. */
export type DenseArgs = Parameters<typeof tfl.layers.dense>[0];
/** The arguments of `tf.layers.dropout`. */
export type DropoutArgs = Parameters<typeof tfl.layers.dropout>[0];
/** The arguments of `tf.layers.bidirectional`. */
export type BidirectionalArgs = Parameters<typeof tfl.layers.bidirectional>[0];

type Layer = tfl.layers.Layer;

/** What a layer's `call` is given besides its inputs. */
export interface CallArguments {
  mask?: tf.Tensor | (tf.Tensor | null)[] | null;
  training?: boolean | null;
  initialState?: tf.Tensor[] | null;
}

type LayerMaker = (args: never) => object;

/**
 * A class for layers of ours to extend: that of a stock layer, seen as one whose instances have the
 * members `T`. Models with such a layer are ours to run.
 */
export function classOf<Args, T>(make: LayerMaker, args: object): LayerClass<Args, T> {
  openDoor();
  installExecution();
  const stock = make(args as never).constructor as LayerClass<Args, T>;
  const base = class extends (stock as LayerClass<Args, object>) {};
  markAsOurs(base.prototype);
  return base as LayerClass<Args, T>;
}

/** A layer class: what `new` takes, and what TensorFlow.js saves it under. */
export interface LayerClass<Args, T> {
  readonly className: string;
  new (args: Args): Layer & T;
}

type Weight = { read(): tf.Tensor };
type Activation = { apply(x: tf.Tensor): tf.Tensor; getClassName(): string };

/** The members that we use of a recurrent layer of tf.layers. */
export interface StockRecurrent<Cell extends StockCell = StockCell> {
  cell: Cell;
  goBackwards: boolean;
  returnSequences: boolean;
  returnState: boolean;
  stateful: boolean;
  states: (tf.Tensor | null)[];
  resetStates(states: tf.Tensor[], training?: boolean): void;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

/** And of its cell. */
export interface StockCell {
  kernel: Weight;
  recurrentKernel?: Weight;
  bias: Weight | null;
  /** Weights of its own, of a cell of ours. */
  vectors?: Weight;
  units: number;
  activation: Activation;
  recurrentActivation?: Activation;
  dropout: number;
  recurrentDropout: number;
}

/** The members that we use of a cell of tf.layers.gru. */
export interface StockGruCell extends StockCell {
  recurrentKernel: Weight;
  useBias: boolean;
  biasInitializer: unknown;
  biasRegularizer: unknown;
  biasConstraint: unknown;
  addWeight(
    name: string,
    shape: number[],
    dtype: null,
    initializer: unknown,
    regularizer: unknown,
    trainable: boolean,
    constraint: unknown,
  ): Weight;
}

/** The members of tf.layers.lstm that we use. */
export type StockLstm = StockRecurrent;

/** The members of tf.layers.simpleRNN that we use. */
export type StockSimpleRnn = StockRecurrent;

/** The members of tf.layers.gru that we use. */
export type StockGru = StockRecurrent<StockGruCell>;

/** The members of tf.layers.embedding that we use. */
export interface StockEmbedding {
  embeddings: Weight;
  maskZero: boolean;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): void;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

/** The members of tf.layers.dense that we use. */
export interface StockDense {
  kernel: Weight;
  bias: Weight | null;
  activation: Activation | null;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): void;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

/** The members of tf.layers.dropout that we use. */
export interface StockDropout {
  rate: number;
  noiseShape: number[] | null | undefined;
  getNoiseShape(input: tf.Tensor): number[] | null | undefined;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): void;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

/** The members of tf.layers.bidirectional that we use. */
export interface StockBidirectional {
  layer: Layer;
  forwardLayer: Layer;
  backwardLayer: Layer;
  mergeMode: 'concat' | 'sum' | 'ave' | 'mul' | null;
  returnSequences: boolean;
  returnState: boolean;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

// Their types are written out: TypeScript would name them by paths inside of tfjs-layers, which
// `moduleResolution: nodenext` does not find.
export const stockLstm = (): LayerClass<LstmArgs, StockLstm> =>
  classOf(tfl.layers.lstm, { units: 1 });

export const stockGru = (): LayerClass<GruArgs, StockGru> => classOf(tfl.layers.gru, { units: 1 });

export const stockSimpleRnn = (): LayerClass<SimpleRnnArgs, StockSimpleRnn> =>
  classOf(tfl.layers.simpleRNN, { units: 1 });

export const stockEmbedding = (): LayerClass<EmbeddingArgs, StockEmbedding> =>
  classOf(tfl.layers.embedding, { inputDim: 1, outputDim: 1 });

export const stockDense = (): LayerClass<DenseArgs, StockDense> =>
  classOf(tfl.layers.dense, { units: 1 });

export const stockDropout = (): LayerClass<DropoutArgs, StockDropout> =>
  classOf(tfl.layers.dropout, { rate: 0.5 });

export const stockBidirectional = (): LayerClass<BidirectionalArgs, StockBidirectional> =>
  classOf(tfl.layers.bidirectional, {
    layer: tfl.layers.simpleRNN({ units: 1 }),
    mergeMode: 'concat',
  });

/** The only tensor of a layer's inputs. */
export function onlyTensor(where: string, inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const tensors = Array.isArray(inputs) ? inputs : [inputs];
  if (tensors.length !== 1) {
    reject({
      where,
      expected: 'the layer must have one input',
      received: tensors.length,
      see: 'wrong-shape',
    });
  }
  return tensors[0]!;
}
