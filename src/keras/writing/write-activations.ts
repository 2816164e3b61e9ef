/** Activations as Keras 3 names them, and the one that it has to be given another way. */
import { reject } from '../../foundation/errors.js';

/** The name that TensorFlow.js writes to JSON, and the one under which Keras 3 computes the same. */
const KERAS_NAME: Readonly<Record<string, string>> = {
  elu: 'elu',
  gelu: 'gelu',
  linear: 'linear',
  log_softmax: 'log_softmax',
  mish: 'mish',
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  swish: 'silu',
  tanh: 'tanh',
};

/**
 * Which of a layer's gates an activation applies to, where nothing but a weighted sum goes into it.
 * LSTM's own activation is missing on purpose: it also takes the cell state.
 */
const GATES: Readonly<Record<string, { gates: number; of: Readonly<Record<string, number[]>> }>> = {
  Conv1D: { gates: 1, of: { activation: [0] } },
  Conv2D: { gates: 1, of: { activation: [0] } },
  Dense: { gates: 1, of: { activation: [0] } },
  GRU: { gates: 3, of: { activation: [2], recurrent_activation: [0, 1] } },
  LSTM: { gates: 4, of: { recurrent_activation: [0, 1, 3] } },
  SimpleRNN: { gates: 1, of: { activation: [0] } },
};

/** The gates whose weights have to grow, out of how many lie side by side in the last axis. */
export interface ScaledGates {
  gates: number;
  scaled: number[];
}

/**
 * How much steeper a weighted sum must be for Keras 3's hard sigmoid to give what Keras 2's and
 * TensorFlow.js's gives: clip(0.2·x + 0.5, 0, 1) = clip((1.2·x) / 6 + 0.5, 0, 1).
 */
export const HARD_SIGMOID_SCALE = 1.2;

const HARD_SIGMOID = 'hard_sigmoid';

/** What Keras 3 calls an activation of TensorFlow.js; `path` names the layer in messages. */
export function kerasActivation(
  where: string,
  path: string,
  className: string,
  key: string,
  name: unknown,
): string {
  const known = typeof name === 'string' ? KERAS_NAME[name] : undefined;
  if (known !== undefined) return known;
  if (name !== HARD_SIGMOID) {
    reject({
      where,
      expected: `${path} (${className}) has a${key === 'activation' ? 'n' : ''} ${key} that Keras 3 has no name for`,
      received: name,
      remedy: `Keras 3 has ${Object.keys(KERAS_NAME).join(', ')}.`,
      see: 'not-in-keras',
    });
  }
  if (GATES[className]?.of[key] === undefined) {
    reject({
      where,
      expected: `${path} (${className}) has the ${key} hardSigmoid of TensorFlow.js, which Keras 3 cannot compute there`,
      remedy:
        'Its own hard_sigmoid is x / 6 + 0.5, not 0.2·x + 0.5, and here no weights can make up ' +
        "for the difference. Use 'sigmoid', or put hardSigmoid on a Dense layer.",
      see: 'not-in-keras',
    });
  }
  return HARD_SIGMOID;
}

/**
 * The gates of a layer that use hardSigmoid, whose weights are written {@link HARD_SIGMOID_SCALE}
 * times as large; undefined when there are none.
 */
export function scaledGates(
  className: string,
  config: Readonly<Record<string, unknown>>,
): ScaledGates | undefined {
  const known = GATES[className];
  if (known === undefined) return undefined;
  const scaled = Object.entries(known.of).flatMap(([key, gates]) =>
    config[key] === HARD_SIGMOID ? gates : [],
  );
  return scaled.length === 0 ? undefined : { gates: known.gates, scaled };
}

/** The same weights with the columns of some gates multiplied by `scale`. */
export function scaleGates(
  values: Float32Array,
  shape: readonly number[],
  { gates, scaled }: ScaledGates,
  scale = HARD_SIGMOID_SCALE,
): Float32Array {
  const columns = shape[shape.length - 1] ?? 1;
  const units = columns / gates;
  return values.map((value, index) =>
    scaled.includes(Math.floor((index % columns) / units)) ? value * scale : value,
  );
}
