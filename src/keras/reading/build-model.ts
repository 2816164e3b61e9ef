/** Builds a model of TensorFlow.js from its architecture, with the weights of Keras. */
import { RecurrentError, reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { registerLayers } from '../../layers/register.js';
import { trainByKernels } from '../../layers/train-by-kernels.js';
import type { Architecture } from './architecture.js';
import type { Hdf5Array, Hdf5Object } from '../hdf5/hdf5-file.js';
import type { LayerPlan, WeightPlan } from './layer-plan.js';
import { requireModestOutputs } from './output-sizes.js';
import { findWeights } from './read-weights.js';
import { inferWeights } from './shapes.js';

type Layer = tfl.layers.Layer;

/**
 * Builds the model, after everything that can be checked beforehand has been.
 *
 * @param root The root of the HDF5 file with the weights.
 * @param size Bytes of that file.
 * @param maxOutputSize How many values a layer may give for one sample.
 */
export function buildModel(
  architecture: Architecture,
  root: Hdf5Object,
  size: number,
  maxOutputSize: number,
): tfl.LayersModel {
  registerLayers(); // Bidirectional copies its layer through the registry of classes
  const layers = new Map<LayerPlan, Layer>();
  try {
    for (const plan of architecture.layers) layers.set(plan, plan.make());
    const weights = inferWeights(architecture, layers);
    requireModestOutputs(architecture, layers, maxOutputSize);
    const arrays = findWeights(root, size, weights, architecture.layers);
    const model = architecture.sequential
      ? connectInSequence(architecture, layers)
      : connect(architecture, layers);
    for (const [plan, layer] of layers) setWeights(layer, weights.get(plan)!, arrays.get(plan)!);
    return trainByKernels(model);
  } catch (error) {
    for (const layer of layers.values()) disposeWeights(layer);
    if (error instanceof RecurrentError) throw error;
    return reject({
      where: 'loadKerasModel',
      expected: `TensorFlow.js cannot build the model: ${(error as Error).message}`,
    });
  }
}

function connectInSequence(
  { name, inputs: [input], layers: plans }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const ordered = plans.map((plan) => layers.get(plan)!);
  const [first] = ordered as [Layer];
  first.batchInputShape = [...input!.shape];
  return tfl.sequential({ name, layers: ordered });
}

function connect(
  { name, inputs, calls, outputs }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
): tfl.LayersModel {
  const tensors = new Map<string, tfl.SymbolicTensor[]>();
  const key = (layer: string, node: number) => JSON.stringify([layer, node]);
  for (const { name: inputName, shape, dtype } of inputs) {
    const made = tfl.input({ batchShape: [...shape], dtype, name: inputName });
    tensors.set(key(inputName, 0), [made]);
  }
  const find = ({ layer, node, tensor }: Architecture['outputs'][number]) =>
    tensors.get(key(layer, node))![tensor]!;
  for (const call of calls) {
    const given = call.inputs.map(find);
    const output = layers
      .get(call.layer)!
      .apply(given.length === 1 ? given[0]! : given, call.unmasked ? { mask: null } : {});
    tensors.set(key(call.layer.name, call.node), [output].flat() as tfl.SymbolicTensor[]);
  }
  return tfl.model({
    name,
    inputs: inputs.map((input) => tensors.get(key(input.name, 0))![0]!),
    outputs: outputs.map(find),
  });
}

function setWeights(layer: Layer, plans: readonly WeightPlan[], arrays: readonly Hdf5Array[]) {
  if (plans.length === 0) return;
  const values = plans.map((plan, i) => {
    const { shape, read } = arrays[i]!;
    return tf.tensor(scaled(read(), plan), shape, 'float32');
  });
  try {
    layer.setWeights(values);
  } finally {
    tf.dispose(values);
  }
}

/**
 * hard_sigmoid is clip(x / 6 + 0.5) in Keras 3 and clip(0.2·x + 0.5) here, the same for an x
 * that is 1.2 times smaller. saveKerasModel does the opposite.
 */
const HARD_SIGMOID_SCALE = 1.2;

function scaled(values: Float32Array, { shape, hardSigmoid }: WeightPlan): Float32Array {
  if (hardSigmoid === undefined) return values;
  const columns = shape.at(-1)!;
  const units = columns / hardSigmoid.gates;
  return values.map((value, i) =>
    hardSigmoid.scaled.includes(Math.floor((i % columns) / units))
      ? value / HARD_SIGMOID_SCALE
      : value,
  );
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
