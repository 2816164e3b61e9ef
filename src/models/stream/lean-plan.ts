/**
 * A few steps of some streams as jobs in the kernels' memory, prepared once for the weights of a model:
 * a tensor for each layer, and its weights packed anew each time, take longer than most steps.
 */
import { runtime } from '../../engine/runtime.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import type { KernelBackend } from '../../kernels/bridge/backends.js';
import { Derived, derivedFrom } from '../../kernels/bridge/derived.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { KernelCall } from '../../kernels/bridge/tensors.js';
import type { Mask } from '../../layers/model/masks.js';
import { type LeanPlace, type LeanValue, leanEmbedding, leanStep } from './lean-steps.js';
import { runStep } from './run-stream.js';
import type { Chunk } from './stream-input.js';
import type { StreamSteps } from './stream-steps.js';

// More rows than this at once, and what the layers cost by themselves is little beside their work,
// which other threads then share.
const MOST_ROWS = 64;

type Weight = { read(): tf.Tensor };

/** Runs the chunks of a model in the kernels' memory where it can. */
export class LeanStreams {
  readonly #steps: StreamSteps;
  readonly #weights: readonly Weight[];
  readonly #key = `stream ${nextKey++}`;
  /** The backends on which a layer of it cannot be run so. */
  readonly #without = new Set<string>();

  constructor(model: tfl.LayersModel, steps: StreamSteps) {
    this.#steps = steps;
    this.#weights = model.weights as unknown as Weight[];
  }

  /** The outputs of a chunk, and the states overwritten; null where layers have to be called. */
  run(chunk: Chunk, states: (batch: number) => Float32Array[]): tf.Tensor[] | null {
    const backend = tf.getBackend();
    const [batch, time] = chunk.shape as [number, number];
    if (batch * time > MOST_ROWS || this.#without.has(backend) || !fusedAvailable()) return null;
    const plan = this.#plan(backend, batch, time);
    if (plan.isPossible) return plan.run(chunk, () => states(batch));
    this.#without.add(backend);
    plan.releaseAll();
    return null;
  }

  #plan(backend: string, batch: number, time: number): LeanPlan {
    const dataIds = this.#weights.map((weight) => weight.read().dataId);
    const settings = `${this.#key} ${backend} ${batch} ${time}`;
    return derivedFrom(dataIds, settings, () => {
      const call = new KernelCall(runtime()!, tf.backend() as unknown as KernelBackend);
      try {
        return new LeanPlan(call, dataIds, settings, this.#steps, batch, time);
      } finally {
        call.close();
      }
    });
  }
}

let nextKey = 0;

class LeanPlan extends Derived {
  /** Whether every layer that carries something can be run so. */
  readonly isPossible: boolean;
  readonly #steps: StreamSteps;
  readonly #shape: [batch: number, time: number];
  readonly #runs: (() => void)[] = [];
  readonly #values: (LeanValue | undefined)[];
  readonly #states: { address: number; size: number }[];
  /** What is left to layers, behind everything that carries. */
  readonly #left: StreamSteps['steps'] = [];
  /** The tensors that it takes or that are outputs. */
  readonly #wanted: number[];
  /** The table of an embedding that reads the input; 0 where the input is numbers. */
  #rows = 0;
  #input = 0;
  #indices: ArrayLike<number> = [];

  constructor(
    call: KernelCall,
    dataIds: readonly object[],
    settings: string,
    steps: StreamSteps,
    batch: number,
    time: number,
  ) {
    super(dataIds, settings, call.table, call.runtime.memory);
    this.#steps = steps;
    this.#shape = [batch, time];
    this.#values = new Array(steps.size);
    this.#states = steps.states.map((shape) => {
      const size = batch * tf.util.sizeFromShape(shape);
      return { address: this.allocate(4 * size), size };
    });
    this.isPossible = this.#prepare({
      runtime: call.runtime,
      scratch: (bytes) => this.allocate(bytes),
      batch,
      time,
      read: (weight) => call.input(weight?.read()),
      states: [],
    });
    const read = this.#left.flatMap((step) => ('cast' in step ? [step.from] : step.inputs));
    this.#wanted = [...new Set([...read, ...steps.outputs])].filter((i) => this.#values[i]);
  }

  #prepare(place: LeanPlace): boolean {
    const { inputs, steps } = this.#steps;
    const [input] = inputs;
    if (inputs.length !== 1) return false;
    if (input!.shape.length === 3 && input!.dtype === 'float32') {
      const width = input!.shape[2]!;
      this.#input = place.scratch(4 * place.batch * place.time * width);
      const value = { address: this.#input, width, hasSteps: true, mask: 0 };
      this.#values[input!.tensor] = value;
    }
    for (const step of steps) {
      if ('cast' in step) {
        const value = this.#values[step.from];
        if (value && step.cast === 'float32') {
          this.#values[step.to] = { ...value, mask: step.isMasked ? value.mask : 0 };
        } else this.#left.push(step);
        continue;
      }
      const states = this.#states.slice(step.firstState, step.firstState + step.shapes.length);
      const made = this.#make({ ...place, states: states.map(({ address }) => address) }, step);
      if (made) {
        this.#values[step.outputs[0]!] = made.value;
        if (made.run) this.#runs.push(made.run);
      } else if (step.carries !== 'nothing') return false;
      else this.#left.push(step);
    }
    // Layers are given tensors of what was computed here, and not of masks or of the input's indices.
    const unknown = this.#left.flatMap((step) => ('cast' in step ? [step.from] : step.inputs));
    return !unknown.some((i) => this.#values[i]?.mask || (i === input!.tensor && !this.#input));
  }

  #make(place: LeanPlace, step: Exclude<StreamSteps['steps'][number], { cast: unknown }>) {
    const { tensor, shape } = this.#steps.inputs[0]!;
    const isFirst = step.inputs[0] === tensor && shape.length === 2;
    if (isFirst && step.call.layer.getClassName() === 'Embedding' && this.#rows === 0) {
      const made = leanEmbedding(place, step, () => this.#indices);
      const table = step.call.layer.weights[0] as unknown as Weight;
      if (made) this.#rows = table.read().shape[0]!;
      return made;
    }
    const value = this.#values[step.inputs[0]!];
    return value ? leanStep(place, step, value) : null;
  }

  /** Null for a word that has no row, which the layer itself complains of. */
  run({ values }: Chunk, statesOf: () => Float32Array[]): tf.Tensor[] | null {
    const given = values instanceof tf.Tensor ? values.dataSync() : values;
    if (this.#rows > 0) {
      for (let i = 0; i < given.length; i++) {
        if (!(given[i]! > -1 && given[i]! < this.#rows)) return null;
      }
      this.#indices = given;
    }
    const states = statesOf();
    const { memory } = runtime()!;
    runtime()!.finish();
    if (this.#input) memory.floats(this.#input, given.length).set(given);
    this.#states.forEach(({ address, size }, i) => {
      memory.floats(address, size).set(states[i]!);
    });
    for (const run of this.#runs) run();
    const outputs = this.#finish();
    this.#states.forEach(({ address, size }, i) => {
      states[i]!.set(memory.floats(address, size));
    });
    return outputs;
  }

  /** The outputs as tensors, after the layers that are left. */
  #finish(): tf.Tensor[] {
    const known: tf.Tensor[] = new Array(this.#steps.size);
    if (this.#left.length === 0) {
      for (const i of this.#wanted) known[i] = this.#tensor(this.#values[i]!);
      return this.#steps.outputs.map((i) => known[i]!);
    }
    return tf.tidy(() => {
      const masks: Mask[] = new Array(this.#steps.size).fill(null);
      for (const i of this.#wanted) known[i] = this.#tensor(this.#values[i]!);
      for (const step of this.#left) runStep(step, known, masks, []);
      return this.#steps.outputs.map((i) => known[i]!);
    });
  }

  #tensor({ address, width, hasSteps }: LeanValue): tf.Tensor {
    const [batch, time] = this.#shape;
    const shape = hasSteps ? [batch, time, width] : [batch, width];
    const count = tf.util.sizeFromShape(shape);
    return tf.tensor(runtime()!.memory.floats(address, count).slice(), shape);
  }
}
