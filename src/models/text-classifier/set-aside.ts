/** Which texts are set aside: the last ones of each class. */
import { reject } from '../../foundation/errors.js';
import { warnOfSingleClass } from '../../training/labels.js';

/** Texts and the numbers of their classes. */
export interface Labelled {
  texts: readonly string[];
  labels: Int32Array;
}

/**
 * Parts texts into those that are learned from and the last ones of each class, in the order in which they are
 * given. Keras sets the last samples aside, too. Neighbours in a folder or a file are often of one film, one author
 * or one day, and a part drawn at random shares them with those that are learned from: it is easier than new texts
 * are, and scales fitted on it trust the network too much (docs/presets.md).
 *
 * @throws RecurrentError when nothing is left for one of the parts.
 */
export function setAside(
  where: string,
  { texts, labels }: Labelled,
  validationSplit: number,
): { train: Labelled; validation: Labelled } {
  const splitAt = Math.floor(texts.length * (1 - validationSplit));
  if (splitAt === 0 || splitAt === texts.length) {
    reject({
      where,
      expected: `validationSplit ${validationSplit} of ${texts.length} text${
        texts.length === 1 ? '' : 's'
      } leaves the ${splitAt === 0 ? 'training' : 'validation'} part empty`,
      remedy: 'Give more texts or another fraction; 0 sets none aside.',
      see: 'uneven-data',
    });
  }
  const positions = positionsInClass(labels);
  const order = Array.from(positions.keys()).sort((a, b) => positions[a]! - positions[b]! || a - b);
  const part = (indices: readonly number[]): Labelled => {
    const inOrder = [...indices].sort((a, b) => a - b);
    return {
      texts: inOrder.map((i) => texts[i]!),
      labels: Int32Array.from(inOrder, (i) => labels[i]!),
    };
  };
  const train = part(order.slice(0, splitAt));
  const validation = part(order.slice(splitAt));
  const remedy = 'Give more texts of every class.';
  warnOfSingleClass(where, 'training', train.labels, remedy);
  warnOfSingleClass(where, 'validation', validation.labels, remedy);
  return { train, validation };
}

/** Where each text stands among those of its class, from 0, the first, to 1, the last. */
function positionsInClass(labels: Int32Array): Float64Array {
  const counts = new Map<number, number>();
  const ranks = labels.map((label) => {
    const rank = counts.get(label) ?? 0;
    counts.set(label, rank + 1);
    return rank;
  });
  return Float64Array.from(labels, (label, i) => (ranks[i]! + 0.5) / counts.get(label)!);
}
