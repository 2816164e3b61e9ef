import { tensor, type Tensor, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { Tokenizer } from 'tfjs-recurrent';

/** The log in two parts: to learn from, and, behind it, to be tested on. */
export function splitText(text: string): { train: string; test: string } {
  // Between two days, so that no entry is in both.
  const cut = text.indexOf('\n\n', Math.floor(0.9 * text.length)) + 2;
  return { train: text.slice(0, cut), test: text.slice(cut) };
}

/** A tokenizer whose words are characters, capitals kept apart. */
export function fitTokenizer(text: string): Tokenizer {
  const tokenizer = new Tokenizer({ charLevel: true, lower: false });
  tokenizer.fitOnTexts([text]);
  return tokenizer;
}

/** Sequences, and the character that follows each of theirs. */
export interface Sequences {
  x: Tensor2D; // [sequences, time]
  y: Tensor; // [sequences, time, 1]
}

/** Cuts tokens into sequences, one behind the other; what is left over at the end is not used. */
export function sequencesOf(tokens: readonly number[], time: number): Sequences {
  const count = Math.floor((tokens.length - 1) / time);
  const x = tensor2d(Int32Array.from(tokens.slice(0, count * time)), [count, time], 'int32');
  const y = tensor(Int32Array.from(tokens.slice(1, count * time + 1)), [count, time, 1], 'int32');
  return { x, y };
}
