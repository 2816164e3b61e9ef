/** Which texts are set aside: the last ones of each class. */
import { warnOfSingleClass } from '../../training/labels.js';
import { splitPlace } from '../../training/split-place.js';
import type { NumberedTexts } from './text-data.js';

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
  { texts, labels }: NumberedTexts,
  validationSplit: number,
): { train: NumberedTexts; validation: NumberedTexts } {
  const samples = { count: texts.length, name: 'text' };
  const remedy = 'Give more texts or another fraction; 0 sets none aside.';
  const splitAt = splitPlace(where, samples, validationSplit, remedy);
  const positions = positionsInClass(labels);
  const order = Array.from(positions.keys()).sort((a, b) => positions[a]! - positions[b]! || a - b);
  const part = (indices: readonly number[]): NumberedTexts => {
    const inOrder = [...indices].sort((a, b) => a - b);
    return {
      texts: inOrder.map((i) => texts[i]!),
      labels: Int32Array.from(inOrder, (i) => labels[i]!),
    };
  };
  const train = part(order.slice(0, splitAt));
  const validation = part(order.slice(splitAt));
  const more = 'Give more texts of every class.';
  warnOfSingleClass(where, 'training', train.labels, more);
  warnOfSingleClass(where, 'validation', validation.labels, more);
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
