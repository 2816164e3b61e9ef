/** How a text classifier is saved as one thing, and read back. */
import { show } from '../../foundation/errors.js';
import type { tf } from '../../foundation/tensorflow.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields, type SavedKind } from '../saving/kind.js';
import { disposeSavedModel } from '../saving/load-saved-model.js';
import { historyToJson, readHistory } from '../saving/parts.js';
import { type Precision, withPrecision } from '../saving/precision.js';
import { takeArraysBeside, withArraysBeside } from '../saving/weights-beside.js';
import { loadWhole, saveWhole } from '../saving/whole.js';
import type { WideWeights } from '../wide/wide-logits.js';
import { WidePath } from '../wide/wide-path.js';
import { DeepPath } from './deep-path.js';
import type { TextEvaluation } from './evaluation.js';
import { judgesWords, outputsFor } from './given-network.js';
import { hasWidePath, PRESETS, type TextOrigin } from './presets.js';
import { BIASES, HASHES, ofWordList, VERSION, WEIGHTS } from './saved-names.js';
import { areClassNames } from './text-data.js';
import type { Paths } from './training.js';

/** Everything that makes a text classifier besides its paths. */
export interface TextClassifierState {
  preset: TextOrigin;
  classNames: readonly string[];
  stripHtml: boolean;
  history: TrainingHistory;
  validation: TextEvaluation | undefined;
}

/** How files of text classifiers are told. */
export const TEXT_CLASSIFIER: SavedKind = {
  key: 'textClassifier',
  noun: 'classifier',
  savedBy: 'TextClassifier.save',
  lacks: 'it has no textClassifier in its metadata',
  otherwise: 'Load it with SentimentClassifier.load or tf.loadLayersModel.',
  version: VERSION,
  fields: [
    ...['preset', 'classNames', 'stripHtml', 'words', 'readsPieces'],
    ...['scales', 'history', 'validation'],
  ],
};

const PLURALS = ['classNames', 'words', 'scales'];

/** Saves it all in a single call of the handler. */
export function saveTextClassifier(
  where: string,
  { wide, deep, scales }: Paths,
  { history, ...settings }: TextClassifierState,
  target: tf.io.IOHandler | string,
  precision: Precision,
): Promise<tf.io.SaveResult> {
  // In the order of their numbers; how often each occurred is of no use any more.
  const words = [...deep.tokenizer.wordIndex.keys()];
  const { readsPieces } = deep;
  const fields = { ...settings, words, readsPieces, scales, history: historyToJson(history) };
  const biases = wide && { [BIASES]: wide.weights.biases };
  const arrays = wide && { [HASHES]: wide.weights.hashes, [WEIGHTS]: wide.weights.weights };
  return saveWhole(TEXT_CLASSIFIER, where, deep.model, fields, target, false, (artifacts) => {
    const model = withPrecision(where, artifacts, precision);
    if (!arrays || !biases) return model;
    const withBiases = withArraysBeside(where, model, biases, 'float32');
    return withArraysBeside(where, withBiases, arrays, precision);
  });
}

/** Reads what {@link saveTextClassifier} wrote. */
export async function loadTextClassifier(
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ paths: Paths; state: TextClassifierState }> {
  let beside: Record<string, Float32Array | Int32Array> = {};
  const loaded = await loadWhole(
    TEXT_CLASSIFIER,
    where,
    source,
    (fields) => readState(where, fields),
    (artifacts) => {
      const taken = takeArraysBeside(artifacts, [HASHES, WEIGHTS, BIASES]);
      beside = taken.arrays;
      return taken.artifacts;
    },
  );
  const model = trainByKernels(loaded.model);
  try {
    const { words, readsPieces, scales, ...state } = loaded.state;
    if (!judgesWords(model, words.length, state.classNames.length)) {
      rejectDamage(TEXT_CLASSIFIER, where, 'its model is not that of a classifier');
    }
    const wide = readWide(where, state, beside);
    const tokenizer = ofWordList(words, (options) => new Tokenizer(options));
    const deep = new DeepPath(model, tokenizer, readsPieces);
    return { paths: { wide, deep, scales }, state };
  } catch (error) {
    disposeSavedModel(model);
    throw error;
  }
}

function readWide(
  where: string,
  { preset, classNames }: TextClassifierState,
  beside: Record<string, unknown>,
): WidePath | undefined {
  if (!hasWidePath(preset)) return undefined;
  const { [HASHES]: hashes, [WEIGHTS]: weights, [BIASES]: biases } = beside;
  const outputs = outputsFor(classNames.length);
  const isRight =
    hashes instanceof Int32Array &&
    weights instanceof Float32Array &&
    biases instanceof Float32Array &&
    biases.length === outputs &&
    weights.length === hashes.length * outputs;
  if (!isRight)
    rejectDamage(TEXT_CLASSIFIER, where, 'the weights of its n-grams are missing or too few');
  return new WidePath({ hashes, weights, biases } as WideWeights);
}

function readState(
  where: string,
  fields: SavedFields,
): TextClassifierState & { words: string[]; readsPieces: boolean; scales: number[] } {
  const { preset, classNames, stripHtml, words, readsPieces, scales, validation } = fields;
  const damaged = (name: string) =>
    rejectDamage(
      TEXT_CLASSIFIER,
      where,
      `its ${name} ${PLURALS.includes(name) ? 'are' : 'is'} ${show(fields[name])}`,
    );
  if (!isOrigin(preset)) return damaged('preset');
  if (!areClassNames(classNames)) damaged('classNames');
  if (typeof stripHtml !== 'boolean') damaged('stripHtml');
  if (
    !isListOf(words, 'string') ||
    new Set(words as string[]).size !== (words as string[]).length
  ) {
    damaged('words');
  }
  if (typeof readsPieces !== 'boolean') damaged('readsPieces');
  const paths = hasWidePath(preset) ? 2 : 1;
  if (!isListOf(scales, 'number') || (scales as number[]).length !== paths) damaged('scales');
  return {
    preset,
    classNames: classNames as string[],
    stripHtml: stripHtml as boolean,
    words: words as string[],
    readsPieces: readsPieces as boolean,
    scales: scales as number[],
    history: readHistory(TEXT_CLASSIFIER, where, fields.history),
    validation: validation as TextEvaluation | undefined,
  };
}

const isOrigin = (value: unknown): value is TextOrigin =>
  value === 'wideAndDeep' || (typeof value === 'string' && Object.hasOwn(PRESETS, value));

const isListOf = (value: unknown, type: string): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === type);
