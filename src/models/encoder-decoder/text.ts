import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';

/** Tokens as a text: words with spaces between them, or characters without. Unknown tokens are left out. */
export function textOf(tokens: ArrayLike<number>, { indexWord, charLevel }: Tokenizer): string {
  const words = Array.from(tokens).flatMap((token) => indexWord.get(token) ?? []);
  return words.join(charLevel ? '' : ' ');
}
