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
export { type Bytes, loadPredictor, type PredictorFiles } from './predict/load-predictor.js';
export type {
  Prediction,
  Predictor,
  PredictorInput,
  PredictorSpec,
} from './predict/predictor.js';
export type { SavedParts, WeightSpec } from './predict/reading/parts.js';
export { tokenizerFromJson } from './predict/tokenizer-json.js';
