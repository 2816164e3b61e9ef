/** Any model that can be streamed, one token at a time: what has no steps on plain numbers. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { isEmbedding } from '../../layers/core/embedding.js';
import { stream } from '../stream/stream.js';
import type { TokenSteps } from './token-steps.js';

/** The states of a stream, [rows, …] each; null for zeros. */
export type StreamedState = readonly tf.Tensor[] | null;

// As far as a softmax in float32 is from 1.
const TOLERANCE = 1e-3;

/**
 * The steps of a model by its stream.
 *
 * @throws RecurrentError where the model cannot be streamed, as {@link stream} says, and where it does
 *   not take and give tokens; when stepping, where its output is not a distribution.
 */
export function streamedSteps(where: string, model: tfl.LayersModel): TokenSteps<StreamedState> {
  const steps = stream(model);
  const { inputs, outputs } = sizesOf(where, model);
  const isOneHot = model.inputs[0]!.shape.length === 3;
  return {
    vocabularySize: outputs,
    inputs,
    begin: () => null,
    join: (states) => {
      const given = states.filter((state) => state !== null);
      // Rows of one batch have all read something, or none of them has.
      if (given.length < states.length) return null;
      return tf.tidy(() => given[0]!.map((_, i) => tf.concat(given.map((state) => state[i]!))));
    },
    step(tokens, state) {
      steps.reset();
      if (state) steps.state = [...state];
      const output = tf.tidy(() => {
        const column = tf.tensor2d(tokens, [tokens.length, 1], 'int32');
        return steps.push(isOneHot ? tf.oneHot(column, inputs) : column);
      });
      const probabilities = output.dataSync<'float32'>();
      output.dispose();
      requireDistribution(where, probabilities, outputs);
      const next = steps.state;
      steps.reset();
      return { logProbabilities: Float32Array.from(probabilities, Math.log), state: next };
    },
    select: (state, rows) =>
      state &&
      tf.tidy(() => {
        const indices = tf.tensor1d(rows, 'int32');
        return state.map((each) => tf.gather(each, indices));
      }),
    dispose: (state) => tf.dispose([...(state ?? [])]),
  };
}

function sizesOf(where: string, model: tfl.LayersModel): { inputs: number; outputs: number } {
  const [input, ...others] = model.inputs;
  const shape = input!.shape;
  const embedding = model.layers.find(isEmbedding);
  const inputs = shape.length === 3 ? shape[2] : (embedding?.getConfig().inputDim as number);
  const outputs = model.outputs[0]!.shape.at(-1);
  if (others.length === 0 && model.outputs.length === 1 && inputs && outputs) {
    return { inputs, outputs };
  }
  return reject({
    where,
    expected: 'the model must take tokens and give a distribution over the vocabulary',
    received: model.name,
    remedy: 'createLanguageModel builds such a model.',
    see: 'unsuitable-model',
  });
}

function requireDistribution(where: string, probabilities: Float32Array, size: number): void {
  for (let from = 0; from < probabilities.length; from += size) {
    let sum = 0;
    for (const probability of probabilities.subarray(from, from + size)) {
      if (probability < 0) sum = Number.NaN;
      sum += probability;
    }
    if (Math.abs(sum - 1) <= TOLERANCE) continue;
    reject({
      where,
      expected: 'the output of the model must be a distribution over the vocabulary',
      remedy: "Its last layer is dense({ units: vocabularySize, activation: 'softmax' }).",
      see: 'unsuitable-model',
    });
  }
}
