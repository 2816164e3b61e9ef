/**
 * Activations as TensorFlow.js computes them on its cpu backend, to the bit: each of its operations
 * rounds to 32 bits.
 */
import {
  ELEMENTWISE,
  type ElementwiseName,
  forward as elementwise,
} from '../../kernels/activations/elementwise-jobs.js';
import { forward as softmax } from '../../kernels/activations/softmax-jobs.js';
import { computed, type Run, type Tensor } from '../run.js';
import type { Layer } from './layer.js';

const { abs, exp, fround, log, max, min, sign, sqrt, tanh } = Math;

const relu = (x: number) => max(0, x);
const sigmoid = (x: number) => 1 / (1 + exp(-x));

const SELU_ALPHA = 1.7580993408473768;
const SELU_SCALE = 1.0507009873554805;

// Where e^x alone, or x alone, is the result in 32 bits.
const FAR = -(log(1.1920928955078125e-7) + 2);

function softplus(x: number): number {
  if (x < -FAR) return exp(x);
  return x > FAR ? x : log(1 + exp(x));
}

// Abramowitz & Stegun 1964, 7.1.26.
function erf(x: number): number {
  const v = abs(x);
  const t = 1 / (1 + 0.3275911 * v);
  const sum = (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t;
  return sign(x) * (1 - (sum + 0.254829592) * t * exp(-v * v));
}

const ROOT_OF_TWO = fround(sqrt(2));

function gelu(x: number): number {
  const part = fround(erf(fround(x / ROOT_OF_TWO)));
  return x * fround(0.5 * fround(1 + part));
}

/** Of single values, by the names of tf.layers. What is rounded again at the end is not rounded here. */
const OF_VALUES: Readonly<Record<string, (x: number) => number>> = {
  elu: (x) => (x >= 0 ? x : exp(x) - 1),
  gelu,
  hardSigmoid: (x) => min(1, max(0, fround(0.5 + fround(fround(0.2) * x)))),
  mish: (x) => x * fround(tanh(fround(softplus(x)))),
  relu6: (x) => min(6, relu(x)),
  selu: (x) => (x >= 0 ? SELU_SCALE * x : SELU_ALPHA * (exp(x) - 1)),
  softplus,
  softsign: (x) => x / fround(abs(x) + 1),
  swish: (x) => fround(sigmoid(x)) * x,
};

/** An activation of a tensor. */
export type Activation = (run: Run, x: Tensor) => Tensor;

/** A function of every value. */
export function ofValues(f: (x: number) => number): Activation {
  return (run, x) =>
    computed(run, x.shape, [x], (out, values) => {
      for (let i = 0; i < out.length; i++) out[i] = f(values![i]!);
    });
}

/** The activation of a name; the layer is refused where it is not known. */
export function activationOf(layer: Layer, name: unknown = 'linear'): Activation {
  if (name === null || name === 'linear') return (_, x) => x;
  if (name === 'softmax') return (run, x) => softmax(run, { x }) as Tensor;
  if (Object.hasOwn(ELEMENTWISE, name as string)) {
    return (run, x) => elementwise(run, { x }, { name: name as ElementwiseName }) as Tensor;
  }
  if (Object.hasOwn(OF_VALUES, name as string)) return ofValues(OF_VALUES[name as string]!);
  if (name === 'logSoftmax') return ofRows(logSoftmaxOfRow);
  return layer.refuse('has an activation that is not known', name);
}

/** A function of every row of the last axis, which changes it. */
function ofRows(change: (row: Float32Array) => void): Activation {
  return (run, x) =>
    computed(run, x.shape, [x], (out, values) => {
      out.set(values!);
      eachRow(out, x.shape.at(-1)!, change);
    });
}

function eachRow(values: Float32Array, width: number, change: (row: Float32Array) => void): void {
  for (let at = 0; at < values.length; at += width) change(values.subarray(at, at + width));
}

/** The softmax of a row, which takes its place. */
export function softmaxOfRow(row: Float32Array): void {
  const most = row.reduce((a, b) => max(a, b));
  row.forEach((value, i) => {
    row[i] = exp(fround(value - most));
  });
  const sum = fround(row.reduce((a, b) => a + b));
  row.forEach((value, i) => {
    row[i] = value / sum;
  });
}

function logSoftmaxOfRow(row: Float32Array): void {
  const most = row.reduce((a, b) => max(a, b));
  let sum = 0;
  row.forEach((value, i) => {
    row[i] = value - most;
    sum += fround(exp(row[i]!));
  });
  const logarithm = fround(log(fround(sum)));
  row.forEach((value, i) => {
    row[i] = value - logarithm;
  });
}

/** An activation of rows of a width; it changes what it is given, and returns it. */
export type InPlace = (values: Float32Array, width: number) => Float32Array;

// Of cells without kernels, which TensorFlow.js alone computes.
const OF_CELLS: typeof OF_VALUES = { ...OF_VALUES, linear: (x) => x, relu, sigmoid, tanh };

/** The activation of a cell whose steps have no kernel; the layer is refused where it is not known. */
export function inPlaceOf(layer: Layer, name: unknown): InPlace {
  const known = String(name ?? 'linear');
  if (known === 'softmax' || known === 'logSoftmax') {
    const ofRow = known === 'softmax' ? softmaxOfRow : logSoftmaxOfRow;
    return (values, width) => {
      eachRow(values, width, ofRow);
      return values;
    };
  }
  if (!Object.hasOwn(OF_CELLS, known)) layer.refuse('has an activation that is not known', name);
  const ofValue = OF_CELLS[known]!;
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = ofValue(values[i]!);
    return values;
  };
}
