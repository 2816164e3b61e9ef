/** Reviews that no model has seen, and a model of examples/imdb to judge them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { registerLayers, type TextModel, tokenizerFromJson } from '../../src/index.js';
import { fileSystem, loadImdb } from '../../src/node.js';

/** A model, and test reviews, half of them positive. */
export interface JudgedReviews {
  judge: TextModel;
  reviews: string[];
}

const OPTIONS = {
  data: { type: 'string' },
  model: { type: 'string' },
  reviews: { type: 'string', default: '200' },
  threads: { type: 'string', default: '2' },
} as const;

/** `--threads`; 2 when left out. */
export const threadsOf = (args: string[]): number =>
  Number(parseArgs({ args, options: OPTIONS }).values.threads);

/**
 * @param args `--data` the archive or folder, `--model` the folder of a run, `--reviews` how many; 200
 *   when left out.
 * @returns Null without data and model.
 */
export async function readJudgedReviews(args: string[]): Promise<JudgedReviews | null> {
  const { data, model: run, reviews } = parseArgs({ args, options: OPTIONS }).values;
  if (data === undefined || run === undefined) return null;
  registerLayers();
  const model = await loadLayersModel(fileSystem(join(run, 'model')));
  const tokenizer = tokenizerFromJson(await readFile(join(run, 'tokenizer.json'), 'utf8'));
  const { test } = await loadImdb(data, { limit: Number(reviews) });
  const classNames = ['negative', 'positive'];
  return { judge: { model, tokenizer, stripHtml: true, classNames }, reviews: test.texts };
}
