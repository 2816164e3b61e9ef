/** What is saved whole, in the words of its messages, and how its damage is told. */
import { reject } from '../../foundation/errors.js';

/** A sort of object that is saved as one thing: a model, and what it needs besides. */
export interface SavedKind {
  /** Where in the user-defined metadata of the model it is kept. */
  readonly key: string;
  /** What messages call it: `classifier`. */
  readonly noun: string;
  /** The method that saves it: `SentimentClassifier.save`. */
  readonly savedBy: string;
  /** What a model lacks that was not saved by it: `it has no tokenizer`. */
  readonly lacks: string;
  /** What to do with such a model. */
  readonly otherwise: string;
  /** Raised where older releases would misread what is written. */
  readonly version: number;
  /** The names of everything in its metadata besides the version and the checksum. */
  readonly fields: readonly string[];
}

/** Metadata as it comes from a file: nothing about it is certain. */
export type SavedFields = Readonly<Record<string, unknown>>;

/** Throws that what was loaded cannot be what was saved: `what` is `its seed is "x"`. */
export function rejectDamage(kind: SavedKind, where: string, what: string): never {
  reject({
    where,
    expected: `the saved ${kind.noun} is damaged: ${what}`,
    remedy: `Save it again with ${kind.savedBy}.`,
    see: 'damaged-model',
  });
}
