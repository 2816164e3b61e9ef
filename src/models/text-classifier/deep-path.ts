/** The recurrent path of a text classifier: what the order of a text's words says about its class. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { globalMaxPooling1d } from '../../layers/layers.js';
import { padSequences } from '../../preprocessing/pad-sequences.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { Callbacks } from '../../training/callbacks.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import type { TrainingHistory } from '../../training/history.js';
import { nextTurn } from '../../foundation/turn.js';
import { manyToOne } from '../topologies/many-to-one.js';
import { compiled, Parts } from '../topologies/parts.js';
import { sequenceLayers } from '../topologies/sequence-layers.js';
import { logitsOf, meansOfPieces } from './network-logits.js';
import { evenPieces, randomPiecesOfAll } from './pieces.js';
import type { PresetSettings } from './presets.js';
import { type Samples, trainOnPieces } from './train-on-pieces.js';

/** Texts that are predicted at once. */
const BATCH = 100;

/** Builds the model of a preset, from words [batch, sequenceLength] to probabilities [batch, classes or 1]. */
export function createDeepModel(
  preset: PresetSettings,
  { classes, seed }: { classes: number; seed: number },
): tfl.Sequential {
  const settings = {
    ...preset,
    ...({ cell: 'lstm', recurrentActivation: 'sigmoid', inputs: undefined } as const),
    ...{ units: [preset.units], bidirectional: preset.bidirectionalPooling, maskZero: false },
    ...({
      outputs: classes === 2 ? 1 : classes,
      task: 'classification',
      compile: true,
      seed,
    } as const),
  };
  if (!preset.bidirectionalPooling) return manyToOne(settings);
  const parts = new Parts(settings);
  const layers = sequenceLayers(settings, { parts, maskZero: false, returnSequences: true });
  layers.push(
    globalMaxPooling1d({ name: 'global_max_pooling1d' }),
    parts.dropout(settings.dropoutRate, 1),
    parts.output(settings.outputs, settings.task),
  );
  return compiled(tfl.sequential({ layers }), settings);
}

/** How a network is trained. */
interface DeepTraining {
  epochs: number;
  batchSize: number;
  seed: number;
  callbacks: Callbacks | undefined;
  /** The fewest words of a piece, where texts are read in pieces. */
  shortestPiece: number;
}

/** Texts and their classes. */
type Labelled = [texts: readonly string[], labels: Int32Array];

/** A model of {@link createDeepModel} and the words that it knows. */
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
   * Trains the model; the validation texts are only tested on. Where texts are read in pieces, each piece is
   * a sample with the label of its text, and the losses are those of pieces.
   */
  async train(
    [texts, labels]: Labelled,
    validation: Labelled | undefined,
    { shortestPiece, ...settings }: DeepTraining,
  ): Promise<TrainingHistory> {
    const { callbacks, ...run } = settings;
    const tested = validation && this.toSamples(...validation);
    const validationData = tested && ([tested.x, tested.y] as [tf.Tensor, tf.Tensor]);
    try {
      if (this.readsPieces) {
        const samplesOf = this.randomSamples([texts, labels], shortestPiece, run.seed);
        return await trainOnPieces(this.model, samplesOf, { ...settings, validationData });
      }
      const { x, y } = this.toSamples(texts, labels);
      return await fitWithSeed(this.model, x, y, {
        ...run,
        ...(validationData && { validationData }),
        ...(callbacks && { callbacks }),
      }).finally(() => tf.dispose([x, y]));
    } finally {
      tf.dispose(validationData ?? []);
    }
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
    return logitsOf('TextClassifier', probabilities as Float32Array, sequences);
  }

  /** What is read of each text: its words, or a list of pieces. */
  private piecesOf(texts: readonly string[]): number[][][] {
    const sequences = this.tokenizer.textsToSequences(texts);
    return sequences.map((sequence) => this.pieces(sequence));
  }

  /** What is read of the words of a text: pieces, or all of them at once. */
  pieces(sequence: readonly number[]): number[][] {
    return this.readsPieces ? evenPieces(sequence, this.sequenceLength) : [[...sequence]];
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
