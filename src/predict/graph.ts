/** A model as calls of layers, each after those that it takes its inputs from, and a run through them. */
import { reject } from '../foundation/errors.js';
import type { Layer, Settings, Shape } from './layers/layer.js';
import { computed, type Mask, type Run, reshaped, type Tensor } from './run.js';
import type { Weights } from './weights.js';

/** A call of a layer, or of a model inside. Tensors of a graph are known by their numbers. */
export interface GraphCall {
  /** A layer, or a model that stands as one. */
  layer: Layer | Graph;
  inputs: number[];
  /** The number of its first output. */
  output: number;
  /** False where it is not told the masks of its inputs. */
  isMasked: boolean;
  /** Whether it is called for each step of its input by itself, as TimeDistributed does. */
  perStep: boolean;
  /** What else it is called with. */
  own: Settings;
}

export interface GraphInput {
  name: string;
  shape: Shape;
  dtype: 'float32' | 'int32';
}

export interface Graph {
  name: string;
  inputs: GraphInput[];
  calls: GraphCall[];
  outputs: number[];
}

export function isGraph(layer: Layer | Graph): layer is Graph {
  return 'calls' in layer;
}

/**
 * Infers all shapes, and gives every layer its weights the first time that it is called.
 *
 * @param weightsOf Those of a layer.
 * @returns The shapes of the outputs.
 */
export function buildGraph(
  graph: Graph,
  inputs: readonly Shape[],
  weightsOf: (layer: Layer) => Weights,
  built = new Map<Layer, string>(),
): Shape[] {
  const shapes: Shape[] = [...inputs];
  for (const { layer, inputs: read, output, perStep } of graph.calls) {
    const whole = read.map((i) => shapeAt(graph, shapes, i));
    const given = perStep ? whole.map(stepOf) : whole;
    const outputs = isGraph(layer)
      ? buildGraph(layer, given, weightsOf, built)
      : layer.outputShapes(given);
    put(shapes, output, perStep ? outputs.map((shape) => sequenceOf(shape, whole[0]!)) : outputs);
    if (isGraph(layer)) continue;
    const widths = `${given[0]!.at(-1)}`;
    const before = built.get(layer);
    if (before === undefined) {
      layer.build(given, weightsOf(layer));
      built.set(layer, widths);
    } else if (before !== widths) layer.refuse('is used with inputs of different widths', widths);
  }
  return graph.outputs.map((i) => shapeAt(graph, shapes, i));
}

/** The shape of a step of a sequence, and that of such steps in a sequence like another one. */
function stepOf<Size>([batch, , ...step]: readonly Size[]): Size[] {
  return [batch!, ...step];
}

function sequenceOf<Size>([batch, ...step]: readonly Size[], [, time]: readonly Size[]): Size[] {
  return [batch!, time!, ...step];
}

function shapeAt({ name }: Graph, shapes: readonly Shape[], i: number): Shape {
  const shape = shapes[i];
  if (shape) return shape;
  return reject({
    where: 'loadPredictor',
    expected: `the model ${name} refers to an output that a layer does not have`,
    remedy: 'The file is damaged: save the model again.',
    see: 'damaged-model',
  });
}

function put<Value>(all: Value[], first: number, values: readonly Value[]): void {
  values.forEach((value, i) => {
    all[first + i] = value;
  });
}

/** Tensors, and the mask of each. */
export interface Masked {
  values: Tensor[];
  masks: (Mask | null)[];
}

/** The outputs of a graph. */
export function runGraph(run: Run, graph: Graph, given: Masked): Masked {
  const values = [...given.values];
  const masks = [...given.masks];
  for (const call of graph.calls) {
    const inputs = call.inputs.map((i) => values[i]!);
    const theirs = call.inputs.map((i) => masks[i] ?? null);
    const made = call.perStep
      ? { values: runSteps(run, call, inputs), masks: theirs }
      : runCall(run, call, { values: inputs, masks: theirs });
    put(values, call.output, made.values);
    put(masks, call.output, made.masks);
    run.close(); // its scratch, for the next one
  }
  return {
    values: graph.outputs.map((i) => values[i]!),
    masks: graph.outputs.map((i) => masks[i] ?? null),
  };
}

function runCall(run: Run, { layer, isMasked, own }: GraphCall, given: Masked): Masked {
  const told = isMasked ? given.masks : given.masks.map(() => null);
  if (isGraph(layer)) return runGraph(run, layer, { values: given.values, masks: told });
  const { readsIntegers } = layer;
  const floats = readsIntegers ? given.values : given.values.map((x) => asFloats(run, x));
  return {
    values: layer.call(run, floats, told, own),
    masks: layer.masks(run, given.values, given.masks),
  };
}

/** All steps of all samples at once, since each is computed by itself, without masks. */
function runSteps(run: Run, call: GraphCall, [x]: Tensor[]): Tensor[] {
  const [batch, time, ...step] = x!.shape as [number, number, ...number[]];
  const each = reshaped(x!, [batch * time, ...step]);
  const { values } = runCall(run, call, { values: [each], masks: [null] });
  return values.map((y) => reshaped(y, [batch, time, ...y.shape.slice(1)]));
}

/** The values as floats. */
export function asFloats(run: Run, tensor: Tensor): Tensor {
  if (tensor.dtype === 'float32') return tensor;
  return computed(run, tensor.shape, [tensor], (out, values) => out.set(values!));
}
