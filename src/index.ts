export { FileError, RecurrentError } from './foundation/errors.js';
export {
  type CallbackObject,
  type Callbacks,
  type YieldEvery,
} from './training/callbacks.js';
export { type FitData, type FitWithSeedOptions, fitWithSeed } from './training/fit-with-seed.js';
export { appendHistory, type TrainingHistory } from './training/history.js';
export { permutation, shuffled } from './training/permutation.js';
export type { Column } from './training/rows.js';
export {
  type LabelledData,
  type SplitValidationOptions,
  splitValidation,
  type ValidationParts,
} from './training/split-validation.js';
