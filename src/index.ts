export { FileError, RecurrentError } from './foundation/errors.js';
export {
  type HashFunction,
  type HashingOptions,
  hashingTrick,
  oneHot,
} from './preprocessing/hashing.js';
export { stripHtmlTags } from './preprocessing/html.js';
export { padSequences } from './preprocessing/pad-sequences.js';
export type { PadOptions, Side, Step } from './preprocessing/padded-sequences.js';
export { makeSamplingTable, type SamplingTableOptions } from './preprocessing/sampling-table.js';
export type { MatrixMode } from './preprocessing/tokenizer/sequence-matrix.js';
export { type SkipgramOptions, type Skipgrams, skipgrams } from './preprocessing/skipgrams.js';
export {
  type Series,
  type SeriesStep,
  type TimeseriesBatch,
  TimeseriesGenerator,
  type TimeseriesOptions,
} from './preprocessing/timeseries.js';
export { Tokenizer } from './preprocessing/tokenizer/tokenizer.js';
export { tokenizerFromJson } from './preprocessing/tokenizer/tokenizer-json.js';
export type {
  Analyzer,
  Text,
  TokenizerConfig,
  TokenizerOptions,
} from './preprocessing/tokenizer/tokenizer-options.js';
export { DEFAULT_FILTERS } from './preprocessing/tokenizer/word-scanner.js';
export { textToWordSequence, type WordOptions } from './preprocessing/tokenizer/words.js';
export { ready } from './kernels/bridge/ready.js';
export { type AdamOptions, adam } from './layers/optimizers/adam.js';
export {
  type AveragedWeightsOptions,
  withAveragedWeights,
} from './layers/optimizers/averaged-weights.js';
export type { GradientClipping } from './layers/optimizers/clip-gradients.js';
export { withLearningRateSchedule } from './layers/optimizers/scheduled-rate.js';
export type { CosineDecayOptions } from './layers/optimizers/schedules/cosine-decay.js';
export type { DecayOptions } from './layers/optimizers/schedules/decay-by-rate.js';
export type { PiecewiseConstantDecayOptions } from './layers/optimizers/schedules/piecewise-constant-decay.js';
export type { PolynomialDecayOptions } from './layers/optimizers/schedules/polynomial-decay.js';
export type { LearningRateSchedule } from './layers/optimizers/schedules/schedule.js';
export * as schedules from './layers/optimizers/schedules/schedules.js';
export type {
  GruCellArgs,
  LstmCellArgs,
  RnnCell,
  SimpleRnnCellArgs,
  StackedRnnCellsArgs,
} from './layers/recurrent/cells.js';
export type { AdditiveAttentionArgs } from './layers/attention/additive-attention.js';
export type { AttentionArgs } from './layers/attention/attention.js';
export type { AttentionCallArguments } from './layers/attention/attention-inputs.js';
export type { AttentionPooling1dArgs } from './layers/attention/attention-pooling.js';
export type { DenseLayerArgs } from './layers/core/dense.js';
export type { DropoutLayerArgs } from './layers/core/dropout.js';
export type {
  AveragePooling1dArgs,
  BatchNormalizationArgs,
  Conv1dArgs,
  GlobalAveragePooling1dArgs,
  GlobalMaxPooling1dArgs,
  LayerNormalizationArgs,
  MaxPooling1dArgs,
  TimeDistributedArgs,
} from './layers/beside/factories.js';
export type { SpatialDropoutLayerArgs } from './layers/beside/spatial-dropout.js';
export type { WordDropoutLayerArgs } from './layers/beside/word-dropout.js';
export type { EmbeddingLayerArgs } from './layers/core/embedding.js';
export type { NormalizedEmbeddingArgs } from './layers/core/normalized-embedding.js';
export type { KernelOption } from './layers/kernel-option.js';
export * as layers from './layers/layers.js';
export type { CtcOptions, Lengths } from './layers/losses/ctc.js';
export * as losses from './layers/losses/losses.js';
export type { SampledSoftmaxArgs } from './layers/losses/sampled-softmax.js';
export type { CrossentropyOptions, Loss } from './layers/losses/smoothed.js';
export type { GruLayerArgs } from './layers/recurrent/gru.js';
export type { MaskRule } from './layers/masks/mask-rule.js';
export type { ZeroOutputArgs, ZeroOutputForMask } from './layers/masks/masked-outputs.js';
export type { LstmLayerArgs } from './layers/recurrent/lstm.js';
export type { MinGruLayerArgs } from './layers/recurrent/min-gru.js';
export type { RnnLayerArgs } from './layers/recurrent/rnn.js';
export type { SimpleRnnLayerArgs } from './layers/recurrent/simple-rnn.js';
export type {
  BidirectionalArgs,
  DenseArgs,
  DropoutArgs,
  EmbeddingArgs,
  GruArgs,
  LstmArgs,
  SimpleRnnArgs,
} from './layers/stock.js';
export { registerLayers } from './layers/register.js';
export {
  adversarialTraining,
  type AdversarialTrainingOptions,
} from './training/adversarial-training.js';
export { averagedWeights } from './training/averaged-weights.js';
export type {
  BaseCallback,
  CallbackObject,
  Callbacks,
  YieldEvery,
} from './training/callbacks.js';
export {
  captureTrainingState,
  restoreTrainingState,
  type TensorEntry,
  type TrainingState,
  type TrainingStateHeader,
} from './training/checkpoint.js';
export { type EarlyStoppingOptions, earlyStopping } from './training/early-stopping.js';
export type { FitData } from './training/fit-data.js';
export { type FitWithSeedOptions, fitWithSeed } from './training/fit-with-seed.js';
export { appendHistory, type TrainingHistory } from './training/history.js';
export type { OptimizerNumbers, OptimizerSlot } from './training/optimizer-state.js';
export { permutation, shuffled } from './training/permutation.js';
export type { Column } from './training/rows.js';
export {
  type LabelledData,
  type SplitValidationOptions,
  splitValidation,
  type ValidationParts,
} from './training/split-validation.js';
export type { StoredType, TensorHead } from './training/tensor-bytes.js';
export { attentionChart, type AttentionChartOptions } from './inspect/explain/attention-chart.js';
export {
  contributionChart,
  type ContributionChartOptions,
} from './inspect/explain/contribution-chart.js';
export {
  type DeletionCurve,
  type DeletionCurveOptions,
  deletionCurve,
} from './inspect/explain/deletion-curve.js';
export {
  type ExplainMethod,
  type ExplainOptions,
  type Explanation,
  explain,
} from './inspect/explain/explain.js';
export type { ExplainedInput, TextModel } from './inspect/explain/explained-words.js';
export type { TrainingWorker } from './training/worker/ports.js';
export { serveTraining } from './training/worker/serve-training.js';
export {
  type FitInWorkerOptions,
  fitInWorker,
  trainInWorker,
  type TrainInWorkerOptions,
} from './training/worker/train-in-worker.js';
export type { TrainingRun } from './training/worker/training-run.js';
export type { WorkerCallbacks, WorkerTraining } from './training/worker/worker-training.js';
export {
  type ChartedForecast,
  type ForecastChartOptions,
  forecastChart,
} from './inspect/forecast-chart.js';
export {
  type ChartedHistory,
  type HistoryChartOptions,
  type HistoryLists,
  historyChart,
} from './inspect/history-chart.js';
export {
  type ChartedNorms,
  gradientNormChart,
  type GradientNormChartOptions,
} from './inspect/gradient-norm-chart.js';
export { gradientNorms } from './inspect/gradients/gradient-norms.js';
export type { Finding, Problem } from './inspect/health/findings.js';
export { healthTable } from './inspect/health/health-table.js';
export type { GateHealth, LayerHealth, TracedCell } from './inspect/health/layer-health.js';
export {
  type NetworkHealth,
  networkHealth,
  type NetworkHealthOptions,
} from './inspect/health/network-health.js';
export { healthChart, type HealthChartOptions } from './inspect/health-chart.js';
export { type ChartedTrace, gateChart, type GateChartOptions } from './inspect/gate-chart.js';
export type { Direction, TraceOptions } from './inspect/trace/traced-layer.js';
export {
  type GruTrace,
  type LstmTrace,
  type RecurrentTrace,
  type SimpleRnnTrace,
  traceGru,
  traceLstm,
  traceSimpleRnn,
} from './inspect/trace/traces.js';
export {
  type KerasFiles,
  type LoadKerasOptions,
  loadKerasModel,
} from './keras/reading/load-keras-model.js';
export {
  type KerasFormat,
  type KerasJsonAndWeights,
  type SaveKerasOptions,
  saveKerasModel,
} from './keras/writing/save-keras-model.js';
export {
  type TextVectorizationParts,
  tokenizerFromTextVectorization,
} from './keras/text-vectorization.js';
export {
  createEncoderDecoder,
  EncoderDecoder,
  type EncoderDecoderFitOptions,
  type Generated,
  type SequencePairs,
} from './models/encoder-decoder/encoder-decoder.js';
export type {
  AttentionName,
  EncoderDecoderOptions,
  SequenceSide,
  SideVocabularies,
  TargetSide,
} from './models/encoder-decoder/options.js';
export type { TokenSequence } from './models/encoder-decoder/sequences.js';
export { type CtcDecodeOptions, type CtcPath, ctcDecode } from './models/decoding/ctc.js';
export type { DrawOptions } from './models/decoding/draw-token.js';
export type { GenerateOptions } from './models/decoding/write-sequences.js';
export {
  type GenerateTextOptions,
  generateText,
} from './models/language-model/generate-text.js';
export {
  createLanguageModel,
  type LanguageModelOptions,
} from './models/language-model/language-model.js';
export {
  SentimentClassifier,
  type SentimentPrediction,
} from './models/sentiment/sentiment-classifier.js';
export type { SentimentData } from './models/sentiment/sentiment-data.js';
export {
  createSentimentLstm,
  type SentimentLstmOptions,
} from './models/sentiment/sentiment-lstm.js';
export type {
  SentimentFitOptions,
  SentimentTrainOptions,
} from './models/sentiment/sentiment-options.js';
export type { TextEvaluation } from './models/text-classifier/evaluation.js';
export type { TextOrigin, TextPreset } from './models/text-classifier/presets.js';
export { TextClassifier, type TextPrediction } from './models/text-classifier/text-classifier.js';
export { wideAndDeep, type WideAndDeepOptions } from './models/text-classifier/wide-and-deep.js';
export type { TextData } from './models/text-classifier/text-data.js';
export type { TextTrainOptions } from './models/text-classifier/text-options.js';
export type { Precision } from './models/saving/precision.js';
export { createManyToMany, type ManyToManyOptions } from './models/topologies/many-to-many.js';
export { createManyToOne, type ManyToOneOptions } from './models/topologies/many-to-one.js';
export type {
  CellName,
  SequenceInputOptions,
  Task,
  TopologyOptions,
} from './models/topologies/options.js';
export {
  generateFromVectors,
  type GenerateFromVectorsOptions,
} from './models/topologies/generate-from-vectors.js';
export { createOneToMany, type OneToManyOptions } from './models/topologies/one-to-many.js';
export {
  teacherForcing,
  type TeacherForced,
  type TeacherForcingOptions,
} from './models/topologies/teacher-forcing.js';
export {
  loadWithVocabularies,
  type ModelWithVocabularies,
  saveWithVocabularies,
} from './models/topologies/with-vocabularies.js';
export type {
  TimeseriesEvaluateOptions,
  TimeseriesForecasterOptions,
} from './models/series/forecaster-options.js';
export type { Scaling, ScalingMethod } from './models/series/scaling.js';
export type { ForecastScores } from './models/series/scores.js';
export type { Observation, Predicted, TimeseriesData } from './models/series/series-data.js';
export type { Forecast } from './models/series/forecast.js';
export { TimeseriesForecaster } from './models/series/timeseries-forecaster.js';
export type { ColumnEvaluation, TimeseriesEvaluation } from './models/series/walk-forward.js';
export type { NestedNumbers } from './models/stream/stream-input.js';
export { type Stream, type StreamInput, stream } from './models/stream/stream.js';
export { type BucketBatchesOptions, bucketBatches } from './training/bucket-batches.js';
export {
  type Batches,
  type ContinuousBatchesOptions,
  continuousBatches,
} from './training/continuous-batches.js';
export type { BytesSource } from './datasets/bytes-in.js';
export type { PageFolder } from './datasets/folder-entries.js';
export type { Imdb } from './datasets/imdb-reviews.js';
export type { LabelledTexts, TextDirectory } from './datasets/labelled-texts.js';
export { type CsvTable, readCsv, type ReadCsvOptions } from './datasets/read-csv.js';
export { readImdbArchive, type ReadImdbArchiveOptions } from './datasets/read-imdb-archive.js';
export { readTextFiles, type ReadTextFilesOptions } from './datasets/read-text-files.js';
export type { TextProgress } from './datasets/text-file.js';
