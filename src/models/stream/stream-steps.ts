/** The calls of a model as a stream makes them: which carry a state, and what each takes and gives. */
import { reject } from '../../foundation/errors.js';
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { type Call, type Graph, graphOf } from '../../layers/model/graph.js';
import { builtModel, modelOf } from '../../layers/model/run-graph.js';
import { refusalOf } from '../../layers/model/refusals.js';

type Layer = tfl.layers.Layer;

/** Members that the types of a layer hide. */
interface Hidden {
  cell: { stateSize: number | number[] };
  kernelSize: number[];
  dilationRate: number | number[];
  returnSequences: boolean;
}

/** A call of a layer. Tensors are known by their numbers. */
export interface StreamStep {
  call: Call;
  inputs: number[];
  outputs: number[];
  /** How it goes on from chunk to chunk: by the states of a cell, by the steps before, or not at all. */
  carries: 'states' | 'steps' | 'nothing';
  /** Of a single stream, each state that it carries, and where they stand among those of all. */
  shapes: number[][];
  firstState: number;
}

/** An input of a model within, in the type that it declares, with its mask or without. */
export interface CastStep {
  cast: tf.DataType;
  isMasked: boolean;
  from: number;
  to: number;
}

/** The steps of a model. */
export interface StreamSteps {
  size: number;
  inputs: { tensor: number; dtype: tf.DataType; shape: tfl.Shape }[];
  steps: (StreamStep | CastStep)[];
  outputs: number[];
  /** Of a single stream, the shape of each state. */
  states: number[][];
}

const WHERE = 'stream';

/**
 * How a model takes one chunk after another.
 *
 * @throws RecurrentError where a layer would have to see steps that are still to come, naming it.
 */
export function stepsOf(model: tfl.LayersModel): StreamSteps {
  if (!(model instanceof tfl.LayersModel)) {
    reject({
      where: WHERE,
      expected: 'model must be a model of TensorFlow.js',
      received: model,
      see: 'not-a-model',
    });
  }
  const built = builtModel(model);
  const walk = new Walk();
  const inputs = built.inputs.map(({ dtype, shape }) => {
    if (shape.length < 2) {
      reject({
        where: WHERE,
        expected: `every input of ${model.name} must have steps, [batch, time, …]`,
        received: shape,
        see: 'unsuitable-model',
      });
    }
    return { tensor: walk.tensor(true), dtype, shape };
  });
  const outputs = walk.through(
    graphOf(built),
    inputs.map(({ tensor }) => tensor),
  );
  if (walk.states.length === 0) {
    reject({
      where: WHERE,
      expected: `${model.name} has no layer that carries anything from step to step`,
      remedy: 'Call model.predict for a model without recurrent layers or causal convolutions.',
      see: 'unsuitable-model',
    });
  }
  return { size: walk.size, inputs, steps: walk.steps, outputs, states: walk.states };
}

/** Goes through the graphs of a model and of those within, and gives each tensor a number. */
class Walk {
  readonly steps: (StreamStep | CastStep)[] = [];
  readonly states: number[][] = [];
  /** Of each tensor, whether it has steps. */
  readonly #hasSteps: boolean[] = [];

  get size(): number {
    return this.#hasSteps.length;
  }

  tensor(hasSteps: boolean): number {
    return this.#hasSteps.push(hasSteps) - 1;
  }

  /** The numbers of a graph's outputs, given those of its inputs. */
  through(graph: Graph, inputs: readonly number[]): number[] {
    const numbers: number[] = new Array(graph.size);
    graph.inputs.forEach(({ tensor }, i) => {
      numbers[tensor] = inputs[i]!;
    });
    for (const call of graph.calls) {
      const given = call.inputs.map((i) => numbers[i]!);
      const made = this.#call(call, given);
      call.outputs.forEach((i, n) => {
        numbers[i] = made[n]!;
      });
    }
    return graph.outputs.map((i) => numbers[i]!);
  }

  #call(call: Call, inputs: number[]): number[] {
    const { layer } = call;
    const model = modelOf(layer);
    if (model) {
      const { isMasked } = call;
      const cast = graphOf(model).inputs.map(({ dtype }, i) => {
        const to = this.tensor(this.#hasSteps[inputs[i]!]!);
        this.steps.push({ cast: dtype, isMasked, from: inputs[i]!, to });
        return to;
      });
      return this.through(graphOf(model), cast);
    }
    const along = inputs.filter((i) => this.#hasSteps[i]);
    if (along.length === 0) return this.#push(call, inputs, 'nothing', [], false);
    const isRecurrent = layer instanceof tfl.RNN;
    const refusal = this.#refusal(call, isRecurrent, along.length);
    if (refusal !== null) refuse(layer, refusal);
    if (isRecurrent) {
      const { cell, returnSequences } = layer as unknown as Hidden;
      const shapes = [cell.stateSize].flat().map((size) => [size]);
      return this.#push(call, inputs, 'states', shapes, returnSequences);
    }
    if (layer.getClassName() === 'Conv1D') {
      const { kernelSize, dilationRate } = layer as unknown as Hidden;
      const before = (kernelSize[0]! - 1) * ([dilationRate ?? 1].flat()[0] as number);
      const channels = call.node.inputTensors[0]!.shape[2]!;
      const shapes = before > 0 ? [[before, channels]] : [];
      return this.#push(call, inputs, 'steps', shapes, true);
    }
    return this.#push(call, inputs, 'nothing', [], true);
  }

  #refusal({ layer, inputs, node }: Call, isRecurrent: boolean, along: number): string | null {
    if (isRecurrent && inputs.length > 1) {
      return 'its first states come from other layers, and a stream has states of its own';
    }
    if (along < inputs.length) return 'it joins what has steps with what has none';
    return refusalOf(layer, node.inputTensors[0]!.rank);
  }

  #push(
    call: Call,
    inputs: number[],
    carries: StreamStep['carries'],
    shapes: number[][],
    hasSteps: boolean,
  ): number[] {
    // The states of a recurrent layer have no steps.
    const outputs = call.outputs.map((_, i) => this.tensor(hasSteps && i === 0));
    const firstState = this.states.length;
    this.steps.push({ call, inputs, outputs, carries, shapes, firstState });
    this.states.push(...shapes);
    return outputs;
  }
}

function refuse(layer: Layer, why: string): never {
  reject({
    where: WHERE,
    expected: `the layer ${layer.name} (${layer.getClassName()}) cannot run along a stream: ${why}`,
    remedy: 'Build the model without it, or give model.predict the whole sequence.',
    see: 'unsuitable-model',
  });
}
