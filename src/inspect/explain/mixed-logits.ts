/** What a mixture says of texts, and the rows that its networks read of them. */
import { ExplainedModel, sigmoid, softmax } from './explained-model.js';
import { indexOf } from './explained-words.js';
import type { MixedNetwork, Mixture } from './mixture.js';
import { logitsOfRows } from './runs.js';

/** A network of a mixture, ready to run. */
export class MixedModel {
  readonly model: ExplainedModel;
  readonly scale: number;
  readonly #network: MixedNetwork;

  constructor(where: string, network: MixedNetwork) {
    this.model = new ExplainedModel(where, network.model);
    this.scale = network.scale;
    this.#network = network;
  }

  /** What it reads of a text: for each piece, the places of the words in the text. */
  piecesOf(words: readonly string[]): number[][] {
    const { tokenizer } = this.#network;
    const places = [...words.keys()].filter((word) => indexOf(tokenizer, words[word]!) > 0);
    // As the pieces of places are cut, so are those of indices.
    return this.#network.piecesOf(places).map((piece) => piece.slice(-this.model.time!));
  }

  /** A piece as it is read, padded in front: [time] */
  write(words: readonly string[], piece: readonly number[], row: Int32Array): Int32Array {
    const { tokenizer } = this.#network;
    const indices = piece.map((word) => indexOf(tokenizer, words[word]!));
    row.set(indices, row.length - indices.length);
    return row;
  }
}

/** What a mixture says of texts: [texts, outputs] */
export function mixedLogits(
  { linear }: Mixture,
  networks: readonly MixedModel[],
  texts: readonly (readonly string[])[],
): Float64Array[] {
  const outputs = networks[0]!.model.classes;
  const sums = texts.map((words) => {
    const said = linear?.logits(words);
    return Float64Array.from({ length: outputs }, (_, i) => (said ? linear!.scale * said[i]! : 0));
  });
  for (const network of networks) {
    const rows = texts.flatMap((words, text) => {
      const pieces = network.piecesOf(words);
      return pieces.map((piece) => ({ text, words, piece, weight: network.scale / pieces.length }));
    });
    const { model } = network;
    const logits = logitsOfRows(model, rows.length, model.time!, (row, indices) => {
      network.write(rows[row]!.words, rows[row]!.piece, indices);
    });
    rows.forEach(({ text, weight }, row) => {
      for (let i = 0; i < outputs; i++) sums[text]![i]! += weight * logits[row]![i]!;
    });
  }
  return sums;
}

/** The probabilities of the classes, or of class 1 of two, by their logits. */
export function mixedProbabilities(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits);
  return all.length === 1 ? all.map(sigmoid) : softmax(all);
}
