/**
 * Runs a recurrent layer on a case of test/golden/layers.json: what it gives beside what Keras gave.
 * A page runs it, too, so it needs neither Node nor the test runner.
 */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { GoldenArray, LayerCase } from '../golden/read.js';
import { expected, lstmArguments } from './golden-cases.js';

/** Make the layer under test: `tf.layers`, or ours with a `kernel`. */
export interface RecurrentFactories {
  lstm(args: tfl.LSTMLayerArgs): tfl.RNN;
  bidirectional(args: Parameters<typeof tfl.layers.bidirectional>[0]): tfl.layers.Layer;
}

/** An array of the layer's beside the same one of Keras'. */
interface Pair {
  name: string;
  /** Undefined where the layer gave none. */
  received: GoldenArray | undefined;
  keras: GoldenArray;
  /** Whether the number at a place is not compared. */
  ignored: (index: number) => boolean;
}

/** What a layer gave for a case. */
export interface GoldenRun {
  /** The biases that the layer starts with. */
  initialBias: number[][];
  /** Outputs, states and gradients, with Keras' weights. */
  arrays: Pair[];
}

/** Where two arrays differ most. */
export interface Difference {
  /** Numbers of the place, one a dimension. */
  place: number[];
  received: number;
  keras: number;
  /** NaN where the layer gave NaN. */
  size: number;
  tolerance: number;
}

/**
 * The tolerance is this times the largest magnitude in Keras' array. Keras'
 * own float32 noise stays below a quarter of it in every LSTM case, so that no
 * case needs more.
 */
const RELATIVE_TOLERANCE = 1e-5;

/**
 * Runs a layer forward and backward; it is gone afterwards.
 *
 * @param leaveOut Arrays that the layer is known not to give.
 */
export async function runGoldenCase(
  golden: LayerCase,
  factories: RecurrentFactories,
  leaveOut: string[] = [],
): Promise<GoldenRun> {
  const layer = makeLayer(golden, factories);
  const input = toTensor(golden.arrays.input!);
  tf.tidy(() => void layer.apply(input)); // the first call builds the weights
  tf.dispose(input);
  const initialBias = await biasesOf(golden, layer);

  const expectation = expected(golden);
  const measured = await measure(golden, layer, expectation.upstream, leaveOut);
  const names = Object.keys(golden.scale).filter((name) => !leaveOut.includes(name));
  const arrays = names.map((name): Pair => {
    const keras = expectation.arrays[name]!;
    const isSequence = keras.shape.length === 3 && name.startsWith('output');
    const mask = isSequence && expectation.ignoreMaskedOutputs ? golden.mask!.flat() : null;
    return {
      ...{ name, received: measured[name], keras },
      ignored: (i) => mask?.[Math.floor(i / keras.shape.at(-1)!)] === 0,
    };
  });
  layer.dispose();
  return { initialBias, arrays };
}

/** The names of the backend's kernels that the layer of a case runs forward. */
export async function kernelsOf(
  golden: LayerCase,
  factories: RecurrentFactories,
): Promise<string[]> {
  const layer = makeLayer(golden, factories);
  const input = toTensor(golden.arrays.input!);
  tf.tidy(() => void layer.apply(input));
  const { kernelNames } = await tf.profile(() => tf.tidy(() => void layer.apply(input)));
  input.dispose();
  layer.dispose();
  return kernelNames;
}

/** Tensors, and the data that the backend holds for them. */
export function memoryInUse() {
  return { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
}

/** The largest difference between two arrays of one shape. */
export function furthest(
  received: GoldenArray,
  { shape, values }: GoldenArray,
  ignored: (index: number) => boolean = () => false,
): Difference {
  let worst = 0;
  let size = -1;
  for (let i = 0; i < values.length; i++) {
    if (ignored(i)) continue;
    const here = Math.abs(received.values[i]! - values[i]!);
    // Not `>`: a difference of NaN must win.
    if (!(here <= size)) [worst, size] = [i, here];
    if (Number.isNaN(here)) break;
  }
  return {
    ...{ place: placeOf(worst, shape), size, tolerance: RELATIVE_TOLERANCE * largest(values) },
    ...{ received: received.values[worst]!, keras: values[worst]! },
  };
}

/** A difference as a sentence. */
export function sayDifference(
  name: string,
  { place, received, keras, size, tolerance }: Difference,
): string {
  return (
    `${name}[${place.join(', ')}] is ${received}, Keras has ${keras}: ` +
    `they differ by ${size.toExponential(2)}, tolerance ${tolerance.toExponential(2)}`
  );
}

export function toTensor({ shape, values }: GoldenArray): tf.Tensor {
  return tf.tensor(values, shape, 'float32');
}

/** The layer of a case, wrapped in Bidirectional where the case asks for it. */
function makeLayer(golden: LayerCase, factories: RecurrentFactories): tfl.layers.Layer {
  const layer = factories.lstm(lstmArguments(golden));
  if (golden.config.wrapper === null) return layer;
  // Keras' null for "do not merge" is a string union without null in TensorFlow.js.
  const mergeMode = golden.config.merge_mode as 'concat';
  return factories.bidirectional({ layer, mergeMode });
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

async function biasesOf(golden: LayerCase, layer: tfl.layers.Layer): Promise<number[][]> {
  const names = golden.weight_names;
  const biases = layer.getWeights().filter((_, i) => names[i]!.endsWith('bias'));
  return Promise.all(biases.map(async (bias) => [...(await bias.data())]));
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

function placeOf(index: number, shape: number[]): number[] {
  const place: number[] = [];
  for (const dimension of [...shape].reverse()) {
    place.unshift(index % dimension);
    index = Math.floor(index / dimension);
  }
  return place;
}
