/** The options of createEncoderDecoder: what they are, their defaults, how they are checked. */
import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireDropped,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
  requirePositive,
} from '../../foundation/option-checks.js';
import { requireSeed } from '../../foundation/random.js';
import { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { CellName } from '../topologies/options.js';

/** The tokens of one side: 0 is padding, all others are yours. */
export interface SequenceSide {
  /** The number of tokens, that of padding counted: every token is below it. */
  vocabularySize: number;
  /** The most tokens of a sequence. */
  length: number;
}

/** The tokens that are written, among them one that begins and one that ends each sequence. */
export interface TargetSide extends SequenceSide {
  /** The most steps: tokens, and one for the end token. */
  length: number;
  /** The token that stands before the first one. Default: `vocabularySize - 2`. */
  startToken?: number | undefined;
  /** The token that stands behind the last one. Default: `vocabularySize - 1`. */
  endToken?: number | undefined;
}

/** How the decoder looks back at the steps of the source. */
export type AttentionName = 'none' | 'luong' | 'bahdanau';

/** What turns the texts of both sides into tokens, and those of the target back. */
export interface SideVocabularies {
  source: Tokenizer;
  target: Tokenizer;
}

/** The options of `createEncoderDecoder`. */
export interface EncoderDecoderOptions {
  /** What is read. */
  source: SequenceSide;
  /** What is written. */
  target: TargetSide;
  /** Units of each layer of the encoder, and of the decoder. */
  units: number;
  /** `'luong'` (default), `'bahdanau'`, or `'none'`: the last state is all that the decoder knows of the source. */
  attention?: AttentionName | undefined;
  /** `'lstm'` (default), `'gru'` or `'simpleRNN'`. */
  cell?: CellName | undefined;
  /** Recurrent layers of the encoder, and as many of the decoder. Default 1. */
  layers?: number | undefined;
  /** Whether the encoder reads both ways; the decoder then has twice the units. Default false. */
  bidirectional?: boolean | undefined;
  /** Width of a token's vector. Default 32. */
  embeddingDim?: number | undefined;
  /** Fraction dropped behind both embeddings and before the output while training. Default 0. */
  dropoutRate?: number | undefined;
  /** Of Adam. Default 0.001. */
  learningRate?: number | undefined;
  /** Fixes the initial weights, the dropout masks and the order of samples. Default: different every time. */
  seed?: number | undefined;
  /** For sources and targets that are texts; kept and saved with the model. */
  vocabularies?: SideVocabularies | undefined;
}

/** The options with nothing left out but what may be. */
export interface EncoderDecoderSettings {
  source: SequenceSide;
  target: Required<TargetSide> & { startToken: number; endToken: number };
  units: number;
  attention: AttentionName;
  cell: CellName;
  layers: number;
  bidirectional: boolean;
  embeddingDim: number;
  dropoutRate: number;
  learningRate: number;
  seed: number | undefined;
  vocabularies: SideVocabularies | undefined;
}

const WHERE = 'createEncoderDecoder';

const OPTIONS = [
  ...['source', 'target', 'units', 'attention', 'cell', 'layers', 'bidirectional'],
  ...['embeddingDim', 'dropoutRate', 'learningRate', 'seed', 'vocabularies'],
];

/** Checks the options and fills in what was left out. */
export function encoderDecoderSettings(options: EncoderDecoderOptions): EncoderDecoderSettings {
  requireKnownOptions(WHERE, options, OPTIONS);
  const settings: EncoderDecoderSettings = {
    source: requireSide('source', options.source, []),
    target: requireTarget(options.target),
    units: options.units,
    attention: options.attention ?? 'luong',
    cell: options.cell ?? 'lstm',
    layers: options.layers ?? 1,
    bidirectional: options.bidirectional ?? false,
    embeddingDim: options.embeddingDim ?? 32,
    dropoutRate: options.dropoutRate ?? 0,
    learningRate: options.learningRate ?? 0.001,
    seed: options.seed,
    vocabularies: options.vocabularies,
  };
  for (const name of ['units', 'layers', 'embeddingDim'] as const) {
    requireInteger(WHERE, name, settings[name], 1);
  }
  requireOneOf(WHERE, 'attention', settings.attention, ['none', 'luong', 'bahdanau']);
  requireOneOf(WHERE, 'cell', settings.cell, ['lstm', 'gru', 'simpleRNN']);
  requireBoolean(WHERE, 'bidirectional', settings.bidirectional);
  const { dropoutRate, learningRate, seed, vocabularies } = settings;
  requireDropped(
    WHERE,
    'dropoutRate',
    dropoutRate,
    'It is the fraction that is dropped; 0 drops nothing.',
  );
  requirePositive(WHERE, 'learningRate', learningRate);
  if (seed !== undefined) requireSeed(WHERE, seed);
  if (vocabularies !== undefined) requireVocabularies(WHERE, vocabularies, settings);
  return settings;
}

function requireSide(
  name: 'source' | 'target',
  side: SequenceSide,
  others: readonly string[],
): SequenceSide {
  if (typeof side !== 'object' || side === null) {
    reject({
      where: WHERE,
      expected: `${name} must say how many tokens there are, and how long sequences can be`,
      received: side,
      remedy: `For example ${name}: { vocabularySize: 40, length: 30 }.`,
    });
  }
  requireKnownOptions(WHERE, side, ['vocabularySize', 'length', ...others]);
  const { vocabularySize, length } = side;
  requireInteger(
    WHERE,
    `${name}.vocabularySize`,
    vocabularySize,
    name === 'source' ? 2 : 4,
    name === 'source'
      ? 'Padding is one of the tokens.'
      : 'Padding, the start token and the end token are three of them.',
  );
  requireInteger(WHERE, `${name}.length`, length, 1);
  return { vocabularySize, length };
}

function requireTarget(given: TargetSide): EncoderDecoderSettings['target'] {
  const side = requireSide('target', given, ['startToken', 'endToken']);
  const { vocabularySize } = side;
  const startToken = given.startToken ?? vocabularySize - 2;
  const endToken = given.endToken ?? vocabularySize - 1;
  requireSpecialTokens(WHERE, { startToken, endToken, vocabularySize });
  return { ...side, startToken, endToken };
}

/** Throws unless start and end token are two tokens of the vocabulary, and none is padding. */
export function requireSpecialTokens(
  where: string,
  tokens: { startToken: number; endToken: number; vocabularySize: number },
): void {
  const { vocabularySize } = tokens;
  for (const name of ['startToken', 'endToken'] as const) {
    const token = tokens[name];
    if (Number.isInteger(token) && token >= 1 && token < vocabularySize) continue;
    reject({
      where,
      expected: `target.${name} must be one of the tokens 1 to ${vocabularySize - 1} of the target`,
      received: token,
      remedy: 'Leave it out for one of the last two; 0 is padding.',
      see: 'outside-the-vocabulary',
    });
  }
  if (tokens.startToken !== tokens.endToken) return;
  reject({
    where,
    expected: 'target.startToken and target.endToken must be two tokens',
    received: tokens.startToken,
  });
}

/** Throws for a tokenizer with tokens beyond the vocabulary, or on the places of start and end. */
function requireVocabularies(
  where: string,
  vocabularies: SideVocabularies,
  { source, target }: EncoderDecoderSettings,
): void {
  requireKnownOptions(where, vocabularies, ['source', 'target']);
  for (const [name, { vocabularySize }] of Object.entries({ source, target })) {
    const tokenizer: unknown = vocabularies[name as 'source' | 'target'];
    if (!(tokenizer instanceof Tokenizer)) {
      reject({
        where,
        expected: `vocabularies.${name} must be a Tokenizer`,
        received: tokenizer,
        remedy: 'Fit one on the texts of each side.',
      });
    }
    const most = largestToken(tokenizer);
    const reserved = name === 'target' ? [target.startToken, target.endToken] : [];
    const taken = reserved.find((token) => tokenizer.indexWord.has(token));
    if (most >= vocabularySize) {
      reject({
        where,
        expected: `${name}.vocabularySize must be at least ${most + 1 + reserved.length} for the tokenizer`,
        received: vocabularySize,
        remedy: reserved.length > 0 ? 'Two more are the start and the end token.' : undefined,
        see: 'outside-the-vocabulary',
      });
    }
    if (taken === undefined || taken > most) continue;
    reject({
      where,
      expected:
        `the target has no ${taken === target.startToken ? 'start' : 'end'} token: the tokenizer ` +
        `has given ${taken} to a word of its own`,
      received: tokenizer.indexWord.get(taken),
      remedy: `Make target.vocabularySize ${most + 3}, so that the last two are free.`,
      see: 'outside-the-vocabulary',
    });
  }
}

/** The largest token that a tokenizer gives. */
function largestToken({ indexWord, numWords }: Tokenizer): number {
  let most = 0;
  for (const token of indexWord.keys()) if (token > most) most = token;
  return numWords === null ? most : Math.min(most, numWords - 1);
}
