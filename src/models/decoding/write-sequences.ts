/** Sequences written by the way of decoding that the options ask for: greedy, by beams, or drawn. */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import { beamSearch } from './beam-search.js';
import { greedy } from './greedy.js';
import { sample } from './sample.js';
import type { Decoded, DecodingStart, StepModel } from './step-model.js';

/** How sequences are written; the likeliest token each time when all is left out. */
export interface GenerateOptions {
  /** The most steps, that of the end token counted. */
  maxLength?: number | undefined;
  /** Hypotheses that a beam search keeps. */
  beams?: number | undefined;
  /** The exponent of a beam search's length penalty. Default 0.6. */
  lengthPenalty?: number | undefined;
  /** Draws tokens; below 1 the likely ones more often, above 1 less often. Not with `beams`. */
  temperature?: number | undefined;
  /** Draws from that many of the likeliest tokens. Not with `beams`. */
  topK?: number | undefined;
  /** Draws from the likeliest tokens that have this probability together. Not with `beams`. */
  topP?: number | undefined;
  /** A whole number that repeats what is drawn; given alone, tokens are drawn at temperature 1. */
  seed?: number | undefined;
}

const DRAWING = ['temperature', 'topK', 'topP', 'seed'] as const;

/** The names of {@link GenerateOptions}. */
export const GENERATE_OPTIONS = ['maxLength', 'beams', 'lengthPenalty', ...DRAWING] as const;

/** Throws for options that are out of their range or exclude each other. */
export function requireGenerateOptions(where: string, options: GenerateOptions): void {
  const { maxLength, beams, lengthPenalty } = options;
  if (maxLength !== undefined) requireInteger(where, 'maxLength', maxLength, 1);
  if (beams !== undefined) {
    requireInteger(where, 'beams', beams, 1, 'Leave it out for the likeliest token each time.');
  }
  const drawing = DRAWING.find((name) => options[name] !== undefined);
  if (drawing === undefined || (beams === undefined && lengthPenalty === undefined)) return;
  reject({
    where,
    expected: `${drawing} and beamWidth exclude each other: one draws tokens, the other looks for the likeliest`,
    remedy: 'Leave one of them out.',
    see: 'conflicting-options',
  });
}

/** Writes a sequence for each row. */
export function writeSequences<State>(
  steps: StepModel<State>,
  start: DecodingStart<State>,
  limits: { maxLength: number; endToken: number },
  options: GenerateOptions,
): Decoded[] {
  const { beams, lengthPenalty } = options;
  if (beams !== undefined || lengthPenalty !== undefined) {
    return beamSearch(steps, start, { ...limits, beams, lengthPenalty });
  }
  const drawing = DRAWING.filter((name) => options[name] !== undefined);
  if (drawing.length === 0) return greedy(steps, start, limits);
  const settings = Object.fromEntries(drawing.map((name) => [name, options[name]]));
  return sample(steps, start, { ...limits, ...settings });
}
