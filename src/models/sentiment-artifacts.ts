/**
 * How a classifier is saved as one thing: an ordinary TensorFlow.js model, with the tokenizer and
 * the settings in the metadata that users may add to one, which every handler keeps.
 */
import { complain, RecurrentError, reject, show } from '../foundation/errors.js';
import { tf, type tfl } from '../foundation/tensorflow.js';
import { registerLayers } from '../layers/register.js';
import { ownOptimizer } from '../layers/optimizers/own-optimizer.js';
import { trainByKernels } from '../layers/model/train-by-kernels.js';
import type { Tokenizer } from '../preprocessing/tokenizer/tokenizer.js';
import { tokenizerFromJson } from '../preprocessing/tokenizer/tokenizer-json.js';
import type { TrainingHistory } from '../training/history.js';
import { classifierChecksum } from './classifier-checksum.js';
import { disposeSavedModel, loadSavedModel, type SavedModelError } from './load-saved-model.js';
import { compileForSentiment } from './sentiment-lstm.js';
import { areClassNames } from './sentiment-options.js';

/** Everything that makes a classifier besides its model. */
export interface ClassifierState {
  tokenizer: Tokenizer;
  classNames: readonly [string, string];
  stripHtml: boolean;
  seed: number | undefined;
  history: TrainingHistory;
}

const KEY = 'sentimentClassifier';
const VERSION = 1;
const FIELDS = [
  ...['version', 'classNames', 'stripHtml', 'seed', 'learningRate', 'tokenizer', 'history'],
  'crc32', // of all the rest; once there was none
];

/** Saves model and state in a single call of the handler, which so writes both or none. */
export function saveClassifier(
  where: string,
  model: tfl.LayersModel,
  state: ClassifierState,
  target: tf.io.IOHandler | string,
  includeOptimizer: boolean,
): Promise<tf.io.SaveResult> {
  const handler = oneHandler(where, target, 'save');
  const { tokenizer, history, ...settings } = state;
  const metadata = {
    version: VERSION,
    ...settings,
    learningRate: model.optimizer.getConfig().learningRate,
    tokenizer: tokenizer.toJson(),
    history: { epoch: history.epoch, history: mapValues(history.history, toJsonNumber) },
  };
  // Not by model.setUserDefinedMetadata, which warns above a megabyte of vocabulary.
  const withMetadata: tf.io.IOHandler = {
    save: (artifacts) => {
      const unsealed = withClassifier(artifacts, metadata);
      const sealed = { ...metadata, crc32: classifierChecksum(unsealed) };
      return handler.save!(withClassifier(artifacts, sealed));
    },
  };
  return model.save(withMetadata, { includeOptimizer });
}

function withClassifier(artifacts: tf.io.ModelArtifacts, metadata: object): tf.io.ModelArtifacts {
  const userDefinedMetadata = { ...artifacts.userDefinedMetadata, [KEY]: metadata };
  return { ...artifacts, userDefinedMetadata };
}

/** Reads what {@link saveClassifier} wrote; the model is compiled. */
export async function loadClassifier(
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ model: tfl.LayersModel; state: ClassifierState }> {
  const artifacts = await readArtifacts(where, oneHandler(where, source, 'load'));
  const { [KEY]: metadata, ...others } = artifacts.userDefinedMetadata ?? {};
  const { state, learningRate } = readMetadata(where, metadata);
  requireUnchanged(where, artifacts, metadata as Fields);
  registerLayers();
  const model = await readModel(where, { ...artifacts, userDefinedMetadata: others });
  if (model.inputs[0]?.shape[1] == null || model.outputs[0]?.shape[1] !== 1) {
    disposeSavedModel(model);
    rejectDamage(where, 'its model is not that of a classifier');
  }
  await compileAsSaved(model, learningRate);
  return { model: trainByKernels(model), state };
}

/** Our optimizer, with what that of a model saved with `includeOptimizer` remembers. */
async function compileAsSaved(model: tfl.LayersModel, learningRate: number): Promise<void> {
  const saved: tf.Optimizer | null = model.optimizer;
  if (saved != null && saved.getClassName() !== 'Adam') {
    ownOptimizer(model); // loadLayersModel made it
    return;
  }
  compileForSentiment(model, learningRate);
  if (saved == null) return;
  const weights = await saved.getWeights();
  await model.optimizer.setWeights(weights);
  weights[0]?.tensor.dispose(); // the count of steps, which getWeights makes
  saved.dispose();
}

async function readArtifacts(
  where: string,
  handler: tf.io.IOHandler,
): Promise<tf.io.ModelArtifacts> {
  try {
    return Object(await handler.load!());
  } catch (error) {
    if (error instanceof RecurrentError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const complaint = { where, expected: `the classifier cannot be read: ${reason}` };
    throw new RecurrentError(complain(complaint), { cause: error });
  }
}

async function readModel(where: string, artifacts: tf.io.ModelArtifacts): Promise<tfl.LayersModel> {
  try {
    return await loadSavedModel(artifacts);
  } catch (error) {
    return rejectDamage(where, (error as SavedModelError).message);
  }
}

/** Classifiers that were saved without a checksum, or whose metadata lost it on purpose, are taken. */
function requireUnchanged(where: string, artifacts: tf.io.ModelArtifacts, metadata: Fields): void {
  const { crc32: promised, ...unsealed } = metadata;
  if (promised === undefined) return;
  let found: string | undefined;
  try {
    found = classifierChecksum(withClassifier(artifacts, unsealed));
  } catch {
    // Lists inside one another without end, which nothing of ours holds.
  }
  if (found !== promised) rejectDamage(where, 'it has changed since it was saved');
}

function oneHandler(
  where: string,
  target: tf.io.IOHandler | string,
  method: 'save' | 'load',
): tf.io.IOHandler {
  if (typeof target !== 'string') {
    if (typeof target?.[method] === 'function') return target;
    reject({
      where,
      expected: `ioHandler must be able to ${method} models`,
      received: target,
      remedy: 'Pass a handler of tf.io, a URL, or in Node fileSystem(directory).',
    });
  }
  const find = method === 'save' ? tf.io.getSaveHandlers : tf.io.getLoadHandlers;
  const [handler, second] = find(target);
  if (handler?.[method] !== undefined && second === undefined) return handler;
  reject({
    where,
    expected: `there must be one way to ${method} models at the URL`,
    received: target,
    remedy: 'In browsers use indexeddb://name or https://…, in Node fileSystem(directory).',
  });
}

type Fields = Record<string, unknown>;

function readMetadata(where: string, metadata: unknown) {
  if (typeof metadata !== 'object' || metadata === null) {
    reject({
      where,
      expected: 'the model was not saved by SentimentClassifier.save: it has no tokenizer',
      remedy: 'Load it with tf.loadLayersModel, and its tokenizer with tokenizerFromJson.',
    });
  }
  const fields = metadata as Fields;
  if (fields.version !== VERSION) {
    reject({
      where,
      expected: `the saved classifier must be of version ${VERSION}`,
      received: fields.version,
      remedy: 'Load it with the release of tfjs-recurrent that saved it.',
    });
  }
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) rejectDamage(where, `it has an unknown ${unknown}`);
  const { classNames, stripHtml, learningRate, seed } = fields;
  if (!areClassNames(classNames)) rejectDamage(where, `its classNames are ${show(classNames)}`);
  if (typeof stripHtml !== 'boolean') rejectDamage(where, `its stripHtml is ${show(stripHtml)}`);
  if (!(typeof learningRate === 'number' && learningRate > 0)) {
    rejectDamage(where, `its learningRate is ${show(learningRate)}`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    rejectDamage(where, `its seed is ${show(seed)}`);
  }
  const state: ClassifierState = {
    tokenizer: readTokenizer(where, fields.tokenizer),
    classNames,
    stripHtml,
    seed: seed as number | undefined,
    history: readHistory(where, fields.history),
  };
  return { state, learningRate };
}

function readTokenizer(where: string, json: unknown): Tokenizer {
  try {
    return tokenizerFromJson(json as string);
  } catch (error) {
    // The message of tokenizerFromJson, without its remedy, which is for those who call it.
    rejectDamage(where, `its tokenizer cannot be read, ${(error as Error).message.split('. ')[0]}`);
  }
}

function readHistory(where: string, saved: unknown): TrainingHistory {
  const { epoch, history } = Object(saved) as { epoch?: unknown; history?: unknown };
  if (!Array.isArray(epoch) || typeof history !== 'object' || history === null) {
    rejectDamage(where, `its history is ${show(saved)}`);
  }
  return {
    epoch: epoch.map(Number),
    history: mapValues(history as Record<string, (number | string)[]>, Number),
  };
}

function rejectDamage(where: string, what: string): never {
  reject({
    where,
    expected: `the saved classifier is damaged: ${what}`,
    remedy: 'Save it again with SentimentClassifier.save.',
  });
}

/** JSON has no NaN, which the loss of a run that failed is. */
const toJsonNumber = (value: number) => (Number.isFinite(value) ? value : String(value));

function mapValues<From, To>(
  lists: Readonly<Record<string, readonly From[]>>,
  change: (value: From) => To,
): Record<string, To[]> {
  return Object.fromEntries(
    Object.entries(lists).map(([name, values]) => [name, values.map((value) => change(value))]),
  );
}
