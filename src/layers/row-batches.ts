/** model.fit with batches whose rows are copied. */
import { tf, tfl } from '../foundation/tensorflow.js';
import { takeRows } from '../kernels/rows.js';

/**
 * While `fit` runs, `model.fit` copies the rows of each batch, where TensorFlow.js gathers them
 * value by value, which takes a tenth of a step of an LSTM. Everything else is its own: the loop,
 * the order of samples, the callbacks.
 *
 * @param model Itself, not the Sequential around it.
 */
export async function withRowBatches<Result>(
  model: tfl.LayersModel,
  fit: () => Promise<Result>,
): Promise<Result> {
  if (Object.hasOwn(model, 'fitLoop')) return fit();
  model.fitLoop = fitLoopByRows;
  try {
    return await fit();
  } finally {
    delete (model as Partial<tfl.LayersModel>).fitLoop;
  }
}

type FitLoop = tfl.LayersModel['fitLoop'];

// The loop gathers from the numbers of the rows, which is next to nothing, and what it hands on is
// exchanged for the rows.
async function fitLoopByRows(
  this: tfl.LayersModel,
  ...[train, inputs, ...settings]: Parameters<FitLoop>
): ReturnType<FitLoop> {
  const fitLoop: FitLoop = tfl.LayersModel.prototype.fitLoop;
  const tensors: (tf.Tensor | null)[] = inputs; // null for samples without weights
  const numbers = tf.range(0, inputs[0]!.shape[0]!, 1, 'int32');
  const trainRows = ([batch]: tf.Tensor[]) => {
    const rows = batch!.dataSync<'int32'>();
    return train(tensors.map((tensor) => tensor && takeRows(tensor, rows)) as tf.Tensor[]);
  };
  try {
    return await fitLoop.call(this, trainRows, [numbers], ...settings);
  } finally {
    numbers.dispose();
  }
}
