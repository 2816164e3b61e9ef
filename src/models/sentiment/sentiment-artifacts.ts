/** How a classifier is saved as one thing: its model, its tokenizer and its settings. */
import { show } from '../../foundation/errors.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields, type SavedKind } from '../saving/kind.js';
import { disposeSavedModel } from '../saving/load-saved-model.js';
import {
  historyToJson,
  readHistory,
  readLearningRate,
  readSeed,
  readTokenizer,
} from '../saving/parts.js';
import { type Precision, withPrecision } from '../saving/precision.js';
import { compileAsSaved, loadWhole, readOnce, saveWhole } from '../saving/whole.js';
import { compileForSentiment } from './sentiment-lstm.js';
import { areClassNames } from './sentiment-options.js';
import { TEXT_CLASSIFIER } from '../text-classifier/artifacts.js';

/** Everything that makes a classifier besides its model. */
export interface ClassifierState {
  tokenizer: Tokenizer;
  classNames: readonly [string, string];
  stripHtml: boolean;
  seed: number | undefined;
  history: TrainingHistory;
}

const CLASSIFIER: SavedKind = {
  key: 'sentimentClassifier',
  noun: 'classifier',
  savedBy: 'SentimentClassifier.save',
  lacks: 'it has no tokenizer',
  otherwise: 'Load it with tf.loadLayersModel, and its tokenizer with tokenizerFromJson.',
  version: 1,
  fields: ['classNames', 'stripHtml', 'seed', 'learningRate', 'tokenizer', 'history'],
};

/** Saves model and state in a single call of the handler, which so writes both or none. */
export function saveClassifier(
  where: string,
  model: tfl.LayersModel,
  state: ClassifierState,
  target: tf.io.IOHandler | string,
  { includeOptimizer, precision }: { includeOptimizer: boolean; precision: Precision },
): Promise<tf.io.SaveResult> {
  const { tokenizer, history, ...settings } = state;
  const fields = {
    ...settings,
    learningRate: model.optimizer.getConfig().learningRate,
    tokenizer: tokenizer.toJson(),
    history: historyToJson(history),
  };
  return saveWhole(CLASSIFIER, where, model, fields, target, includeOptimizer, (artifacts) =>
    withPrecision(where, artifacts, precision),
  );
}

/** Reads what was saved, once, and tells whether it is the article's model or a {@link TextClassifier}. */
export async function readEither(
  where: string,
  target: tf.io.IOHandler | string,
): Promise<{ source: tf.io.IOHandler; isTextClassifier: boolean }> {
  const { source, keys } = await readOnce(CLASSIFIER, where, target);
  return { source, isTextClassifier: keys.includes(TEXT_CLASSIFIER.key) };
}

/** Reads what {@link saveClassifier} wrote; the model is compiled. */
export async function loadClassifier(
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ model: tfl.LayersModel; state: ClassifierState }> {
  const { model, state } = await loadWhole(CLASSIFIER, where, source, (fields) =>
    readState(where, fields),
  );
  if (model.inputs[0]?.shape[1] == null || model.outputs[0]?.shape[1] !== 1) {
    disposeSavedModel(model);
    rejectDamage(CLASSIFIER, where, 'its model is not that of a classifier');
  }
  const { learningRate, ...others } = state;
  const optimizer: tf.Optimizer | null = model.optimizer;
  if (optimizer != null && optimizer.getClassName() !== 'Adam') {
    ownOptimizer(model); // loadLayersModel made it
  } else {
    // Our optimizer, with what that of a model saved with `includeOptimizer` remembers.
    await compileAsSaved(model, () => compileForSentiment(model, learningRate));
  }
  return { model: trainByKernels(model), state: others };
}

function readState(where: string, fields: SavedFields): ClassifierState & { learningRate: number } {
  const { classNames, stripHtml } = fields;
  if (!areClassNames(classNames)) {
    rejectDamage(CLASSIFIER, where, `its classNames are ${show(classNames)}`);
  }
  if (typeof stripHtml !== 'boolean') {
    rejectDamage(CLASSIFIER, where, `its stripHtml is ${show(stripHtml)}`);
  }
  return {
    learningRate: readLearningRate(CLASSIFIER, where, fields.learningRate),
    seed: readSeed(CLASSIFIER, where, fields.seed),
    tokenizer: readTokenizer(CLASSIFIER, where, fields.tokenizer),
    classNames,
    stripHtml,
    history: readHistory(CLASSIFIER, where, fields.history),
  };
}
