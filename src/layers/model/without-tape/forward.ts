/** The way forward through a graph, every call remembered for the way back. */
import type { tf, tfl } from '../../../foundation/tensorflow.js';
import type { Together } from '../../../kernels/bridge/together.js';
import type { OwnArguments } from '../../call-arguments.js';
import { castInput } from '../cast-input.js';
import { type Call, type Graph, graphOf } from '../graph.js';
import { type Mask, maskForCall, masksOfOutputs } from '../masks.js';
import { modelOf } from '../run-graph.js';
import { callByKernels } from '../../beside/kernels-of.js';
import type { BackwardFlow, TrainingCall } from '../../training-call.js';
import { islandCall } from './island.js';

/** A tensor on its way through a model. */
export interface Flow {
  value: tf.Tensor;
  mask: Mask;
  /** What has come back to it so far. */
  gradient: tf.Tensor | null;
  /** Whether weights that are trained lie before it. */
  isTrained: boolean;
}

/** A call that was made. */
export interface Step {
  inputs: Flow[];
  outputs: Flow[];
  gradient(dOutputs: (tf.Tensor | null)[]): BackwardFlow;
  release?(): void;
}

/** That of an input, which nothing flows back to. */
export const flowOf = (value: tf.Tensor): Flow => ({
  value,
  mask: null,
  gradient: null,
  isTrained: false,
});

/** Goes through a model with the inputs of a batch; the steps are added in the order of their calls. */
export class WayForward {
  readonly steps: Step[] = [];
  /** The call of the layer that is watched. */
  watched: Step | null = null;
  readonly #lent: Together;
  readonly #watched: tfl.layers.Layer | undefined;

  /** @param watched A layer to whose output a gradient is to come back, trained or not. */
  constructor(lent: Together, watched?: tfl.layers.Layer) {
    this.#lent = lent;
    this.#watched = watched;
  }

  /** The outputs for inputs that nothing flows back to. */
  begin(graph: Graph, inputs: readonly tf.Tensor[]): Flow[] {
    return this.through(graph, inputs.map(flowOf));
  }

  /** @param training What layers are told that were told nothing when the model was made. */
  through(graph: Graph, given: readonly Flow[], training = true): Flow[] {
    const flows: Flow[] = new Array(graph.size);
    graph.inputs.forEach(({ tensor, dtype }, i) => {
      flows[tensor] = this.#cast(given[i]!, dtype);
    });
    for (const call of graph.calls) {
      const inputs = call.inputs.map((i) => flows[i]!);
      const outputs = this.#call(call, inputs, call.training ?? training);
      call.outputs.forEach((i, n) => {
        flows[i] = outputs[n]!;
      });
    }
    return graph.outputs.map((i) => flows[i]!);
  }

  /** Gives back what all steps keep for gradients that nobody will ask for. */
  release(): void {
    for (const step of this.steps) step.release?.();
  }

  #cast(flow: Flow, dtype: tf.DataType): Flow {
    const value = castInput(flow.value, dtype);
    // Nothing flows back through a cast to integers, as on a tape.
    return value === flow.value ? flow : { ...flow, value, isTrained: false };
  }

  #call({ layer, isMasked, own: args }: Call, inputs: Flow[], training: boolean): Flow[] {
    const masks = inputs.map(({ mask }) => mask);
    const told = isMasked ? masks : masks.map(() => null);
    const model = modelOf(layer);
    if (model) {
      const within = inputs.map((flow, i) => (told[i] === flow.mask ? flow : this.#unmasked(flow)));
      return this.through(graphOf(model), within, training);
    }
    const call = this.#run(layer, inputs, maskForCall(layer, told), args, training);
    const values = inputs.map(({ value }) => value);
    const own = this.#lent.outside(() => masksOfOutputs(layer, values, masks, call.outputs));
    const isWatched = layer === this.#watched;
    const isTrained =
      isWatched || layer.trainableWeights.length > 0 || inputs.some((input) => input.isTrained);
    const outputs = call.outputs.map(
      (value, i): Flow => ({ value, mask: own[i] ?? null, gradient: null, isTrained }),
    );
    const step: Step = {
      inputs,
      outputs,
      gradient: (dOutputs) => call.gradient(dOutputs),
      ...(call.release && { release: () => call.release?.() }),
    };
    this.steps.push(step);
    if (isWatched) this.watched = step;
    return outputs;
  }

  /** A model inside is told no mask: its own flow, which hands back what comes to it. */
  #unmasked(flow: Flow): Flow {
    const bare: Flow = { ...flow, mask: null, gradient: null };
    this.steps.push({
      inputs: [flow],
      outputs: [bare],
      gradient: ([dOutput]) => ({ inputs: [dOutput!], weights: {} }),
    });
    return bare;
  }

  #run(
    layer: tfl.layers.Layer,
    inputs: Flow[],
    mask: Mask | Mask[],
    own: OwnArguments,
    training: boolean,
  ): TrainingCall {
    const values = inputs.map(({ value }) => value);
    const known = training ? callByKernels(layer, { values, mask, own }, true) : null;
    return (
      known ?? islandCall(this.#lent, layer, inputs, { ...own, training, ...(mask && { mask }) })
    );
  }
}
