/** How a forecaster is saved as one thing: its model, its columns, its scaling and its interval. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { rejectDamage } from '../saving/kind.js';
import { disposeSavedModel } from '../saving/load-saved-model.js';
import { historyToJson, readHistory } from '../saving/parts.js';
import { loadWhole, saveWhole } from '../saving/whole.js';
import { FORECASTER } from './forecaster-kind.js';
import { type ForecasterState, readForecasterState } from './forecaster-state.js';

/** Saves model and state in a single call of the handler, which so writes both or none. */
export function saveForecaster(
  where: string,
  model: tfl.LayersModel,
  { columns, history, ...state }: ForecasterState,
  target: tf.io.IOHandler | string,
): Promise<tf.io.SaveResult> {
  const { form, names } = columns;
  const fields = { ...state, form, columns: names, history: historyToJson(history) };
  return saveWhole(FORECASTER, where, model, fields, target);
}

/** Reads what {@link saveForecaster} wrote. */
export async function loadForecaster(
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ model: tfl.LayersModel; state: ForecasterState }> {
  const { model, state } = await loadWhole(FORECASTER, where, source, (fields) => ({
    ...readForecasterState(where, fields),
    history: readHistory(FORECASTER, where, fields.history),
  }));
  const shape = (of: tfl.SymbolicTensor[]) => String(of[0]?.shape.slice(1));
  const { window, columns, radius } = state;
  const fits =
    shape(model.inputs) === `${window},${columns.names.length}` &&
    shape(model.outputs) === String(radius.length);
  if (!fits) {
    disposeSavedModel(model);
    rejectDamage(FORECASTER, where, 'its model is not that of a forecaster');
  }
  return { model: trainByKernels(model), state };
}
