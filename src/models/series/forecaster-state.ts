/** What a forecaster is saved with beside its model, and how that is read back. Without TensorFlow.js. */
import { show } from '../../foundation/errors.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields } from '../saving/kind.js';
import { FORECASTER } from './forecaster-kind.js';
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

/** What forecasting takes of it. */
export type ForecastState = Omit<ForecasterState, 'history'>;

/**
 * The state in the fields of a file, but for the history.
 *
 * @throws RecurrentError for a field that is missing or damaged.
 */
export function readForecasterState(where: string, fields: SavedFields): ForecastState {
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
  };
}

const isListOf = (isRight: (value: unknown) => boolean) => (list: unknown) =>
  Array.isArray(list) && list.length > 0 && list.every(isRight);
const isNotNegative = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const isAboveZero = (value: unknown) => Number.isFinite(value) && (value as number) > 0;
const isPositive = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
