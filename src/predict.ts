export { FileError, RecurrentError } from './foundation/errors.js';
export {
  type PaddedSequences,
  type PadOptions,
  padSequencesToArray,
  type Side,
  type Step,
} from './preprocessing/padded-sequences.js';
export { SequenceTokenizer as Tokenizer } from './preprocessing/tokenizer/sequence-tokenizer.js';
export type {
  Analyzer,
  Text,
  TokenizerConfig,
  TokenizerOptions,
} from './preprocessing/tokenizer/tokenizer-options.js';
export type { KerasFiles } from './keras/reading/open-parts.js';
export type { Nested, NumberArray } from './predict/inputs.js';
export type { Forecast } from './models/series/forecast.js';
export type { Observation, Predicted } from './models/series/series-data.js';
export type { Forecaster } from './predict/forecaster.js';
export { loadForecaster } from './predict/load-forecaster.js';
export { loadPredictor } from './predict/load-predictor.js';
export type { Bytes, PredictorFiles } from './predict/reading/open-files.js';
export type {
  Prediction,
  Predictor,
  PredictorInput,
  PredictorSpec,
} from './predict/predictor.js';
export type { SavedParts, WeightSpec } from './predict/reading/parts.js';
export { tokenizerFromJson } from './predict/tokenizer-json.js';
