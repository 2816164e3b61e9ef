/** How a forecaster is saved as one thing: its model, its columns, its scaling and its interval. */
import { show } from '../../foundation/errors.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields, type SavedKind } from '../saving/kind.js';
import { disposeSavedModel } from '../saving/load-saved-model.js';
import { historyToJson, readHistory } from '../saving/parts.js';
import { loadWhole, saveWhole } from '../saving/whole.js';
import type { Scaling } from './scaling.js';
import type { Columns } from './series-data.js';
import type { WindowSizes } from './windows.js';

/** Everything that makes a forecaster besides its model. */
export interface ForecasterState extends WindowSizes {
  columns: Columns;
  targets: readonly string[];
  scaling: Scaling;
  relative: boolean;
  coverage: number;
  /** How far each value may be off, to both sides. [horizon · targets] */
  radius: readonly number[];
  /** What MASE is measured by, of each target. */
  naiveErrors: readonly number[];
  history: TrainingHistory;
}

const FORECASTER: SavedKind = {
  key: 'timeseriesForecaster',
  noun: 'forecaster',
  savedBy: 'TimeseriesForecaster.save',
  lacks: 'it has no scaling',
  otherwise: 'Load it with tf.loadLayersModel.',
  version: 1,
  fields: [
    ...['window', 'horizon', 'form', 'columns', 'targets', 'scaling', 'relative'],
    ...['coverage', 'radius', 'naiveErrors', 'history'],
  ],
};

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
  const { model, state } = await loadWhole(FORECASTER, where, source, (fields) =>
    readState(where, fields),
  );
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

function readState(where: string, fields: SavedFields): ForecasterState {
  const refuse = (name: string, value: unknown) =>
    rejectDamage(FORECASTER, where, `its ${name} is ${show(value)}`);
  const read = <T>(name: string, isRight: (value: unknown) => boolean, value = fields[name]): T => {
    return isRight(value) ? (value as T) : refuse(name, value);
  };
  const { offset, scale, method } = Object(fields.scaling) as Record<string, unknown>;
  const names = read<string[]>(
    'columns',
    isListOf((name) => typeof name === 'string'),
  );
  const targets = read<string[]>(
    'targets',
    isListOf((name) => names.includes(name as string)),
  );
  const window = read<number>('window', isPositive);
  const horizon = read<number>('horizon', isPositive);
  const ofLength = (length: number, isRight: (value: unknown) => boolean) => (value: unknown) =>
    isListOf(isRight)(value) && (value as unknown[]).length === length;
  return {
    ...{ window, horizon, targets },
    columns: {
      form: read('form', (form) => ['numbers', 'lists', 'objects'].includes(form as string)),
      names,
    },
    scaling: {
      method: read('scaling', (one) => one === 'standardize' || one === 'minMax', method),
      offset: read('scaling', ofLength(names.length, Number.isFinite), offset),
      scale: read('scaling', ofLength(names.length, isAboveZero), scale),
    },
    relative: read('relative', (value) => typeof value === 'boolean'),
    coverage: read('coverage', (value) => isAboveZero(value) && (value as number) < 1),
    radius: read('radius', ofLength(horizon * targets.length, isNotNegative)),
    naiveErrors: read('naiveErrors', ofLength(targets.length, isNotNegative)),
    history: readHistory(FORECASTER, where, fields.history),
  };
}

const isListOf = (isRight: (value: unknown) => boolean) => (list: unknown) =>
  Array.isArray(list) && list.length > 0 && list.every(isRight);
const isNotNegative = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const isAboveZero = (value: unknown) => Number.isFinite(value) && (value as number) > 0;
const isPositive = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
