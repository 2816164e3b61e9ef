/** The layers of a model that TensorFlow.js has saved, and how they are connected. */
import { reject } from '../../foundation/errors.js';
import type { Graph, GraphCall, GraphInput } from '../graph.js';
import { isGraph } from '../graph.js';
import { type Layer, refuseLayer, type Settings, type Shape } from '../layers/layer.js';
import { makeLayer } from '../layers/make-layer.js';

type Fields = Record<string, unknown>;
/** A layer as it is written, in the names of JavaScript. */
interface Written {
  className: string;
  name?: string;
  config: Fields | Written[];
  inboundNodes?: unknown[];
}

const MODELS = ['Functional', 'Model', 'Sequential'];

/** Reads `modelTopology` of `model.json`. */
export function readTopology(topology: object): Graph {
  const { model_config: inside } = topology as Fields;
  const written = inNamesOfJavaScript(inside ?? topology) as unknown as Written;
  if (MODELS.includes(written.className)) return readModel(written, 'model');
  return reject({
    where: 'loadPredictor',
    expected: 'the topology must be that of a model of layers',
    received: written.className ?? topology,
    remedy: 'Save it with model.save of TensorFlow.js; graph models cannot be loaded.',
    see: 'not-a-model-file',
  });
}

/** Names are written in those of Python, and so are values that are names; but for those of layers. */
function inNamesOfJavaScript(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) {
    const isReference = ['inboundNodes', 'inputLayers', 'outputLayers'].includes(key);
    return value.map((item, i) =>
      isReference && i === 0 && typeof item === 'string' ? item : inNamesOfJavaScript(item, key),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const own = camelCase(name);
      const isName = own === 'name' || own === 'className';
      return [own, isName && typeof item === 'string' ? item : inNamesOfJavaScript(item, own)];
    }),
  );
}

function camelCase(name: string): string {
  if (name.length <= 1 || !name.includes('_')) return name;
  return name.replace(/_+(\w|$)/g, (_, next: string) => next.toUpperCase());
}

function readModel(written: Written, byDefault: string): Graph {
  const { config } = written;
  const settings = (Array.isArray(config) ? { layers: config } : config) as Fields;
  const name = String(settings.name ?? written.name ?? byDefault);
  const layers = settings.layers as Written[];
  return written.className === 'Sequential'
    ? readSequential(name, layers)
    : readFunctional(name, layers, settings);
}

function inputOf({ className, config, name }: Written): GraphInput | null {
  const { batchInputShape, inputLength, dtype, name: given } = config as Fields;
  const own = String(given ?? name);
  const shape = (batchInputShape ?? null) as Shape | null;
  if (shape === null && inputLength === undefined) return null;
  return {
    name: className === 'InputLayer' ? own : `${own}_input`,
    shape: shape ?? [null, [inputLength].flat()[0] as number],
    dtype: dtype === 'int32' ? 'int32' : 'float32',
  };
}

const NO_OWN: Settings = {};

function readSequential(name: string, written: Written[]): Graph {
  const made = written
    .filter(({ className }) => className !== 'InputLayer')
    .map((layer) => ({ ...readLayer(layer), isMasked: true, own: NO_OWN }));
  const [first] = made;
  const input =
    inputOf(written[0]!) ?? (first && isGraph(first.layer) ? first.layer.inputs[0]! : null);
  if (!first || !input) {
    return reject({
      where: 'loadPredictor',
      expected: `the model ${name} must say what it takes`,
      remedy: 'Give its first layer an inputShape, and save it again.',
      see: 'damaged-model',
    });
  }
  const calls = made.map((call, i): GraphCall => ({ ...call, inputs: [i], output: i + 1 }));
  return { name, inputs: [input], calls, outputs: [calls.length] };
}

/** A layer, or a model as one, and whether it is called for each step. */
function readLayer(written: Written): Pick<GraphCall, 'layer' | 'perStep'> {
  const { className, config } = written;
  if (MODELS.includes(className)) {
    return { layer: readModel(written, String(written.name)), perStep: false };
  }
  const settings = config as Fields;
  if (className !== 'TimeDistributed') {
    return { layer: makeLayer(className, settings), perStep: false };
  }
  const inner = settings.layer as Written;
  const { layer, perStep } = MODELS.includes(inner.className)
    ? readLayer(inner)
    : // Its weights are saved under the name of the layer around it.
      readLayer({ ...inner, config: { ...inner.config, name: settings.name } });
  if (perStep) refuseLayer({ className, name: String(settings.name) }, 'is around its own kind');
  return { layer, perStep: true };
}

/** `['lstm', 0, 0]`, with or without arguments after it. */
type Reference = [layer: string, node: number, tensor: number, args?: Fields | null];

function readFunctional(name: string, written: Written[], settings: Fields): Graph {
  const order = (settings.inputLayers as Reference[]).map(([layer]) => layer);
  const inputLayers = new Map(
    written
      .filter(({ className }) => className === 'InputLayer')
      .map((layer) => [String((layer.config as Fields).name ?? layer.name), inputOf(layer)]),
  );
  const inputs = order.map((layer) => inputLayers.get(layer) ?? refuseReference(name, layer));
  /** Numbers of first outputs, by layer and call. */
  const numbers = new Map(inputs.map((input, i) => [keyOf(input.name, 0), i]));
  const find = ([layer, node, tensor]: Reference) => numbers.get(keyOf(layer, node))! + tensor;
  let open = written.flatMap((layer) => callsOf(layer));
  const calls: GraphCall[] = [];
  let next = inputs.length;
  while (open.length > 0) {
    const ready = open.filter(({ from }) =>
      from.every(([layer, node]) => numbers.has(keyOf(layer, node))),
    );
    if (ready.length === 0) refuseReference(name, open[0]!.from[0]![0]);
    for (const { key, from, call } of ready) {
      numbers.set(key, next);
      calls.push({ ...call, inputs: from.map(find), output: next });
      next += MOST_OUTPUTS;
    }
    open = open.filter((one) => !ready.includes(one));
  }
  return { name, inputs, calls, outputs: (settings.outputLayers as Reference[]).map(find) };
}

/** Numbers that are left for the outputs of a call. */
const MOST_OUTPUTS = 64;

const keyOf = (layer: string, node: number) => JSON.stringify([layer, node]);

/** The calls of a layer, in order. A model counts itself as a call of its own: its first is its making. */
function callsOf(written: Written) {
  const nodes = (written.inboundNodes ?? []) as Reference[][];
  if (nodes.length === 0) return [];
  const made = readLayer(written);
  const name = String(written.name ?? (made.layer as Layer).name);
  const first = MODELS.includes(written.className) ? 1 : 0;
  return nodes.map((references, i) => {
    const args = (references[0]?.[3] ?? {}) as Fields;
    const { mask, training: _, ...own } = args;
    const call = { ...made, isMasked: mask !== null, own };
    return { key: keyOf(name, first + i), from: references, call };
  });
}

function refuseReference(model: string, layer: unknown): never {
  reject({
    where: 'loadPredictor',
    expected: `${model} refers to an output that does not exist`,
    received: layer,
    remedy: 'The file is damaged: save the model again.',
    see: 'damaged-model',
  });
}
