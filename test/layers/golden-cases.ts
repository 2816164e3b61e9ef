/**
 * The cases of test/golden/layers.json in the terms of TensorFlow.js.
 *
 * Keras 3 departs from Keras 2.2.4 and TensorFlow.js in a few of them, marked
 * `keras2_difference`; we follow the latter. {@link expected} turns Keras 3's
 * numbers into theirs, so that these cases are checked as well.
 */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { GoldenArray, LayerCase } from '../golden/read.js';

/** Keras 3's own hard_sigmoid, which neither Keras 2 nor TensorFlow.js has. */
class HardSigmoidOfKeras3 extends tf.serialization.Serializable {
  static className = 'hardSigmoidOfKeras3';
  apply(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.div(tf.relu6(tf.add(x, 3)), 6));
  }
  override getConfig() {
    return {};
  }
}
tf.serialization.registerClass(HardSigmoidOfKeras3);

const RECURRENT_ACTIVATIONS = {
  sigmoid: 'sigmoid',
  hard_sigmoid_keras2: 'hardSigmoid',
  hard_sigmoid_keras3: HardSigmoidOfKeras3.className,
} as const;

/** The arguments of `tf.layers.lstm` for a case; for Bidirectional, of the layer inside. */
export function lstmArguments({ config }: LayerCase): tfl.LSTMLayerArgs {
  const { recurrent_activation = 'sigmoid' } = config;
  return {
    units: config.units,
    activation: config.activation,
    recurrentActivation: RECURRENT_ACTIVATIONS[
      recurrent_activation
    ] as tfl.LSTMLayerArgs['recurrentActivation'],
    useBias: config.use_bias,
    unitForgetBias: config.unit_forget_bias,
    // The weights are Keras': the default, orthogonal, would only cost time.
    recurrentInitializer: 'zeros',
    returnSequences: config.return_sequences,
    returnState: config.return_state,
    goBackwards: config.go_backwards,
  };
}

/** What a case is about, to be read in the list of tests. */
export function title({ name, tags, config, batch, time, features, units, ...rest }: LayerCase) {
  const facts = [
    `${batch}×${time}×${features} → ${units}`,
    config.wrapper && `merged by ${config.merge_mode}`,
    config.activation !== 'tanh' && config.activation,
    config.recurrent_activation !== 'sigmoid' && config.recurrent_activation,
    !config.use_bias && 'no bias',
    config.return_sequences && 'sequences',
    config.return_state && 'states',
    config.go_backwards && 'backwards',
    rest.mask !== null && 'masked',
    rest.n_initial_states > 0 && 'initial states',
  ];
  return `${name} (${tags.join(', ')}): ${facts.filter(Boolean).join(', ')}`;
}

/**
 * The same case with its rows several times over, so that threads have a batch to
 * share: what belongs to rows is repeated, the gradients of weights add up.
 */
export function repeatRows(golden: LayerCase, times: number): LayerCase {
  const { batch, mask, weight_names } = golden;
  const addsUp = new Set(weight_names.map((name) => `grad_${name}`));
  const arrays = Object.entries(golden.arrays).map(([name, array]) => {
    if (weight_names.includes(name)) return [name, array] as const;
    if (addsUp.has(name)) return [name, { ...array, values: array.values.map((v) => v * times) }];
    const values = new Float32Array(array.values.length * times);
    for (let i = 0; i < times; i++) values.set(array.values, i * array.values.length);
    return [name, { shape: [batch * times, ...array.shape.slice(1)], values }] as const;
  });
  return {
    ...golden,
    batch: batch * times,
    mask: mask && Array.from({ length: times }, () => mask).flat(),
    arrays: Object.fromEntries(arrays),
  };
}

/** Upstream gradients `R_i` to feed in, and the arrays to expect for them. */
interface Expectation {
  upstream: GoldenArray[];
  arrays: Record<string, GoldenArray>;
  /** Batch and time of the outputs to leave out; see {@link expected}. */
  ignoreMaskedOutputs: boolean;
}

/**
 * What Keras 2.2.4 and TensorFlow.js give, from what Keras 3 gave.
 *
 * - Steps before the first unmasked one: Keras 3 outputs 0, the others the
 *   initial state h. So these outputs become h, and what flows into them flows
 *   on to h unchanged. Nothing else depends on them.
 * - Bidirectional with a mask and sequences: Keras 3 sets both directions' outputs at masked
 *   steps to 0, so that no gradient flows from there. Feeding no gradient into
 *   masked steps makes all gradients comparable; the outputs are compared at
 *   the other steps.
 */
export function expected(golden: LayerCase): Expectation {
  const { n_outputs, mask, config } = golden;
  const arrays = mapValues(golden.arrays, copy);
  const upstream = Array.from({ length: n_outputs }, (_, i) => arrays[`R_${i}`]!);
  const differs = (part: string) =>
    golden.keras2_difference?.some((reason) => reason.includes(part)) ?? false;

  if (mask !== null && differs('before the first unmasked')) {
    const h = arrays.initial_state_0!;
    for (const [row, steps] of mask.entries()) {
      const inOrder = config.go_backwards ? [...steps].reverse() : steps;
      const firstUsed = inOrder.indexOf(1);
      const leading = firstUsed === -1 ? golden.time : firstUsed;
      if (config.return_sequences) {
        for (let t = 0; t < leading; t++) showInitialState(row, row * golden.time + t);
      } else if (leading === golden.time) showInitialState(row, row);
    }

    function showInitialState(row: number, position: number): void {
      const state = h.values.subarray(row * golden.units, (row + 1) * golden.units);
      arrays.output_0!.values.set(state, position * golden.units);
      const gradient = arrays.grad_initial_state_0!.values;
      for (let unit = 0; unit < golden.units; unit++) {
        gradient[row * golden.units + unit]! +=
          upstream[0]!.values[position * golden.units + unit]!;
      }
    }
  }

  const zeroed = mask !== null && differs("zeroes each direction's output");
  if (zeroed) {
    const used = mask.flat();
    for (const { values, shape } of upstream) {
      if (shape.length < 3) continue; // a state has no steps
      for (let i = 0; i < values.length; i++) values[i]! *= used[Math.floor(i / shape[2]!)]!;
    }
  }
  return { upstream, arrays, ignoreMaskedOutputs: zeroed };
}

function copy({ shape, values }: GoldenArray): GoldenArray {
  return { shape, values: values.slice() };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
