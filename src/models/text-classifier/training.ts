/** How the paths of a text classifier are trained, one after the other, and weighed against each other. */
import { ready } from '../../kernels/bridge/ready.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { Callbacks } from '../../training/callbacks.js';
import type { TrainingHistory } from '../../training/history.js';
import { cleanTexts, fitVocabulary } from '../sentiment/sentiment-input.js';
import { WidePath } from '../wide/wide-path.js';
import { createDeepModel, DeepPath } from './deep-path.js';
import { evaluate, type TextEvaluation } from './evaluation.js';
import { equalScales, fitScales, mixedProbabilities, type PathLogits } from './mixture.js';
import { PRESETS, type PresetSettings, type TextPreset } from './presets.js';
import { setAside } from './set-aside.js';
import type { NumberedTexts } from './text-data.js';

/** The paths of a classifier, and the scale of each one's logits. */
export interface Paths {
  wide: WidePath | undefined;
  deep: DeepPath;
  scales: readonly number[];
}

/** What a training leaves. */
export interface TrainedPaths {
  paths: Paths;
  history: TrainingHistory;
  validation: TextEvaluation | undefined;
}

interface Settings {
  preset: TextPreset;
  epochs: number;
  validationSplit: number;
  stripHtml: boolean;
  seed: number;
  callbacks: Callbacks | undefined;
}

/**
 * Trains the paths on their own: where they learn together, n-grams soon explain every training text, and
 * leave the network nothing to learn from. Their scales are fitted on the validation texts.
 */
export async function trainPaths(
  { texts, labels }: NumberedTexts,
  classes: number,
  { preset, validationSplit, stripHtml, seed, ...run }: Settings,
): Promise<TrainedPaths> {
  await ready();
  const all = { texts: cleanTexts(texts, stripHtml), labels };
  const { train, validation } =
    validationSplit > 0
      ? setAside('TextClassifier.train', all, validationSplit)
      : { train: all, validation: undefined };
  const tokenizer = fitVocabulary(train.texts, PRESETS[preset].vocabularySize);
  const settings = withSizesOf(PRESETS[preset], tokenizer, train.texts);
  const readsPieces = settings.shortestPiece > 0;
  const model = createDeepModel(settings, { classes, seed });
  const deep = new DeepPath(model, tokenizer, readsPieces);
  try {
    const wide = settings.wide
      ? await WidePath.train(train.texts, train.labels, classes, seed)
      : undefined;
    const history = await deep.train(
      [train.texts, train.labels],
      validation && [validation.texts, validation.labels],
      { ...run, batchSize: settings.batchSize, shortestPiece: settings.shortestPiece, seed },
    );
    return { ...(await weighPaths({ wide, deep }, { all, validation }, classes, seed)), history };
  } catch (error) {
    deep.model.dispose();
    throw error;
  }
}

/**
 * Weighs trained paths against each other on the validation texts; without any, each has an equal share.
 *
 * @param texts `all`: the texts that were trained on, and those of `validation`.
 */
export async function weighPaths(
  { wide, deep }: Omit<Paths, 'scales'>,
  { all, validation }: { all: NumberedTexts; validation: NumberedTexts | undefined },
  classes: number,
  seed: number,
): Promise<Omit<TrainedPaths, 'history'>> {
  if (validation === undefined) {
    const scales = equalScales(wide === undefined ? 1 : 2);
    return { paths: { wide, deep, scales }, validation: undefined };
  }
  const logits = await pathLogits({ wide, deep }, validation.texts);
  const scales = fitScales(logits, validation.labels);
  const probabilities = logits.map((each) => mixedProbabilities(each, scales));
  // N-grams are learned in seconds, so they are learned again, from the validation texts, too.
  const ofAll = wide && (await WidePath.train(all.texts, all.labels, classes, seed));
  return {
    paths: { wide: ofAll, deep, scales },
    validation: evaluate(probabilities, validation.labels),
  };
}

/** The settings with no more words, and no longer texts, than there are. */
function withSizesOf(
  settings: PresetSettings,
  tokenizer: Tokenizer,
  texts: readonly string[],
): PresetSettings {
  const words = tokenizer.wordIndex.size;
  const longest = tokenizer
    .textsToSequences(texts)
    .reduce((length, sequence) => Math.max(length, sequence.length), 1);
  return {
    ...settings,
    vocabularySize: Math.min(settings.vocabularySize, Math.max(1, words) + 1),
    sequenceLength: Math.min(settings.sequenceLength, longest),
  };
}

/** The probabilities of cleaned texts, a list each, with one for each class. */
export async function predictPaths(
  paths: Paths,
  texts: readonly string[],
): Promise<Float64Array[]> {
  const logits = await pathLogits(paths, texts);
  return logits.map((each) => mixedProbabilities(each, paths.scales));
}

async function pathLogits(
  { wide, deep }: Pick<Paths, 'wide' | 'deep'>,
  texts: readonly string[],
): Promise<PathLogits[]> {
  const ofDeep = await deep.logits(texts);
  return ofDeep.map((logits, text) =>
    wide === undefined ? [logits] : [wide.logits(texts[text]!), logits],
  );
}
