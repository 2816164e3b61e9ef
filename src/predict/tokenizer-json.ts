/** tokenizerFromJson, for the tokenizer of this entry. */
import { readTokenizerJson } from '../preprocessing/tokenizer/read-tokenizer-json.js';
import { SequenceTokenizer } from '../preprocessing/tokenizer/sequence-tokenizer.js';

/**
 * Reads a tokenizer that `toJson`, or `to_json` of Keras, wrote.
 *
 * @param json The text of the file.
 * @returns A tokenizer that behaves as the one that was saved.
 * @throws RecurrentError when the text is not JSON, or not that of a tokenizer.
 *
 * @example
 * ```ts
 * import { Tokenizer, tokenizerFromJson } from 'tfjs-recurrent/predict';
 *
 * const tokenizer = new Tokenizer();
 * tokenizer.fitOnTexts(['good film', 'bad film']);
 * console.log(tokenizerFromJson(tokenizer.toJson()).textsToSequences(['good film']));
 * // [ [ 2, 1 ] ]
 * ```
 */
export function tokenizerFromJson(json: string): SequenceTokenizer {
  return readTokenizerJson(json, (options) => new SequenceTokenizer(options));
}
