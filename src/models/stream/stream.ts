/** stream: a model that is pushed steps as they come. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { LeanStreams } from './lean-plan.js';
import { runStream } from './run-stream.js';
import { type Chunk, chunkFor, type NestedNumbers } from './stream-input.js';
import { StreamState } from './stream-state.js';
import { type StreamSteps, stepsOf } from './stream-steps.js';

/** A step, a chunk of steps, or chunks of several streams: a tensor, or numbers in lists. */
export type StreamInput = tf.Tensor | NestedNumbers;

/** A model that takes one chunk of steps after another; see {@link stream}. */
export interface Stream<Output extends tf.Tensor | tf.Tensor[] = tf.Tensor> {
  /**
   * Goes on by one step or more.
   *
   * @param input A step of the shape of the model's inputs without batch and time (a number, for
   *   words), a chunk [time, …] of them, or chunks of several streams [batch, time, …]. For a model
   *   of several inputs, a list with one of these for each.
   * @returns What the model gives: [batch, steps of the chunk, …], or, where its last recurrent layer
   *   returns no sequences, [batch, …] after the last step of the chunk. Yours to dispose of.
   * @throws RecurrentError for a chunk of another shape, or of another number of streams than before;
   *   the state stays as it was.
   */
  push(input: StreamInput | readonly StreamInput[]): Output;
  /** Begins again from zeros, with any number of streams, and releases what the stream holds. */
  reset(): void;
  /**
   * The states behind the last step, a tensor [batch, …] each, in the order of the layers: h of a
   * recurrent layer, then c of an LSTM; of a causal convolution, the steps that it looks back at.
   * Each time you read it, they are new tensors, yours to dispose of; what you set is copied.
   *
   * @throws RecurrentError, when read before the first step, and when set to other shapes.
   */
  state: tf.Tensor[];
}

/**
 * Runs a model along a stream: steps are pushed as they come, and the states of its recurrent layers
 * are carried from each to the next.
 *
 * What comes out is what `model.predict` gives for all steps at once, whatever chunks they are pushed
 * in: on the `cpu` and `wasm` backends, by the fused kernels, to the bit. Masked steps (`maskZero`)
 * leave the states as they are. The weights are those of the model, also when it has been trained on
 * meanwhile, and states that its layers keep for `stateful` are left alone.
 *
 * @param model A model whose recurrent layers run forward. Other layers act on each step alone, or are
 *   causal convolutions; behind a recurrent layer that returns no sequence there can be any.
 * @returns The stream, at its beginning.
 * @throws RecurrentError where a layer needs steps that are still to come (`bidirectional`,
 *   `goBackwards`, pooling over steps, …), naming it.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { layers, stream } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential({
 *   layers: [
 *     layers.lstm({ units: 4, returnSequences: true, inputShape: [null, 2] }),
 *     layers.dense({ units: 1 }),
 *   ],
 * });
 * const sensor = stream(model);
 * console.log(sensor.push([0.5, -1]).shape);
 * // [ 1, 1, 1 ]
 * console.log(sensor.push([[0.25, 0], [1, 1], [0, 2]]).shape);
 * // [ 1, 3, 1 ]
 * console.log(sensor.state.map((state) => state.shape));
 * // [ [ 1, 4 ], [ 1, 4 ] ]
 * ```
 */
export function stream<Output extends tf.Tensor | tf.Tensor[] = tf.Tensor>(
  model: tfl.LayersModel,
): Stream<Output> {
  return new ModelStream(model, stepsOf(model)) as unknown as Stream<Output>;
}

class ModelStream implements Stream<tf.Tensor | tf.Tensor[]> {
  readonly #steps: StreamSteps;
  readonly #state: StreamState;
  readonly #lean: LeanStreams;

  constructor(model: tfl.LayersModel, steps: StreamSteps) {
    this.#steps = steps;
    this.#lean = new LeanStreams(model, steps);
    this.#state = new StreamState(steps.states);
  }

  push(input: StreamInput | readonly StreamInput[]): tf.Tensor | tf.Tensor[] {
    const chunks = this.#chunks(input);
    const batch = chunks[0]!.shape[0]!;
    this.#requireBatch(batch);
    const outputs = this.#run(chunks, batch);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  #run(chunks: readonly Chunk[], batch: number): tf.Tensor[] {
    const given = this.#state;
    const lean = chunks.length === 1 && this.#lean.run(chunks[0]!, (rows) => given.floats(rows));
    if (lean) return lean;
    const { outputs, states } = tf.tidy(() => {
      const values = chunks.map(({ values, shape }, i) => {
        return values instanceof tf.Tensor
          ? tf.reshape(values, shape)
          : tf.tensor(values, shape, this.#steps.inputs[i]!.dtype);
      });
      return runStream(this.#steps, values, given.tensors(batch)) as never as {
        outputs: tf.Tensor[];
        states: tf.Tensor[];
      };
    });
    given.set(batch, states);
    return outputs;
  }

  reset(): void {
    this.#state.reset();
  }

  get state(): tf.Tensor[] {
    const { batch } = this.#state;
    if (batch !== null) return this.#state.tensors(batch);
    return reject({
      where: 'stream.state',
      expected: 'there is no state before the first step, since the number of streams is not known',
      remedy: 'Push a step first.',
      see: 'wrong-moment',
    });
  }

  set state(state: tf.Tensor[]) {
    this.#state.copy(state);
  }

  #chunks(given: StreamInput | readonly StreamInput[]): Chunk[] {
    const { inputs } = this.#steps;
    if (inputs.length === 1) return [chunkFor(inputs[0]!, given, WHERE)];
    const parts = given as readonly StreamInput[];
    if (!Array.isArray(given) || parts.length !== inputs.length) {
      reject({
        where: WHERE,
        expected: `the model has ${inputs.length} inputs, so that input must be a list of as many`,
        received: given,
        see: 'wrong-shape',
      });
    }
    const chunks = inputs.map((input, i) => chunkFor(input, parts[i], WHERE));
    const [[batch, time]] = chunks.map(({ shape }) => shape) as [number[]];
    const other = chunks.find(({ shape }) => shape[0] !== batch || shape[1] !== time);
    if (other) {
      reject({
        where: WHERE,
        expected: 'all inputs must have as many streams and steps',
        received: chunks.map(({ shape }) => shape),
        see: 'wrong-shape',
      });
    }
    return chunks;
  }

  #requireBatch(batch: number): void {
    const { batch: before } = this.#state;
    if (before === null || before === batch) return;
    reject({
      where: WHERE,
      expected: `the number of streams must be ${before}, as before`,
      received: batch,
      remedy: 'Call reset() to begin with another number of them.',
      see: 'wrong-moment',
    });
  }
}

const WHERE = 'stream.push';
