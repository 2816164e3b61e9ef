/**
 * Labels in the shape of the outputs that they are compared with. Where the two differ, TensorFlow.js
 * compares every label with every output, and trains on that.
 */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { type Compared, comparisonsOf } from './compared.js';

type Shape = readonly (number | null)[];

/**
 * The labels of a batch, with the last axis of one value that Keras adds or takes away, and which
 * `fit` adds to labels of rank 1.
 *
 * @param where What the user called.
 * @param model Compiled; itself, not the Sequential around it.
 * @param labels One tensor an output.
 * @throws RecurrentError where a loss or a metric of TensorFlow.js needs another shape.
 */
export function labelsOf(
  where: string,
  model: tfl.LayersModel,
  labels: readonly tf.Tensor[],
): tf.Tensor[] {
  const fitting = comparisonsOf(model).losses.map(({ kind }, i) =>
    kind === 'classes' ? labels[i]! : withLastAxis(labels[i]!, model.outputs[i]!.shape),
  );
  requireFit(where, model, fitting, model.outputs);
  return fitting;
}

function withLastAxis(labels: tf.Tensor, output: tfl.Shape): tf.Tensor {
  const { rank, shape } = labels;
  if (rank === output.length - 1 && output.at(-1) === 1) return tf.expandDims(labels, -1);
  if (rank === output.length + 1 && shape.at(-1) === 1) return tf.squeeze(labels, [-1]);
  return labels;
}

/**
 * Rejects labels whose shape does not fit that of an output, as far as it is known: null where it
 * is not.
 *
 * @param labels One an output.
 * @param outputs What the model returns, or its symbols.
 */
export function requireFit(
  where: string,
  model: tfl.LayersModel,
  labels: readonly { shape: Shape }[],
  outputs: readonly { shape: Shape }[],
): void {
  const { losses, metrics } = comparisonsOf(model);
  for (const compared of [...losses, ...metrics]) {
    const { output } = compared;
    requireShape(where, model, compared, labels[output]!.shape, outputs[output]!.shape);
  }
}

/**
 * Has the losses of a model that is none of ours refuse labels that do not fit them.
 *
 * @param model Compiled; itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function refuseMisfits(where: string, model: tfl.LayersModel): () => void {
  const { lossFunctions: losses } = model;
  if (!losses) return () => {};
  const { losses: compared } = comparisonsOf(model);
  const checked = losses.map((loss, i): (typeof losses)[number] => {
    return (yTrue, yPred) => {
      requireShape(where, model, compared[i]!, yTrue.shape, yPred.shape);
      return loss(yTrue, yPred);
    };
  });
  model.lossFunctions = checked;
  return () => {
    if (model.lossFunctions === checked) model.lossFunctions = losses;
  };
}

function requireShape(
  where: string,
  { outputNames }: tfl.LayersModel,
  { what, kind, output }: Compared,
  labels: Shape,
  shape: Shape,
): void {
  if (kind === 'unknown') return;
  const isSparse = kind === 'classes';
  const expected = isSparse ? shape.slice(0, -1) : shape;
  const isColumn = isSparse && labels.length > expected.length && labels.at(-1) === 1;
  const given = isColumn ? labels.slice(0, -1) : labels;
  const fitsAt = (size: number | null, axis: number) =>
    expected[axis] === null || expected[axis] === size;
  if (given.length === expected.length && given.every(fitsAt)) return;
  reject({
    where,
    expected:
      `with the ${what}, labels of the output ${outputNames[output]} must have the ` +
      `shape [${expected.map((size) => size ?? 'any').join(', ')}]`,
    received: labels,
    remedy: isSparse
      ? 'They are numbers of classes; categoricalCrossentropy takes a one at the place of the class.'
      : 'They have the shape of what the model returns; sparseCategoricalCrossentropy takes numbers of classes.',
    see: 'wrong-shape',
  });
}
