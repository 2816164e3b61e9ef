/**
 * Runs a recurrent layer on the cases of test/golden/layers.json and compares
 * outputs, states and every gradient with what Keras computed.
 *
 * Keras 3 departs from Keras 2.2.4 and TensorFlow.js in a few cases, marked
 * `keras2_difference`; we follow the latter. {@link expected} turns Keras 3's
 * numbers into theirs, so that these cases are checked as well.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect } from 'vitest';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import type { GoldenArray, LayerCase } from '../golden/read.js';

export type Backend = 'cpu' | 'wasm';

/** Makes the layer under test: `tf.layers.lstm`, or ours with a `kernel`. */
export type LstmFactory = (args: tfl.LSTMLayerArgs) => tfl.layers.Layer;

/**
 * The tolerance is this times the largest magnitude in Keras' array. Keras'
 * own float32 noise stays below a quarter of it in every LSTM case, so that no
 * case needs more.
 */
export const RELATIVE_TOLERANCE = 1e-5;

/** Makes `backend` current. Kernels that leave a tensor behind throw from here on. */
export async function useBackend(backend: Backend): Promise<void> {
  openDoor();
  tf.env().set('IS_TEST', true);
  expect(await tf.setBackend(backend), `the backend ${backend} starts`).toBe(true);
  await tf.ready();
}

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

/** The layer of a case, wrapped in Bidirectional where the case asks for it. */
export function makeLayer(golden: LayerCase, lstm: LstmFactory): tfl.layers.Layer {
  const layer = lstm(lstmArguments(golden)) as tfl.RNN;
  if (golden.config.wrapper === null) return layer;
  // Keras' null for "do not merge" is a string union without null in TensorFlow.js.
  const mergeMode = golden.config.merge_mode as 'concat';
  return tfl.layers.bidirectional({ layer, mergeMode });
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
    for (const { values, shape } of upstream.slice(0, 1)) {
      for (let i = 0; i < values.length; i++) values[i]! *= used[Math.floor(i / shape[2]!)]!;
    }
  }
  return { upstream, arrays, ignoreMaskedOutputs: zeroed };
}

/** The names of the arrays that a case compares. */
export function comparedArrays(golden: LayerCase): string[] {
  return Object.keys(golden.arrays).filter((name) => /^(output_|grad_)/.test(name));
}

/**
 * Checks one case: the biases that the layer starts with, then outputs and
 * gradients with Keras' weights, and that no tensor is left over.
 *
 * @param leaveOut Arrays that the layer is known not to give.
 */
export async function expectAgreement(
  golden: LayerCase,
  lstm: LstmFactory,
  leaveOut: string[] = [],
): Promise<void> {
  const tensorsBefore = tf.memory().numTensors;
  const layer = makeLayer(golden, lstm);
  const input = toTensor(golden.arrays.input!);
  tf.tidy(() => void layer.apply(input)); // the first call builds the weights
  tf.dispose(input);
  await expectInitialBias(golden, layer);

  const expectation = expected(golden);
  const measured = await measure(golden, layer, expectation.upstream, leaveOut);
  for (const name of comparedArrays(golden)) {
    if (leaveOut.includes(name)) continue;
    const { shape, values } = expectation.arrays[name]!;
    const received = measured[name];
    expect(received?.shape, `the shape of ${name}`).toEqual(shape);
    const ignore = name === 'output_0' && expectation.ignoreMaskedOutputs ? golden.mask : null;
    expectClose(name, received!, { shape, values }, (i) => {
      const step = Math.floor(i / shape.at(-1)!);
      return ignore?.flat()[step] === 0;
    });
  }
  layer.dispose();
  expect(tf.memory().numTensors - tensorsBefore, 'tensors left over').toBe(0);
}

/** Fails with the place and size of the largest difference. */
export function expectClose(
  name: string,
  received: GoldenArray,
  { shape, values }: GoldenArray,
  ignored: (index: number) => boolean = () => false,
): void {
  const tolerance = RELATIVE_TOLERANCE * largest(values);
  let worst = -1;
  let difference = -1;
  for (let i = 0; i < values.length; i++) {
    if (ignored(i)) continue;
    const here = Math.abs(received.values[i]! - values[i]!);
    // Not `>`: a difference of NaN must win.
    if (!(here <= difference)) [worst, difference] = [i, here];
    if (Number.isNaN(here)) break;
  }
  if (difference <= tolerance) return;
  expect.fail(
    `${name}[${placeOf(worst, shape)}] is ${received.values[worst]}, Keras has ${values[worst]}: ` +
      `they differ by ${difference.toExponential(2)}, tolerance ${tolerance.toExponential(2)}`,
  );
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

export function toTensor({ shape, values }: GoldenArray): tf.Tensor {
  return tf.tensor(values, shape, 'float32');
}

async function expectInitialBias(golden: LayerCase, layer: tfl.layers.Layer): Promise<void> {
  if (golden.initial_bias === null) return;
  const names = golden.weight_names;
  const weights = layer.getWeights();
  expect(weights.length, 'number of weights').toBe(names.length);
  const biases = weights.filter((_, i) => names[i]!.endsWith('bias'));
  const values = await Promise.all(biases.map(async (bias) => [...(await bias.data())]));
  expect(values, 'the biases before training').toEqual(golden.initial_bias);
}

async function measure(
  golden: LayerCase,
  layer: tfl.layers.Layer,
  upstream: GoldenArray[],
  leaveOut: string[],
): Promise<Record<string, GoldenArray>> {
  const { arrays, weight_names, n_initial_states } = golden;
  const stateNames = Array.from({ length: n_initial_states }, (_, i) => `initial_state_${i}`);
  const variable = (name: string) => {
    const value = toTensor(arrays[name]!);
    const made = tf.variable(value);
    value.dispose();
    return made;
  };
  const weightValues = weight_names.map((name) => toTensor(arrays[name]!));
  layer.setWeights(weightValues);
  const input = variable('input');
  const states = stateNames.map(variable);
  const mask = golden.mask && tf.tensor2d(golden.mask, undefined, 'bool');
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const upstreamTensors = upstream.map(toTensor);

  const call = (x: tf.Tensor): tf.Tensor[] => {
    const initialState = states.length > 0 ? { initialState: states } : {};
    const output = layer.apply(x, { ...initialState, ...(mask && { mask }) });
    return (Array.isArray(output) ? output : [output]) as tf.Tensor[];
  };
  const outputs = tf.tidy(() => call(input));
  const loss = () => {
    const terms = call(input).map((output, i) => tf.sum(tf.mul(output, upstreamTensors[i]!)));
    return tf.addN(terms) as tf.Scalar;
  };

  const named = new Map<string, tf.Variable>([
    ['grad_input', input],
    ...stateNames.map((name, i) => [`grad_${name}`, states[i]!] as const),
    ...weight_names.map((name, i) => [`grad_${name}`, weights[i]!] as const),
  ]);
  for (const name of leaveOut) named.delete(name);
  const { value, grads } = tf.variableGrads(loss, [...named.values()]);

  const measured: Record<string, GoldenArray> = {};
  const keep = async (name: string, tensor: tf.Tensor) => {
    measured[name] = { shape: tensor.shape, values: (await tensor.data()) as Float32Array };
  };
  for (const [i, output] of outputs.entries()) await keep(`output_${i}`, output);
  for (const [name, { name: key }] of named) {
    if (grads[key] !== undefined) await keep(name, grads[key]);
  }
  const made = [value, input, states, mask ?? [], weightValues, upstreamTensors, outputs, grads];
  tf.dispose(made as tf.TensorContainer);
  return measured;
}

function placeOf(index: number, shape: number[]): string {
  const place: number[] = [];
  for (const dimension of [...shape].reverse()) {
    place.unshift(index % dimension);
    index = Math.floor(index / dimension);
  }
  return place.join(', ');
}

function copy({ shape, values }: GoldenArray): GoldenArray {
  return { shape, values: values.slice() };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
