/** What of training and predicting is not in layers, on kernels. */
import type { tfl } from '../../foundation/tensorflow.js';
import { fuseLosses } from '../losses/fused-losses.js';
import { fuseMetrics } from '../losses/fused-metrics.js';
import { installExecution } from './execution.js';
import { refuseMisfits } from './labels.js';
import { isOurs, markAsOurs } from './ours.js';
import { builtModel } from './run-graph.js';
import { batchByRows } from './row-batches.js';

/**
 * The model as one of ours from now on, whatever its layers: its batches are copied by rows, its losses
 * and metrics fused, and it is trained without a tape where it can be.
 */
export function trainByKernels<Model extends tfl.LayersModel>(model: Model): Model {
  installExecution();
  const inner = builtModel(model);
  markAsOurs(model);
  markAsOurs(inner);
  fuseLosses(inner);
  fuseMetrics(inner);
  return model;
}

/** As much of that as changes no value of a model that is none of ours, while `fit` runs. */
export async function withTrainingKernels<Result>(
  model: tfl.LayersModel,
  fit: () => Promise<Result>,
): Promise<Result> {
  const inner = builtModel(model);
  if (isOurs(inner)) return fit();
  const undos = [
    refuseMisfits('fit', inner),
    fuseLosses(inner),
    fuseMetrics(inner),
    batchByRows(inner),
  ];
  try {
    return await fit();
  } finally {
    for (const undo of undos.reverse()) undo();
  }
}
