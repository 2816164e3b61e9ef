/** Classifiers that add up what two parts say: a network, and a linear function of runs of words. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';

/** The parts of a classifier. Its logits are the sum of theirs, each times its scale. */
export interface Mixture {
  readonly network: MixedNetwork;
  readonly linear: MixedLinear | undefined;
}

/** A network that says of a text the mean of what it says of its pieces. */
export interface MixedNetwork {
  readonly model: tfl.LayersModel;
  readonly tokenizer: Tokenizer;
  readonly scale: number;
  /** The pieces of a text, by the indices of its words; of a long one, the network reads the end. */
  piecesOf(sequence: readonly number[]): number[][];
}

/** A linear function of the runs of words that a text has. */
export interface MixedLinear {
  readonly scale: number;
  /** What it says of a text without any of its runs: [outputs] */
  readonly biases: ArrayLike<number>;
  /** What it says of a text: [outputs] */
  logits(words: readonly string[]): ArrayLike<number>;
  /** Its runs in a text, wherever they stand. */
  runs(words: readonly string[]): WordRun[];
}

/** A run of words at a place. */
export interface WordRun {
  /** The same wherever the run stands in the text, which counts it once. */
  id: number;
  start: number;
  length: number;
  /** What it adds to the logits: [outputs] */
  adds: ArrayLike<number>;
}

const known = new WeakMap<object, () => Mixture>();

/** Has `explain` see a classifier as its parts, rather than as the network that it shows as its model. */
export function setMixture(classifier: object, mixture: () => Mixture): void {
  known.set(classifier, mixture);
}

/** The parts of a classifier that is one; undefined for any other. */
export function mixtureOf(classifier: unknown): Mixture | undefined {
  return typeof classifier === 'object' && classifier !== null
    ? known.get(classifier)?.()
    : undefined;
}
