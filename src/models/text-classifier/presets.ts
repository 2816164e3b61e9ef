/** The presets: how large their networks are and how they are trained. */

/** How a {@link TextClassifier} is made: the article's model, or n-grams beside a small or a larger network. */
export type TextPreset = 'article' | 'balanced' | 'accurate';

/** How a {@link TextClassifier} came to be: by a preset, or by {@link wideAndDeep}. */
export type TextOrigin = TextPreset | 'wideAndDeep';

/** Whether a linear path over n-grams stands beside the recurrent one. */
export const hasWidePath = (origin: TextOrigin): boolean =>
  origin === 'wideAndDeep' || PRESETS[origin].wide;

/** What a preset stands for. */
export interface PresetSettings {
  /** Whether a linear path over n-grams stands beside the recurrent one. */
  wide: boolean;
  /** Whether all steps of both directions are pooled, or the last step of one is taken. */
  bidirectionalPooling: boolean;
  /** Units of a dense layer before the last; 0 for none. */
  denseUnits: number;
  vocabularySize: number;
  /** Texts are cut to their last words, or into pieces of at most so many. */
  sequenceLength: number;
  /**
   * The fewest words of a piece that the network is trained on; 0 where texts are not read in pieces. The
   * logits of a text are then the mean of those of its pieces.
   */
  shortestPiece: number;
  embeddingDim: number;
  units: number;
  dropoutRate: number;
  learningRate: number;
  batchSize: number;
  epochs: number;
  validationSplit: number;
}

/** The settings of each preset. docs/presets.md says how they were chosen. */
export const PRESETS: Readonly<Record<TextPreset, PresetSettings>> = {
  article: {
    ...{ wide: false, bidirectionalPooling: false, denseUnits: 256 },
    ...{ vocabularySize: 4000, sequenceLength: 300, embeddingDim: 32, units: 32 },
    ...{ shortestPiece: 0 },
    ...{ dropoutRate: 0.2, learningRate: 0.001, batchSize: 100, epochs: 10, validationSplit: 0.2 },
  },
  balanced: {
    ...{ wide: true, bidirectionalPooling: true, denseUnits: 0 },
    ...{ vocabularySize: 10000, sequenceLength: 200, embeddingDim: 16, units: 16 },
    ...{ shortestPiece: 0 },
    ...{ dropoutRate: 0.4, learningRate: 0.002, batchSize: 64, epochs: 2, validationSplit: 0.1 },
  },
  accurate: {
    ...{ wide: true, bidirectionalPooling: true, denseUnits: 0 },
    ...{ vocabularySize: 20000, sequenceLength: 100, embeddingDim: 32, units: 48 },
    ...{ shortestPiece: 40 },
    ...{ dropoutRate: 0.5, learningRate: 0.002, batchSize: 64, epochs: 4, validationSplit: 0.1 },
  },
};
