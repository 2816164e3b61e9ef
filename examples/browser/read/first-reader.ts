/** The network that the page comes with; how it was trained: train-model.ts. */
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { Tokenizer } from 'tfjs-recurrent';
import { Reader } from './reader.js';

/** What train-model.ts writes beside the model. */
interface Words {
  /** In the order of their numbers, from 1 on. */
  words: string[];
  /** Of the 25,000 test reviews: read to their ends, and of a piece of each. */
  accuracy: { whole: number; pieces: number };
}

/** Loads it, with the share of test reviews that it is right on. */
export async function loadFirstReader(): Promise<{ reader: Reader; accuracy: number }> {
  const [model, { words, accuracy }] = await Promise.all([
    loadLayersModel('./model/model.json'),
    fetch('./model/words.json').then((answer) => answer.json() as Promise<Words>),
  ]);
  const tokenizer = new Tokenizer();
  tokenizer.fitOnTexts([words]); // each word once, so that they keep their order
  return {
    reader: new Reader(model, tokenizer, ['negative', 'positive']),
    accuracy: accuracy.whole,
  };
}
