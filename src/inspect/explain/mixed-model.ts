/** What a mixture says of texts, and the rows that its network reads of them. */
import { ExplainedModel } from './explained-model.js';
import { indexOf } from './explained-words.js';
import type { MixedNetwork, Mixture } from './mixture.js';
import { logitsOfRows } from './runs.js';

/** A mixture that is ready to run. */
export class MixedModel {
  readonly model: ExplainedModel;
  readonly #network: MixedNetwork;
  readonly #linear: Mixture['linear'];

  constructor(where: string, { network, linear }: Mixture) {
    this.model = new ExplainedModel(where, network.model);
    this.#network = network;
    this.#linear = linear;
  }

  /** What the network reads of a text: for each piece, the places of the words in the text. */
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

  /** What it says of texts: [texts, outputs] */
  logits(texts: readonly (readonly string[])[]): Float64Array[] {
    const { model } = this;
    const linear = this.#linear;
    const sums = texts.map((words) => {
      const said = linear?.logits(words);
      return Float64Array.from({ length: model.classes }, (_, i) =>
        said ? linear!.scale * said[i]! : 0,
      );
    });
    const rows = texts.flatMap((words, text) => {
      const pieces = this.piecesOf(words);
      const weight = this.#network.scale / pieces.length;
      return pieces.map((piece) => ({ text, words, piece, weight }));
    });
    const logits = logitsOfRows(model, rows.length, model.time!, (row, indices) => {
      this.write(rows[row]!.words, rows[row]!.piece, indices);
    });
    rows.forEach(({ text, weight }, row) => {
      logits[row]!.forEach((logit, i) => {
        sums[text]![i]! += weight * logit;
      });
    });
    return sums;
  }
}
