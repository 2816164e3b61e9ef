/**
 * x less its mean, over its deviation, times gamma, plus beta: over each row, as layer normalization
 * has it (Ba et al. 2016), or over each column, as batch normalization has it (Ioffe & Szegedy 2015).
 * TensorFlow.js broadcasts the moments element by element. Twin: `normalizeComposed` below.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { momentsOf, type NormalizeSettings, normalized, sums } from './normalize-forward.js';

// By two names, since TensorFlow.js saves inputs for the gradient by a list of those that are there.
const PLAIN = 'RecurrentNormalize';
const SCALED = 'RecurrentNormalizeScaled';
const BACKWARD = 'RecurrentNormalizeGradient';

/** What is normalized. */
export interface NormalizeInputs {
  /** [..., columns] */
  x: tf.Tensor;
  /** [columns]; 1 where left out */
  gamma?: tf.Tensor1D;
  /** [columns]; 0 where left out */
  beta?: tf.Tensor1D;
}

/** What comes out; the moments: [rows] or [columns]. */
export interface Normalized {
  y: tf.Tensor;
  mean: tf.Tensor;
  variance: tf.Tensor;
}

/** Normalizes. Nothing flows back through the moments that are returned. */
export function normalize(inputs: NormalizeInputs, settings: NormalizeSettings): Normalized {
  register();
  const { x, ...others } = inputs;
  const [y, mean, variance] = runKernel<tf.Tensor[]>(
    inputs.gamma ? SCALED : PLAIN,
    { x: asFloats(x), ...others },
    { ...settings, hasBeta: inputs.beta !== undefined },
  );
  return { y: y!, mean: mean!, variance: variance! };
}

/** What comes back from `dy`, the gradient of what {@link normalize} returned as `y`. */
export function normalizeGradients(
  { x, gamma, beta }: NormalizeInputs,
  settings: NormalizeSettings,
  dy: tf.Tensor,
): { x: tf.Tensor; gamma?: tf.Tensor; beta?: tf.Tensor } {
  register();
  const inputs = { x: asFloats(x), dy, ...(gamma && { gamma }) };
  const [dx, dGamma, dBeta] = runKernel<tf.Tensor[]>(BACKWARD, inputs, settings);
  return { x: dx!, ...(gamma && { gamma: dGamma! }), ...(beta && { beta: dBeta! }) };
}

/** The same values in operations that every backend has. */
export function normalizeComposed(
  { x, gamma, beta }: NormalizeInputs,
  { over, epsilon }: NormalizeSettings,
): Normalized {
  const axes = over === 'rows' ? [x.rank - 1] : x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes, true);
  const hat = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
  const scaled = gamma ? tf.mul(hat, gamma) : hat;
  const flat = (moment: tf.Tensor) => tf.reshape(moment, [moment.size]);
  return { y: beta ? tf.add(scaled, beta) : scaled, mean: flat(mean), variance: flat(variance) };
}

interface Attributes extends NormalizeSettings {
  hasBeta: boolean;
}

const register = registerKernels({
  kernels: { [PLAIN]: forward, [SCALED]: forward, [BACKWARD]: backward },
  gradients: [
    { kernelName: PLAIN, inputsToSave: ['x'], gradFunc: gradient },
    { kernelName: SCALED, inputsToSave: ['x', 'gamma'], gradFunc: gradient },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('normalize', "build the layer with kernel: 'composed'"),
    },
  ],
});

function gradient(
  dys: tf.Tensor | tf.Tensor[],
  [x, gamma]: tf.Tensor[],
  attributes: object,
): Record<string, () => tf.Tensor> {
  const { hasBeta, ...settings } = attributes as Attributes;
  // Of beta it matters only whether there is one.
  const inputs = { x, ...(gamma && { gamma }), ...(hasBeta && { beta: x }) } as NormalizeInputs;
  const gradients = normalizeGradients(inputs, settings, (dys as tf.Tensor[])[0]!);
  return Object.fromEntries(Object.entries(gradients).map(([name, d]) => [name, () => d]));
}

function forward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  settings: Attributes,
): tf.TensorInfo[] {
  const { y, moments } = normalized(call, inputs, settings);
  const { mean, variance } = moments;
  const outputs = [mean, variance].map((moment) =>
    call.outputOf(Float32Array.from(moment), [moment.length]),
  );
  return [y, ...outputs];
}

function backward(
  call: KernelCall,
  { x, dy, gamma }: Record<string, tf.TensorInfo>,
  { over, epsilon }: NormalizeSettings,
): tf.TensorInfo[] {
  const columns = x!.shape.at(-1)!;
  const dx = call.output(x!.shape);
  const [dGamma, dBeta] = [call.output([columns]), call.output([columns])];
  const [values, slopes, gammas] = floatsOf(call, x!, dy!, ...(gamma ? [gamma] : []));
  const { mean, variance, count } = momentsOf(values, columns, over);
  const inverse = variance.map((square) => 1 / Math.sqrt(square + epsilon));
  const size = values.length;
  const scale = (i: number) => (gammas ? gammas[i % columns]! : 1);
  const hat = (i: number, group: number) => (values[i]! - mean[group]!) * inverse[group]!;
  // What comes back to the normalized values, summed up, and summed up times those.
  const ofMean = sums(size, columns, over, (i) => slopes[i]! * scale(i));
  const ofHat = sums(size, columns, over, (i, group) => slopes[i]! * scale(i) * hat(i, group));
  const out = call.runtime.memory.floats(dx.address, size);
  const ofGamma = new Float64Array(columns);
  const ofBeta = new Float64Array(columns);
  for (let i = 0, row = 0; i < size; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const group = over === 'rows' ? row : column;
      const normal = hat(i, group);
      const slope = slopes[i]!;
      ofGamma[column] = ofGamma[column]! + slope * normal;
      ofBeta[column] = ofBeta[column]! + slope;
      const rest = (ofMean[group]! + normal * ofHat[group]!) / count;
      out[i] = inverse[group]! * (slope * (gammas ? gammas[column]! : 1) - rest);
    }
  }
  call.runtime.memory.floats(dGamma.address, columns).set(ofGamma);
  call.runtime.memory.floats(dBeta.address, columns).set(ofBeta);
  return [dx.tensor, dGamma.tensor, dBeta.tensor];
}
