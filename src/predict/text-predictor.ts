/** TextPredictor: a saved TextClassifier, whose network is weighed against what n-grams say. */
import { reject } from '../foundation/errors.js';
import type { Machine } from '../engine/machine.js';
import { mixedProbabilities } from '../models/text-classifier/mixture.js';
import { logitsOf, meansOfPieces } from '../models/text-classifier/network-logits.js';
import { evenPieces } from '../models/text-classifier/pieces.js';
import { BIASES, HASHES, WEIGHTS } from '../models/text-classifier/saved-names.js';
import { WideLogits } from '../models/wide/wide-logits.js';
import { padSequencesToArray } from '../preprocessing/padded-sequences.js';
import type { Graph } from './graph.js';
import { asTexts, type Prediction, Predictor, type Strip } from './predictor.js';
import type { SavedMixture, SavedWords } from './reading/saved-words.js';
import type { NamedWeight } from './weights.js';

/** A predictor of the probabilities of all classes, as `TextClassifier.predict` gives them. */
export class TextPredictor extends Predictor {
  readonly #wide: WideLogits | null;
  readonly #scales: readonly number[];
  readonly #readsPieces: boolean;
  readonly #cleaned: (texts: readonly string[]) => readonly string[];

  /**
   * @param weights All of the file, those of the n-grams among them.
   * @throws RecurrentError where there are more paths than scales, or fewer.
   */
  constructor(
    machine: Machine,
    graph: Graph,
    words: SavedWords,
    { scales, readsPieces }: SavedMixture,
    strip: Strip | null,
    weights: ReadonlyMap<string, NamedWeight>,
  ) {
    // Texts are cleaned once, for all paths.
    super(machine, graph, words, null);
    this.#wide = wideOf(weights);
    this.#scales = scales;
    this.#readsPieces = readsPieces;
    this.#cleaned = (texts) => (strip ? texts.map(strip) : texts);
    const paths = this.#wide ? 2 : 1;
    if (this.#scales.length !== paths) {
      reject({
        where: 'loadPredictor',
        expected: `a classifier of ${paths} paths must have a scale for each`,
        received: this.#scales,
        remedy: 'The file is damaged: save the classifier again.',
      });
    }
  }

  override async predict(input: unknown): Promise<Prediction> {
    const texts = asTexts(input);
    if (!texts) {
      reject({
        where: 'Predictor.predict',
        expected: 'a TextClassifier must be given a text or a list of texts',
        received: input,
        remedy: 'It reads their n-grams, which numbers of words do not tell.',
      });
    }
    const classes = this.classNames!.length;
    const data = new Float64Array(texts.length * classes);
    if (texts.length === 0) return { data, shape: [0, classes] };
    const cleaned = this.#cleaned(texts);
    (await this.#logitsOfNetwork(cleaned)).forEach((ofNetwork, i) => {
      const wide = this.#wide ? [this.#wide.logits(cleaned[i]!)] : [];
      data.set(mixedProbabilities([...wide, ofNetwork], this.#scales), i * classes);
    });
    return { data, shape: [texts.length, classes] };
  }

  async #logitsOfNetwork(texts: readonly string[]): Promise<Float64Array[]> {
    const length = this.inputs[0]!.shape[1]!;
    const pieces = this.vocabularies
      .words!.textsToSequences(texts)
      .map((sequence) => (this.#readsPieces ? evenPieces(sequence, length) : [sequence]));
    const all = pieces.flat();
    const { data } = await super.predict(padSequencesToArray(all, { maxlen: length }));
    return meansOfPieces(pieces, logitsOf('Predictor.predict', data as Float32Array, all));
  }

  override async predictAll(input: unknown): Promise<Prediction[]> {
    return [await this.predict(input)];
  }
}

function wideOf(weights: ReadonlyMap<string, NamedWeight>): WideLogits | null {
  const [hashes, values, biases] = [HASHES, WEIGHTS, BIASES].map((name) => weights.get(name));
  if (!hashes || !values || !biases) return null;
  return new WideLogits({
    hashes: hashes.values() as Int32Array,
    weights: values.values() as Float32Array,
    biases: biases.values() as Float32Array,
  });
}
