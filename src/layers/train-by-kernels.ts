/** What of training and predicting is not in layers, on kernels. */
import type { tfl } from '../foundation/tensorflow.js';
import { fuseLosses } from './fused-losses.js';
import { fuseMetrics } from './fused-metrics.js';
import { installExecution } from './model/execution.js';
import { markAsOurs } from './model/ours.js';
import { builtModel } from './model/run-graph.js';
import { batchByRows } from './row-batches.js';
import { stepWithoutTape } from './step-without-tape.js';

/**
 * The model, whose batches are copied by rows from now on, its losses and metrics fused, and which
 * is trained without a tape where it can be.
 */
export function trainByKernels<Model extends tfl.LayersModel>(model: Model): Model {
  installExecution();
  markAsOurs(model);
  markAsOurs(builtModel(model));
  useKernels(model);
  const { compile } = model;
  model.compile = (settings) => {
    compile.call(model, settings);
    useKernels(model);
  };
  return model;
}

/** The same while `fit` runs. */
export async function withTrainingKernels<Result>(
  model: tfl.LayersModel,
  fit: () => Promise<Result>,
): Promise<Result> {
  const undo = useKernels(model);
  try {
    return await fit();
  } finally {
    undo();
  }
}

function useKernels(model: tfl.LayersModel): () => void {
  const inner = builtModel(model);
  const undos = [fuseLosses(inner), fuseMetrics(inner), batchByRows(inner), stepWithoutTape(inner)];
  return () => {
    for (const undo of undos) undo();
  };
}
