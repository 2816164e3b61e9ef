import { readTokenizerJson } from './read-tokenizer-json.js';
import { Tokenizer } from './tokenizer.js';

/**
 * Reads a tokenizer that `toJson`, or `to_json` of Keras, wrote.
 *
 * @param json The text of the file. It may be wrapped once more in a JSON string, as
 *   `json.dump(tokenizer.to_json(), file)` of the Keras tutorials leaves it.
 * @returns A tokenizer that behaves as the one that was saved, and can be fitted further.
 * @throws RecurrentError when the text is not JSON, not that of a tokenizer, or names an index beyond
 *   2 ** 24.
 *
 * @example
 * ```ts
 * import { Tokenizer, tokenizerFromJson } from 'tfjs-recurrent';
 *
 * const tokenizer = new Tokenizer();
 * tokenizer.fitOnTexts(['good film', 'bad film']);
 * const same = tokenizerFromJson(tokenizer.toJson());
 * console.log(same.textsToSequences(['good film']));
 * // [ [ 2, 1 ] ]
 * ```
 */
export function tokenizerFromJson(json: string): Tokenizer {
  return readTokenizerJson(json, (options) => new Tokenizer(options));
}
