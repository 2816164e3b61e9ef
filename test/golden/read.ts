/**
 * Reads what real Keras computed: layers.json and training.json with the
 * binary file beside each. The JSON says where in the binary an array lies.
 */
import { readFileSync } from 'node:fs';

/** Where an array lies in the binary: little-endian float32, C order. */
export interface ArrayPlace {
  /** In bytes. */
  offset: number;
  shape: number[];
}

/** A float32 array of Keras's. */
export interface GoldenArray {
  shape: number[];
  values: Float32Array;
}

/** The arguments that Keras was given, in its own names. */
export interface LayerConfig {
  layer: 'LSTM' | 'GRU' | 'SimpleRNN';
  wrapper: 'Bidirectional' | null;
  units: number;
  activation: 'tanh' | 'relu';
  recurrent_activation?: 'sigmoid' | 'hard_sigmoid_keras2' | 'hard_sigmoid_keras3';
  use_bias: boolean;
  unit_forget_bias?: boolean;
  reset_after?: boolean;
  return_sequences: boolean;
  return_state: boolean;
  go_backwards: boolean;
  merge_mode?: 'concat' | 'sum' | 'ave' | 'mul' | null;
  /** Keras 3's own addition; null leaves it as Keras 3 sets it. */
  zero_output_for_mask?: boolean | null;
}

/** One layer, run forward and backward by Keras. */
export interface LayerCase {
  name: string;
  tags: string[];
  config: LayerConfig;
  batch: number;
  time: number;
  features: number;
  units: number;
  /** [batch][time], 1 = use this step, 0 = skip it. */
  mask: (0 | 1)[][] | null;
  weights_source: 'random' | 'keras_init';
  /** The biases as Keras created them; null where they are long. */
  initial_bias: number[][] | null;
  /** Keras' order. */
  weight_names: string[];
  n_initial_states: number;
  n_outputs: number;
  /** The largest difference between Keras in float32 and in float64, per array. */
  noise: Record<string, number>;
  /** The largest magnitude, per array. */
  scale: Record<string, number>;
  /** Why Keras 2.2.4 and TensorFlow.js give something else. */
  keras2_difference: string[] | null;
  /** `input`, the weights, `initial_state_i`, `output_i`, `R_i` and `grad_…`. */
  arrays: Record<string, GoldenArray>;
}

/** Eight steps of training by Keras. */
export interface TrainingRun {
  /** INIT/MASK/OPTIMIZER. */
  name: string;
  initial_weights: 'keras_default' | 'scaled';
  mask_zero: boolean;
  inputs: 'plain' | 'padded';
  optimizer: 'adam' | 'adam_dense' | 'adam_dense_epsilon_tfjs' | 'sgd';
  /** The loss of each step's batch before its update. */
  loss_before: number[];
  /** The loss of the same batch right after the update. */
  loss_after: number[];
  noise_final_weights: number;
  noise_loss: number;
  gradients_step_1: Record<string, GoldenArray>;
  weights_after_step_1: Record<string, GoldenArray>;
  weights_final: Record<string, GoldenArray>;
  predictions_final: GoldenArray;
}

export interface TrainingFile {
  /** The names of the weights, in the model's order. */
  weightNames: string[];
  /** Token ids, [sample][time]. */
  inputs: Record<TrainingRun['inputs'], number[][]>;
  labels: number[];
  initialWeights: Record<TrainingRun['initial_weights'], Record<string, GoldenArray>>;
  runs: TrainingRun[];
}

type Places<T> = { [K in keyof T]: T[K] extends GoldenArray ? ArrayPlace : Places<T[K]> };

/** All 139 cases of layers.json. */
export function readLayerCases(): LayerCase[] {
  const { cases } = readJson<{ cases: Places<LayerCase>[] }>('layers.json');
  const arrayAt = openBinary('layers.bin');
  return cases.map((entry) => ({ ...(entry as unknown as LayerCase), arrays: all(entry.arrays) }));

  function all(places: Record<string, ArrayPlace>): Record<string, GoldenArray> {
    return mapValues(places, arrayAt);
  }
}

/** The 16 runs of training.json. */
export function readTraining(): TrainingFile {
  const file = readJson<{
    model: { weights: string[] };
    inputs: TrainingFile['inputs'];
    labels: number[];
    initial_weights: Places<TrainingFile['initialWeights']>;
    runs: Places<TrainingRun>[];
  }>('training.json');
  const arrayAt = openBinary('training.bin');
  return {
    weightNames: file.model.weights,
    inputs: file.inputs,
    labels: file.labels,
    initialWeights: {
      keras_default: mapValues(file.initial_weights.keras_default, arrayAt),
      scaled: mapValues(file.initial_weights.scaled, arrayAt),
    },
    runs: file.runs.map((run) => ({
      ...(run as unknown as TrainingRun),
      gradients_step_1: mapValues(run.gradients_step_1, arrayAt),
      weights_after_step_1: mapValues(run.weights_after_step_1, arrayAt),
      weights_final: mapValues(run.weights_final, arrayAt),
      predictions_final: arrayAt(run.predictions_final),
    })),
  };
}

/** A layer of attention, run forward and backward by Keras. */
export interface AttentionCase {
  layer: 'Attention' | 'AdditiveAttention';
  config: { use_scale?: boolean; score_mode?: 'dot' | 'concat' };
  causal: boolean;
  /** Of query and value, [batch][steps], 1 = use this step. */
  masks: ((0 | 1)[][] | null)[] | null;
  /** Query, value and, where there is one of its own, key. */
  inputs: GoldenArray[];
  weights: GoldenArray[];
  weight_names: string[];
  /** What the gradients begin with, of the output and the scores. */
  upstream: GoldenArray[];
  /** The output and the scores. */
  outputs: GoldenArray[];
  /** Of the inputs, then of the weights. */
  gradients: GoldenArray[];
}

/** The 30 cases of attention.json. */
export function readAttentionCases(): AttentionCase[] {
  const { cases } = readJson<{ cases: Places<AttentionCase>[] }>('attention.json');
  const arrayAt = openBinary('attention.bin');
  return cases.map((entry) => {
    const one = entry as unknown as AttentionCase & Record<(typeof LISTS)[number], ArrayPlace[]>;
    return { ...one, ...Object.fromEntries(LISTS.map((name) => [name, one[name].map(arrayAt)])) };
  });
}

const LISTS = ['inputs', 'weights', 'upstream', 'outputs', 'gradients'] as const;

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function openBinary(name: string): (place: ArrayPlace) => GoldenArray {
  const bytes = readFileSync(new URL(name, import.meta.url));
  return ({ offset, shape }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const values = Float32Array.from({ length: size }, (_, i) => bytes.readFloatLE(offset + 4 * i));
    return { shape, values };
  };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
