/** How an encoder-decoder is saved as one thing: its model, its vocabularies and its special tokens. */
import { show } from '../../foundation/errors.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields, type SavedKind } from '../saving/kind.js';
import { disposeSavedModel } from '../saving/load-saved-model.js';
import {
  historyToJson,
  readHistory,
  readLearningRate,
  readSeed,
  readVocabularies,
  vocabulariesToJson,
} from '../saving/parts.js';
import { compileAsSaved, loadWhole, saveWhole } from '../saving/whole.js';
import { compileEncoderDecoder } from './build.js';
import type { SideVocabularies } from './options.js';

/** Everything that makes an encoder-decoder besides its model. */
export interface EncoderDecoderState {
  startToken: number;
  endToken: number;
  vocabularies: SideVocabularies | undefined;
  seed: number | undefined;
  history: TrainingHistory;
}

const KIND: SavedKind = {
  key: 'encoderDecoder',
  noun: 'encoder-decoder',
  savedBy: 'EncoderDecoder.save',
  lacks: 'it has no start token',
  otherwise: 'Load it with tf.loadLayersModel.',
  version: 1,
  fields: ['startToken', 'endToken', 'learningRate', 'seed', 'vocabularies', 'history'],
};

/** Saves model and state in a single call of the handler, which so writes both or none. */
export function saveEncoderDecoder(
  where: string,
  model: tfl.LayersModel,
  { vocabularies, history, ...tokens }: EncoderDecoderState,
  target: tf.io.IOHandler | string,
  includeOptimizer: boolean,
): Promise<tf.io.SaveResult> {
  const fields = {
    ...tokens,
    learningRate: model.optimizer.getConfig().learningRate,
    ...(vocabularies && { vocabularies: vocabulariesToJson({ ...vocabularies }) }),
    history: historyToJson(history),
  };
  return saveWhole(KIND, where, model, fields, target, includeOptimizer);
}

/** Reads what {@link saveEncoderDecoder} wrote; the model is compiled. */
export async function loadEncoderDecoder(
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ model: tfl.LayersModel; state: EncoderDecoderState }> {
  const { model, state } = await loadWhole(KIND, where, source, (fields) =>
    readState(where, fields),
  );
  const { learningRate, ...others } = state;
  const shapes = [...model.inputs, ...model.outputs].map(({ shape }) => shape);
  const fits = shapes.length === 3 && shapes[2]!.length === 3 && shapes[1]![1] === shapes[2]![1];
  const tokens = fits ? shapes[2]![2]! : 0;
  if (others.startToken >= tokens || others.endToken >= tokens) {
    disposeSavedModel(model);
    rejectDamage(KIND, where, 'its model is not that of an encoder-decoder');
  }
  await compileAsSaved(model, () => compileEncoderDecoder(model, learningRate));
  return { model: trainByKernels(model), state: others };
}

function readState(
  where: string,
  fields: SavedFields,
): EncoderDecoderState & { learningRate: number } {
  const vocabularies =
    fields.vocabularies === undefined
      ? undefined
      : readVocabularies(KIND, where, fields.vocabularies);
  const { source, target } = vocabularies ?? {};
  if (vocabularies && !(source && target)) {
    rejectDamage(KIND, where, `its vocabularies are ${show(fields.vocabularies)}`);
  }
  const token = (name: 'startToken' | 'endToken') => {
    const value = fields[name];
    if (Number.isInteger(value) && (value as number) > 0) return value as number;
    return rejectDamage(KIND, where, `its ${name} is ${show(value)}`);
  };
  return {
    startToken: token('startToken'),
    endToken: token('endToken'),
    learningRate: readLearningRate(KIND, where, fields.learningRate),
    seed: readSeed(KIND, where, fields.seed),
    vocabularies: source && target && { source, target },
    history: readHistory(KIND, where, fields.history),
  };
}
