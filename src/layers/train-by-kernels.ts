/** What of `model.fit` is not in layers, on kernels. */
import type { tfl } from '../foundation/tensorflow.js';
import { fuseLosses } from './fused-losses.js';
import { withRowBatches } from './row-batches.js';

/** The model, which trains by our kernels from now on. */
export function trainByKernels<Model extends tfl.LayersModel>(model: Model): Model {
  fuseLosses(innerOf(model));
  const { compile, fit } = model;
  model.compile = (settings) => {
    compile.call(model, settings);
    fuseLosses(innerOf(model));
  };
  model.fit = (...settings) => withTrainingKernels(model, () => fit.apply(model, settings));
  return model;
}

/** While `fit` runs, batches of the model are copied by rows, and its losses are fused. */
export async function withTrainingKernels<Result>(
  model: tfl.LayersModel,
  fit: () => Promise<Result>,
): Promise<Result> {
  const inner = innerOf(model);
  const undo = fuseLosses(inner);
  try {
    return await withRowBatches(inner, fit);
  } finally {
    undo();
  }
}

/** The model that a Sequential keeps, or the model itself. */
function innerOf(model: tfl.LayersModel): tfl.LayersModel {
  return (model as tfl.LayersModel & { model?: tfl.LayersModel }).model ?? model;
}
