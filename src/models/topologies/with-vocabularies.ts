/** A model and the vocabularies that it speaks in, saved and loaded as one thing. */
import { reject, show } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { ready } from '../../kernels/bridge/ready.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { adam } from '../../layers/optimizers/adam.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { rejectDamage, type SavedKind } from '../saving/kind.js';
import { readLearningRate, readVocabularies, vocabulariesToJson } from '../saving/parts.js';
import { compileAsSaved, loadWhole, saveWhole } from '../saving/whole.js';

/** A model, and tokenizers by the names that you give them, such as `words` and `tags`. */
export interface ModelWithVocabularies {
  model: tfl.LayersModel;
  vocabularies: Readonly<Record<string, Tokenizer>>;
}

const KIND: SavedKind = {
  key: 'modelWithVocabularies',
  noun: 'model',
  savedBy: 'saveWithVocabularies',
  lacks: 'it has no vocabularies',
  otherwise: 'Load it with tf.loadLayersModel, and its tokenizers with tokenizerFromJson.',
  version: 1,
  fields: ['vocabularies', 'training'],
};

/** How a model was compiled, where it is as the factories compile. */
interface Training {
  loss: string;
  metrics: string[];
  learningRate: number;
}

/**
 * Saves a model and its vocabularies together, as a model that every loader of TensorFlow.js reads
 * and whose metadata {@link loadWithVocabularies} understands. A checksum guards it all.
 *
 * @param parts The model, and its tokenizers by name.
 * @param ioHandler A handler, such as `fileSystem(directory)` of `tfjs-recurrent/node` or those of
 *   `tf.io`, or a URL such as `indexeddb://tagger`.
 * @param options `includeOptimizer`: whether what Adam remembers is saved too; false when left out.
 * @returns What the handler returned.
 * @throws RecurrentError when a vocabulary is no tokenizer, and when the handler cannot save.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import {
 *   createManyToMany, fileSystem, loadWithVocabularies, saveWithVocabularies, Tokenizer,
 * } from 'tfjs-recurrent/node';
 *
 * const [words, tags] = [new Tokenizer(), new Tokenizer()];
 * words.fitOnTexts(['the light went out']);
 * tags.fitOnTexts(['det noun verb adv']);
 * const model = createManyToMany({ vocabularySize: 5, units: 8, outputs: 5 });
 *
 * const folder = await mkdtemp(join(tmpdir(), 'tagger-'));
 * await saveWithVocabularies({ model, vocabularies: { words, tags } }, fileSystem(folder));
 * const loaded = await loadWithVocabularies(fileSystem(folder));
 * console.log(loaded.vocabularies.tags?.textsToSequences(['noun verb']));
 * // [ [ 2, 3 ] ]
 * await rm(folder, { recursive: true });
 * ```
 */
export async function saveWithVocabularies(
  parts: ModelWithVocabularies,
  ioHandler: tf.io.IOHandler | string,
  options: { includeOptimizer?: boolean | undefined } = {},
): Promise<tf.io.SaveResult> {
  const where = 'saveWithVocabularies';
  requireKnownOptions(where, parts, ['model', 'vocabularies'], {}, 'argument');
  requireKnownOptions(where, options, ['includeOptimizer']);
  const { includeOptimizer = false } = options;
  requireBoolean(where, 'includeOptimizer', includeOptimizer);
  const { model, vocabularies } = parts;
  if (typeof model?.getWeights !== 'function') {
    reject({
      where,
      expected: 'model must be a model of tf.layers',
      received: model,
      see: 'not-a-model',
    });
  }
  const isObject = typeof vocabularies === 'object' && vocabularies !== null;
  const given = isObject ? Object.entries(vocabularies) : [];
  const odd = given.find(([, one]) => typeof one?.toJson !== 'function');
  if (given.length === 0 || odd) {
    reject({
      where,
      expected: odd
        ? `the vocabulary ${odd[0]} must be a Tokenizer`
        : 'vocabularies must be tokenizers by name',
      received: odd ? odd[1] : vocabularies,
      remedy: 'For example { words: tokenizer }.',
    });
  }
  const training = trainingOf(model);
  if (includeOptimizer && training === null) {
    reject({
      where,
      expected: 'includeOptimizer needs a model that is compiled as its factory does',
      remedy: 'Leave it out, and compile the model once it is loaded.',
      see: 'unsuitable-optimizer',
    });
  }
  const fields = { vocabularies: vocabulariesToJson(vocabularies), training };
  return saveWhole(KIND, where, model, fields, ioHandler, includeOptimizer);
}

/**
 * Loads what {@link saveWithVocabularies} saved. The model predicts exactly as the saved one on the same
 * backend, and is compiled as it was if that was as its factory does. Calls {@link registerLayers}.
 *
 * @param ioHandler What it was saved to, or a URL of its `model.json`.
 * @throws RecurrentError when the handler cannot load, or when what it loads was not saved so or is
 *   damaged.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import {
 *   createManyToOne, fileSystem, loadWithVocabularies, saveWithVocabularies, Tokenizer,
 * } from 'tfjs-recurrent/node';
 *
 * const words = new Tokenizer();
 * words.fitOnTexts(['warm and funny']);
 * const folder = await mkdtemp(join(tmpdir(), 'model-'));
 * const saved = createManyToOne({ vocabularySize: 4, units: 8, outputs: 3 });
 * await saveWithVocabularies({ model: saved, vocabularies: { words } }, fileSystem(folder));
 *
 * const { model, vocabularies } = await loadWithVocabularies(fileSystem(folder));
 * console.log(model.outputs[0]?.shape, vocabularies.words?.wordIndex.get('funny'));
 * // [ null, 3 ] 3
 * await rm(folder, { recursive: true });
 * ```
 */
export async function loadWithVocabularies(
  ioHandler: tf.io.IOHandler | string,
): Promise<ModelWithVocabularies> {
  const where = 'loadWithVocabularies';
  await ready();
  const { model, state } = await loadWhole(KIND, where, ioHandler, (fields) => ({
    vocabularies: readVocabularies(KIND, where, fields.vocabularies),
    training: readTraining(where, fields.training),
  }));
  const { vocabularies, training } = state;
  if (training) await compileAsSaved(model, () => compileBy(model, training));
  return { model: trainByKernels(model), vocabularies };
}

function compileBy(model: tfl.LayersModel, { loss, metrics, learningRate }: Training): void {
  const optimizer = adam(learningRate);
  model.compile({ optimizer, loss, ...(metrics.length > 0 && { metrics }) });
  ownOptimizer(model);
}

const LOSSES = ['binaryCrossentropy', 'sparseCategoricalCrossentropy', 'meanSquaredError'];

function trainingOf(model: tfl.LayersModel): Training | null {
  const { loss, metrics, optimizer } = model as Omit<tfl.LayersModel, 'metrics'> & {
    metrics?: unknown;
  };
  const named = [metrics ?? []].flat();
  const isOurs =
    optimizer?.getClassName() === 'Adam' &&
    typeof loss === 'string' &&
    LOSSES.includes(loss) &&
    named.every((metric) => metric === 'accuracy');
  if (!isOurs) return null;
  const learningRate = optimizer.getConfig().learningRate as number;
  return { loss, metrics: named as string[], learningRate };
}

function readTraining(where: string, saved: unknown): Training | null {
  if (saved === null) return null;
  const { loss, metrics, learningRate } = Object(saved) as Partial<Record<string, unknown>>;
  const isKnown =
    typeof loss === 'string' &&
    LOSSES.includes(loss) &&
    Array.isArray(metrics) &&
    metrics.every((metric) => metric === 'accuracy');
  if (!isKnown) rejectDamage(KIND, where, `its training is ${show(saved)}`);
  return { loss, metrics, learningRate: readLearningRate(KIND, where, learningRate) };
}
