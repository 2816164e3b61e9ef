/** Vocabularies and histories as JSON says them, and back, where anything may have happened to them. */
import { reasonOf, show } from '../../foundation/errors.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { tokenizerFromJson } from '../../preprocessing/tokenizer/tokenizer-json.js';
import type { TrainingHistory } from '../../training/history.js';
import { rejectDamage, type SavedFields, type SavedKind } from './kind.js';

/** Tokenizers by name, such as `source` and `target`. */
export type Vocabularies = Readonly<Record<string, Tokenizer>>;

/** The JSON text of each, as Keras writes it. */
export function vocabulariesToJson(vocabularies: Vocabularies): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vocabularies).map(([name, tokenizer]) => [name, tokenizer.toJson()]),
  );
}

/** The tokenizers of {@link vocabulariesToJson}. */
export function readVocabularies(kind: SavedKind, where: string, saved: unknown): Vocabularies {
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    rejectDamage(kind, where, `its vocabularies are ${show(saved)}`);
  }
  return Object.fromEntries(
    Object.entries(saved as SavedFields).map(([name, json]) => [
      name,
      readTokenizer(kind, where, json, `tokenizer of ${name}`),
    ]),
  );
}

/** A tokenizer from its JSON text. */
export function readTokenizer(
  kind: SavedKind,
  where: string,
  json: unknown,
  name = 'tokenizer',
): Tokenizer {
  try {
    return tokenizerFromJson(json as string);
  } catch (error) {
    // The message of tokenizerFromJson, without its remedy, which is for those who call it.
    const reason = reasonOf(error).split('. ')[0];
    rejectDamage(kind, where, `its ${name} cannot be read, ${reason}`);
  }
}

/** A history without NaN, which JSON has not and the loss of a run that failed is. */
export function historyToJson({ epoch, history }: TrainingHistory): SavedFields {
  const toJson = (value: number) => (Number.isFinite(value) ? value : String(value));
  return { epoch, history: mapValues(history, toJson) };
}

/** The history of {@link historyToJson}. */
export function readHistory(kind: SavedKind, where: string, saved: unknown): TrainingHistory {
  const { epoch, history } = Object(saved) as { epoch?: unknown; history?: unknown };
  if (!Array.isArray(epoch) || typeof history !== 'object' || history === null) {
    rejectDamage(kind, where, `its history is ${show(saved)}`);
  }
  return {
    epoch: epoch.map(Number),
    history: mapValues(history as Record<string, (number | string)[]>, Number),
  };
}

/** The seed of a model, which may be none. */
export function readSeed(kind: SavedKind, where: string, seed: unknown): number | undefined {
  if (seed === undefined || Number.isSafeInteger(seed)) return seed as number | undefined;
  rejectDamage(kind, where, `its seed is ${show(seed)}`);
}

/** The learning rate that a model is compiled with. */
export function readLearningRate(kind: SavedKind, where: string, learningRate: unknown): number {
  if (typeof learningRate === 'number' && learningRate > 0) return learningRate;
  rejectDamage(kind, where, `its learningRate is ${show(learningRate)}`);
}

function mapValues<From, To>(
  lists: Readonly<Record<string, readonly From[]>>,
  change: (value: From) => To,
): Record<string, To[]> {
  return Object.fromEntries(
    Object.entries(lists).map(([name, values]) => [name, values.map((value) => change(value))]),
  );
}
