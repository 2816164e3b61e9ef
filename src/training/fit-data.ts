/** Samples or labels as `model.fit` takes them: a tensor for each input or output of a model. */
import { reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { requireLabels } from './labels.js';

/** One tensor for each input or output of a model: alone, in a list, or by name. */
export type FitData = tf.Tensor | tf.Tensor[] | { [name: string]: tf.Tensor };

/**
 * How many samples there are, after making sure that each has a usable label.
 *
 * @param samples What messages call them, and the tensors.
 * @param labels Likewise.
 */
export function requireSamples(
  where: string,
  samples: readonly [string, FitData],
  labels: readonly [string, FitData],
): number {
  const labelTensors = namedTensors(where, ...labels);
  const counts = [...namedTensors(where, ...samples), ...labelTensors].map(
    ([name, tensor]) => [name, tensor.shape[0] ?? 0] as const,
  );
  const [firstName, first] = counts[0]!;
  for (const [name, count] of counts) {
    if (count === 0) {
      reject({
        where,
        expected: `${name} must hold at least one sample along its first axis`,
        see: 'uneven-data',
      });
    }
    if (count === first) continue;
    reject({
      where,
      expected: `${name} must have as many rows as ${firstName}, but has ${count} and ${firstName} has ${first}`,
      remedy: 'Give every sample one label.',
      see: 'uneven-data',
    });
  }
  for (const [name, tensor] of labelTensors) requireLabels(where, name, tensor);
  return first;
}

/** Each tensor with what messages call it: `y`, `y[0]` or `y[name]`. */
export function namedTensors(
  where: string,
  name: string,
  data: FitData,
  remedy = 'padSequences makes one from sequences, tf.tensor2d(labels, [labels.length, 1]) from labels.',
): [string, tf.Tensor][] {
  const named: [string, unknown][] =
    data instanceof tf.Tensor || typeof data !== 'object' || data === null
      ? [[name, data]]
      : Object.entries(data).map(([key, tensor]) => [`${name}[${key}]`, tensor]);
  if (named.length === 0)
    reject({ where, expected: `${name} must not be empty`, see: 'uneven-data' });
  return named.map(([label, tensor]) => {
    if (tensor instanceof tf.Tensor) return [label, tensor];
    return reject({
      where,
      expected: `${label} must be a tensor`,
      received: tensor,
      remedy,
      see: 'uneven-data',
    });
  });
}

/** The same arrangement of other tensors. */
export function mapTensors(data: FitData, change: (tensor: tf.Tensor) => tf.Tensor): FitData {
  if (data instanceof tf.Tensor) return change(data);
  if (Array.isArray(data)) return data.map(change);
  return Object.fromEntries(Object.entries(data).map(([name, tensor]) => [name, change(tensor)]));
}
