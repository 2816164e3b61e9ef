/**
 * Runs a recurrent layer on the cases of test/golden/layers.json and compares
 * outputs, states and every gradient with what Keras computed.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect } from 'vitest';
import { openDoor, tf, type tfl } from '../../src/foundation/tensorflow.js';
import type { GoldenArray, LayerCase } from '../golden/read.js';
import { expected, lstmArguments } from './golden-cases.js';

export type Backend = 'cpu' | 'wasm';

/** The ways to compute a layer. Threads need more rows than most cases have, and three share few evenly. */
export const PATHS = [
  { backend: 'cpu', kernel: 'fused', threads: 1, repeat: 1 },
  { backend: 'cpu', kernel: 'fused', threads: 3, repeat: 5 },
  { backend: 'cpu', kernel: 'composed', threads: 1, repeat: 1 },
  { backend: 'wasm', kernel: 'fused', threads: 1, repeat: 1 },
  { backend: 'wasm', kernel: 'fused', threads: 3, repeat: 5 },
  { backend: 'wasm', kernel: 'composed', threads: 1, repeat: 1 },
] as const;

/** Make the layer under test: `tf.layers`, or ours with a `kernel`. */
export interface RecurrentFactories {
  lstm(args: tfl.LSTMLayerArgs): tfl.RNN;
  bidirectional(args: Parameters<typeof tfl.layers.bidirectional>[0]): tfl.layers.Layer;
}

/**
 * The tolerance is this times the largest magnitude in Keras' array. Keras'
 * own float32 noise stays below a quarter of it in every LSTM case, so that no
 * case needs more.
 */
const RELATIVE_TOLERANCE = 1e-5;

/**
 * Makes `backend` current.
 *
 * @param watchKernels Whether a kernel that leaves data behind throws. Stock Dense
 *   cannot bear it on wasm while it is differentiated: what it saves for the
 *   gradient is counted as left behind.
 */
export async function useBackend(backend: Backend, watchKernels = true): Promise<void> {
  openDoor();
  tf.env().set('IS_TEST', watchKernels);
  expect(await tf.setBackend(backend), `the backend ${backend} starts`).toBe(true);
  await tf.ready();
}

/** Tensors, and the data that the backend holds for them. */
export function memoryInUse() {
  return { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
}

/** The layer of a case, wrapped in Bidirectional where the case asks for it. */
function makeLayer(golden: LayerCase, factories: RecurrentFactories): tfl.layers.Layer {
  const layer = factories.lstm(lstmArguments(golden));
  if (golden.config.wrapper === null) return layer;
  // Keras' null for "do not merge" is a string union without null in TensorFlow.js.
  const mergeMode = golden.config.merge_mode as 'concat';
  return factories.bidirectional({ layer, mergeMode });
}

/**
 * Checks one case: the biases that the layer starts with, then outputs and
 * gradients with Keras' weights, and that no tensor is left over.
 *
 * @param leaveOut Arrays that the layer is known not to give.
 */
export async function expectAgreement(
  golden: LayerCase,
  factories: RecurrentFactories,
  leaveOut: string[] = [],
): Promise<void> {
  const before = memoryInUse();
  const layer = makeLayer(golden, factories);
  const input = toTensor(golden.arrays.input!);
  tf.tidy(() => void layer.apply(input)); // the first call builds the weights
  tf.dispose(input);
  await expectInitialBias(golden, layer);

  const expectation = expected(golden);
  const measured = await measure(golden, layer, expectation.upstream, leaveOut);
  for (const name of Object.keys(golden.scale)) {
    if (leaveOut.includes(name)) continue;
    const { shape, values } = expectation.arrays[name]!;
    const received = measured[name];
    expect(received?.shape, `the shape of ${name}`).toEqual(shape);
    const ignore =
      shape.length === 3 && name.startsWith('output') && expectation.ignoreMaskedOutputs
        ? golden.mask
        : null;
    expectClose(name, received!, { shape, values }, (i) => {
      const step = Math.floor(i / shape.at(-1)!);
      return ignore?.flat()[step] === 0;
    });
  }
  layer.dispose();
  expect(memoryInUse(), 'tensors left over').toEqual(before);
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

/** The name of the kernel that runs two layers, one in each direction, given that of one of them. */
export const bothOf = (kernel: string) => kernel.replace('Recurrent', 'Bidirectional');
