/** What sentiment classifiers learn from and are tested on, and how it is checked. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';

/** Texts, and for each of them whether it is of class 0 or 1. */
export interface SentimentData {
  /** At least one text. */
  texts: readonly string[];
  /** As many labels: 1 for positive texts, 0 for negative ones. */
  labels: ArrayLike<number>;
}

const TWO_LISTS = 'Pass { texts, labels }, two lists of one length.';

/**
 * Throws unless `data` has a list of texts and a list of labels.
 *
 * @param labelsAre What the labels must be a list of, for the message.
 */
export function requireTwoLists(
  where: string,
  data: unknown,
  labelsAre: string,
): asserts data is { texts: readonly string[]; labels: ArrayLike<unknown> } {
  if (typeof data !== 'object' || data === null) {
    reject({
      where,
      expected: 'data must hold texts and labels',
      received: data,
      remedy: TWO_LISTS,
      see: 'one-text-or-a-list',
    });
  }
  const { texts, labels } = data as { texts?: unknown; labels?: unknown };
  requireTexts(where, texts);
  if (!isList(labels)) {
    reject({
      where,
      expected: `labels must be a list of ${labelsAre}`,
      received: labels,
      remedy: TWO_LISTS,
      see: 'wrong-labels',
    });
  }
}

/** Throws unless `data` is a list of texts and a list with a 0 or a 1 for each. */
export function requireSentimentData(where: string, data: unknown): asserts data is SentimentData {
  requireTwoLists(where, data, '0 and 1');
  const { texts, labels } = data;
  if (texts.length !== labels.length) {
    reject({
      where,
      expected:
        'texts and labels must have one entry for each sample, but texts has ' +
        `${texts.length} and labels has ${labels.length}`,
      remedy: 'Give every text one label.',
      see: 'uneven-data',
    });
  }
  if (texts.length === 0) {
    reject({
      where,
      expected: 'texts and labels must not be empty',
      remedy: 'Check the folder or the limit that the texts were read with.',
      see: 'uneven-data',
    });
  }
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index];
    if (label === 0 || label === 1) continue;
    reject({
      where,
      expected: `labels[${index}] must be 0 or 1`,
      received: label,
      remedy: 'Write 1 for positive texts and 0 for negative ones, one number a text.',
      see: 'wrong-labels',
    });
  }
}

/** Throws unless `texts` is an array of strings. */
export function requireTexts(where: string, texts: unknown): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) {
    reject({
      where,
      expected: 'texts must be a list of texts',
      received: texts,
      remedy: typeof texts === 'string' ? 'Put a single text into a list: [text].' : undefined,
      see: 'one-text-or-a-list',
    });
  }
  for (let index = 0; index < texts.length; index++) {
    if (typeof texts[index] === 'string') continue;
    reject({
      where,
      expected: `texts[${index}] must be a string`,
      received: texts[index],
      see: 'one-text-or-a-list',
    });
  }
}
