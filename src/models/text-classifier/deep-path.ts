/** The recurrent path of a text classifier: what the order of a text's words says about its class. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { padSequences } from '../../preprocessing/pad-sequences.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { Callbacks } from '../../training/callbacks.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import { appendHistory, type TrainingHistory } from '../../training/history.js';
import { nextTurn } from '../../foundation/turn.js';
import { logitsOf, meansOfPieces } from './network-logits.js';
import { seedOfNetwork } from './networks.js';
import { evenPieces, randomPiecesOfAll } from './pieces.js';
import { type Samples, trainOnPieces } from './train-on-pieces.js';

/** Texts that are predicted at once. */
const BATCH = 100;

/** How a network is trained. */
interface DeepTraining {
  epochs: number;
  batchSize: number;
  seed: number;
  callbacks: Callbacks | undefined;
  /** The fewest words of a piece, where texts are read in pieces. */
  shortestPiece: number;
  /** Those whose layers the model has, each trained by itself. Default: the model. */
  networks?: readonly tfl.LayersModel[];
}

/** How one of several is. */
interface NetworkTraining extends Omit<DeepTraining, 'networks'> {
  validationData: [tf.Tensor, tf.Tensor] | undefined;
}

/** Texts and their classes. */
type Labelled = [texts: readonly string[], labels: Int32Array];

/** The model of {@link createNetworks} and the words that it knows. */
export class DeepPath {
  readonly model: tfl.LayersModel;
  readonly tokenizer: Tokenizer;
  /** Whether all of a text is read, piece by piece, or its last words. */
  readonly readsPieces: boolean;

  constructor(model: tfl.LayersModel, tokenizer: Tokenizer, readsPieces: boolean) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.readsPieces = readsPieces;
  }

  /** Words of a text, or of each piece of it, that are read: the last ones. */
  get sequenceLength(): number {
    return this.model.inputs[0]!.shape[1]!;
  }

  /**
   * Trains the networks; the validation texts are only tested on. Where texts are read in pieces, each piece is
   * a sample with the label of its text, and the losses are those of pieces.
   *
   * @returns The epochs of all networks, one behind the other.
   */
  async train(
    training: Labelled,
    validation: Labelled | undefined,
    { networks = [this.model], seed, ...settings }: DeepTraining,
  ): Promise<TrainingHistory> {
    const tested = validation && this.toSamples(...validation);
    const validationData = tested && ([tested.x, tested.y] as [tf.Tensor, tf.Tensor]);
    const all: TrainingHistory = { epoch: [], history: {} };
    try {
      for (const [i, network] of networks.entries()) {
        const own = { ...settings, seed: seedOfNetwork(seed, i), validationData };
        const { epoch, history } = await this.trainNetwork(network, training, own);
        const before = all.epoch.length;
        appendHistory(all, { epoch: epoch.map((number) => before + number), history });
      }
      return all;
    } finally {
      tf.dispose(validationData ?? []);
    }
  }

  private async trainNetwork(
    network: tfl.LayersModel,
    [texts, labels]: Labelled,
    { shortestPiece, validationData, callbacks, ...run }: NetworkTraining,
  ): Promise<TrainingHistory> {
    const beside = { ...(validationData && { validationData }), ...(callbacks && { callbacks }) };
    if (this.readsPieces) {
      const samplesOf = this.randomSamples([texts, labels], shortestPiece, run.seed);
      return trainOnPieces(network, samplesOf, { ...run, callbacks, validationData });
    }
    const { x, y } = this.toSamples(texts, labels);
    return fitWithSeed(network, x, y, { ...run, ...beside }).finally(() => tf.dispose([x, y]));
  }

  /** A function that gives the pieces of an epoch. */
  private randomSamples(
    [texts, labels]: Labelled,
    shortestPiece: number,
    seed: number,
  ): (epoch: number) => Samples {
    const sequences = this.tokenizer.textsToSequences(texts);
    const most = this.sequenceLength;
    const lengths = { least: Math.min(shortestPiece, most), most };
    return (epoch) => {
      const drawn = randomPiecesOfAll(sequences, labels, lengths, { seed, epoch });
      return { x: this.padded(drawn.pieces), y: toColumn(drawn.labels) };
    };
  }

  /** The logits of texts, a list each: that of class 1 for two classes, else one a class. */
  async logits(texts: readonly string[]): Promise<Float64Array[]> {
    const all: Float64Array[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      if (start > 0) await nextTurn();
      const pieces = this.piecesOf(texts.slice(start, start + BATCH));
      all.push(...meansOfPieces(pieces, await this.logitsOf(pieces.flat())));
    }
    return all;
  }

  private async logitsOf(sequences: readonly (readonly number[])[]): Promise<Float64Array[]> {
    const output = tf.tidy(
      () => this.model.predict(this.padded(sequences), { batchSize: BATCH }) as tf.Tensor,
    );
    const probabilities = await output.data().finally(() => output.dispose()); // [sequences, outputs]
    return logitsOf(probabilities as Float32Array, sequences.length);
  }

  /** What is read of each text: its words, or a list of pieces. */
  private piecesOf(texts: readonly string[]): number[][][] {
    const sequences = this.tokenizer.textsToSequences(texts);
    return sequences.map((sequence) =>
      this.readsPieces ? evenPieces(sequence, this.sequenceLength) : [sequence],
    );
  }

  private toSamples(texts: readonly string[], labels: Int32Array): Samples {
    const pieces = this.piecesOf(texts);
    const ofPieces = pieces.flatMap(({ length }, text) =>
      new Array<number>(length).fill(labels[text]!),
    );
    return { x: this.padded(pieces.flat()), y: toColumn(ofPieces) };
  }

  private padded(sequences: readonly (readonly number[])[]): tf.Tensor2D {
    return padSequences(sequences, { maxlen: this.sequenceLength });
  }
}

const toColumn = (labels: ArrayLike<number>): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(labels), [labels.length, 1]);
