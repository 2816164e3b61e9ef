/** Builds a model of TensorFlow.js from its architecture, with the weights of Keras. */
import { reasonOf, RecurrentError, reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { registerLayers } from '../../layers/register.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import type { Architecture } from './architecture/architecture.js';
import { connect, makeLayers } from './architecture/connect.js';
import type { Hdf5Array, Hdf5Object } from '../hdf5/hdf5-file.js';
import { inferWeights } from './weights/infer-weights.js';
import type { LayerPlan, WeightPlan } from './architecture/layer-plan.js';
import { type OutputLimit, requireModestOutputs } from './architecture/output-sizes.js';
import { findWeights } from './weights/read-weights.js';
import { weightValues } from './weights/weight-values.js';

type Layer = tfl.layers.Layer;

/**
 * Builds the model, after everything that can be checked beforehand has been.
 *
 * @param root The root of the HDF5 file with the weights.
 * @param size Bytes of that file.
 */
export function buildModel(
  architecture: Architecture,
  root: Hdf5Object,
  size: number,
  limit: OutputLimit,
): tfl.LayersModel {
  registerLayers(); // Bidirectional copies its layer through the registry of classes
  const layers = new Map<LayerPlan, Layer>();
  try {
    makeLayers(architecture, layers);
    const weights = inferWeights(architecture, layers);
    requireModestOutputs(architecture, layers, limit);
    const arrays = findWeights(root, size, weights, architecture.layers);
    // Layers of a model of ours take weights as they are, whatever their constraints.
    const model = trainByKernels(connect(architecture, layers));
    for (const [plan, planned] of weights)
      setWeights(layers.get(plan)!, planned, arrays.get(plan)!);
    return model;
  } catch (error) {
    for (const layer of layers.values()) disposeWeights(layer);
    if (error instanceof RecurrentError) throw error;
    return reject({
      where: 'loadKerasModel',
      expected: `TensorFlow.js cannot build the model: ${reasonOf(error)}`,
      see: 'unsupported-keras-model',
    });
  }
}

function setWeights(layer: Layer, plans: readonly WeightPlan[], arrays: readonly Hdf5Array[]) {
  if (plans.length === 0) return;
  const values = plans.map((plan, i) => {
    const { values, shape } = weightValues(plan, arrays[i]!);
    return tf.tensor(values, shape, 'float32');
  });
  try {
    layer.setWeights(values);
  } finally {
    tf.dispose(values);
  }
}

function disposeWeights(layer: Layer): void {
  for (const weight of layer.weights) {
    try {
      weight.dispose();
    } catch {
      // A weight that two layers share is gone already.
    }
  }
}
