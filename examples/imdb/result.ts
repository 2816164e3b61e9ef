import type { Settings } from './options.js';

/** A test review and what the model thinks of it. */
export interface Judged {
  /** As it was read, HTML tags included. */
  text: string;
  /** 1 = positive, 0 = negative. */
  label: number;
  /** The model's probability that the review is positive. */
  probability: number;
}

/** How the test reviews fall, by what they are and what the model calls them. */
export interface Confusion {
  truePositive: number;
  falseNegative: number;
  trueNegative: number;
  falsePositive: number;
}

/** One run in figures: `result.json`. */
export interface RunResult {
  /** Share of the test reviews that are judged right, from 0 to 1. */
  accuracy: number;
  /** Mean binary cross-entropy over the test reviews. */
  loss: number;
  confusion: Confusion;
  reviews: { train: number; validation: number; test: number };
  /** Different words in the training reviews, of which the commonest are kept. */
  distinctWords: number;
  /** Trainable numbers in the model. */
  parameters: number;
  /** Wall time of each epoch of this run; those before `--resume` are not in it. */
  secondsPerEpoch: number[];
  /** Wall time of each stage, and of all. */
  seconds: Record<string, number>;
  /** After one more epoch of the model that was saved and loaded. */
  increment: { accuracy: number; loss: number; seconds: number };
  settings: Settings;
}

/** Is the model's answer the label? A probability of one half or more means positive. */
export const isRight = ({ label, probability }: Judged): boolean =>
  (probability >= 0.5 ? 1 : 0) === label;

/** Counts {@link Confusion}. */
export function countConfusion(judged: readonly Judged[]): Confusion {
  const count = (label: number, right: boolean) =>
    judged.filter((review) => review.label === label && isRight(review) === right).length;
  return {
    truePositive: count(1, true),
    falseNegative: count(1, false),
    trueNegative: count(0, true),
    falsePositive: count(0, false),
  };
}
