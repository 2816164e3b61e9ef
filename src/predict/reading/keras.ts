/** A graph from the files of Keras, by the readers of loadKerasModel, with layers of a predictor. */
import { RecurrentError } from '../../foundation/errors.js';
import {
  type Architecture,
  readArchitecture,
} from '../../keras/reading/architecture/architecture.js';
import { inferWeights } from '../../keras/reading/weights/infer-weights.js';
import type { TensorReference } from '../../keras/reading/architecture/inbound-nodes.js';
import { kerasVersion } from '../../keras/reading/architecture/keras-version.js';
import type { LayerConfig } from '../../keras/reading/settings/layer-config.js';
import type { LayerMaker } from '../../keras/reading/settings/layer-maker.js';
import type { LayerPlan } from '../../keras/reading/architecture/layer-plan.js';
import { leavesOfAll } from '../../keras/reading/architecture/nested-models.js';
import { type KerasFiles, openParts } from '../../keras/reading/open-parts.js';
import {
  MAX_OUTPUT_SIZE,
  requireModestOutputs,
} from '../../keras/reading/architecture/output-sizes.js';
import { findWeights } from '../../keras/reading/weights/read-weights.js';
import { weightValues } from '../../keras/reading/weights/weight-values.js';
import type { Graph, GraphCall } from '../graph.js';
import type { Layer, Settings } from '../layers/layer.js';
import { makeLayer } from '../layers/make-layer.js';
import { PerStep } from '../layers/per-step.js';
import type { NamedWeight } from '../weights.js';

// Readers take layers for those of tf.layers, of which they ask the class and the shapes alone.
type Read = ReturnType<LayerMaker['layer']>;

/** Training is over: what says how weights began or what holds them back is read and left. */
const left = (config: LayerConfig, key: string) => {
  config.raw(key);
  return undefined;
};

const PREDICTING: LayerMaker = {
  layer(className, args) {
    const settings = args as Settings;
    const isAround = className === 'TimeDistributed';
    return (isAround
      ? new PerStep(className, settings)
      : makeLayer(className, settings)) as unknown as Read;
  },
  initializer: left,
  regularizer: left,
  constraint: left,
};

/** A graph, and the weights of its layers. */
export interface KerasGraph {
  graph: Graph;
  weightsOf(layer: Layer): NamedWeight[];
}

/**
 * Reads a `.keras` or `.h5` file, or `{ json, weights }`.
 *
 * @throws RecurrentError as loadKerasModel, and for layers that have no kernels.
 */
export async function readKeras(file: Uint8Array | ArrayBuffer | KerasFiles): Promise<KerasGraph> {
  try {
    return await read(file);
  } catch (cause) {
    if (!(cause instanceof RecurrentError)) throw cause;
    const message = cause.message.replace(/^loadKerasModel:/, 'loadPredictor:');
    throw message === cause.message ? cause : new RecurrentError(message, { cause });
  }
}

async function read(file: Uint8Array | ArrayBuffer | KerasFiles): Promise<KerasGraph> {
  const parts = await openParts(file);
  const version = kerasVersion(parts.model, parts.version);
  const architecture = readArchitecture(parts.model, { kerasVersion: version, maker: PREDICTING });
  const layers = new Map<LayerPlan, Read>();
  for (const plan of leavesOfAll(architecture)) layers.set(plan, plan.make());
  const planned = inferWeights(architecture, layers);
  const limit = { maxOutputSize: MAX_OUTPUT_SIZE, toRaise: 'it to loadKerasModel' };
  requireModestOutputs(architecture, layers, limit);
  const arrays = findWeights(parts.root, parts.size, planned, architecture.layers);
  const weights = new Map<Layer, NamedWeight[]>();
  for (const [plan, own] of planned) {
    const layer = inside(layers.get(plan)! as unknown as Layer) as Layer;
    const named = own.map((weight, i): NamedWeight => {
      const { values, shape } = weightValues(weight, arrays.get(plan)![i]!);
      return { name: weight.name, shape, values: () => values };
    });
    weights.set(layer, named);
  }
  const graph = graphOf(architecture, layers, new Map());
  return { graph, weightsOf: (layer) => weights.get(layer) ?? [] };
}

const inside = (layer: Layer) => (layer instanceof PerStep ? layer.inner : layer);

/** Numbers that are left for the outputs of a call. */
const MOST_OUTPUTS = 64;

/** @param known Models inside, which a file may use more than once. */
function graphOf(
  architecture: Architecture,
  layers: ReadonlyMap<LayerPlan, Read>,
  known: Map<Architecture, Graph>,
): Graph {
  const before = known.get(architecture);
  if (before) return before;
  const { name, inputs, calls, outputs } = architecture;
  const numbers = new Map<string, number>();
  const keyOf = (layer: string, node: number) => JSON.stringify([layer, node]);
  inputs.forEach((input, i) => {
    numbers.set(keyOf(input.name, 0), i);
  });
  const find = ({ layer, node, tensor }: TensorReference) =>
    numbers.get(keyOf(layer, node))! + tensor;
  const made = calls.map(({ layer: plan, node, inputs: from, unmasked, own }, i): GraphCall => {
    const output = inputs.length + i * MOST_OUTPUTS;
    const call = { inputs: from.map(find), output, isMasked: !unmasked, own: own ?? {} };
    numbers.set(keyOf(plan.name, node), output);
    const model = plan.model ?? plan.around?.model;
    if (model) {
      const layer = graphOf(model, layers, known);
      return { ...call, layer, perStep: plan.around !== undefined };
    }
    const layer = layers.get(plan)! as unknown as Layer;
    return { ...call, layer: inside(layer), perStep: layer instanceof PerStep };
  });
  const graph: Graph = {
    name,
    inputs: inputs.map(({ name: own, shape, dtype }) => ({
      name: own,
      shape: [...shape!],
      dtype: dtype === 'int32' ? 'int32' : 'float32',
    })),
    calls: made,
    outputs: outputs.map(find),
  };
  known.set(architecture, graph);
  return graph;
}
